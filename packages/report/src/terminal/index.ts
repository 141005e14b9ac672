// The part of `@ostinato/report` that needs a terminal.
export { showProgress } from './progress.ts'
export type { ProgressOptions } from './progress.ts'
