// The part of `@ostinato/train` that needs Node: files, and Ctrl-C.
export { fileStore } from './file-store.ts'
export { interruptible } from './interruptible.ts'
export { TrainingLog } from './training-log.ts'
export type { LogFlow, LogPoint } from './training-log.ts'
export { writeWhole } from './write-whole.ts'
