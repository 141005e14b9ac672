// The part of `@ostinato/train` that needs Node: files.
export { fileStore } from './file-store.ts'
export { writeWhole } from './write-whole.ts'
