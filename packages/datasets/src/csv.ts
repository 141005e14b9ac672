// The public face of `@ostinato/datasets/csv`: time series from the user's own files.
export { readCsvSeries } from './readers/csv.ts'
export type { CsvOptions, CsvSeries } from './readers/csv.ts'
export type { DateFormat } from './readers/dates.ts'
export type { GapPolicy } from './readers/gaps.ts'
