// The part of `@ostinato/report` that needs a terminal.
export { terminalChart } from './chart.ts'
export type { TerminalChartOptions } from './chart.ts'
export { showProgress } from './progress.ts'
export type { ProgressOptions } from './progress.ts'
