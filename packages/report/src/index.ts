// The public face of `@ostinato/report`. What needs a terminal is in `@ostinato/report/terminal`.
export { barChart, confusionChart, lineChart, palette } from './charts.ts'
export type { Bar, ChartLabels, Series } from './charts.ts'
export { htmlPage } from './page.ts'
export type { Figure, KeyFigure, Page, Sample, Section, Table } from './page.ts'
export { formatCount, formatDuration, formatPercent } from './format.ts'
