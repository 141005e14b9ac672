// Types of examples.js.

export interface ExampleBlock {
  /** Relative to the package's folder. */
  readonly file: string
  /** The first line of code in that file, counted from 1. */
  readonly line: number
  readonly code: string
}
export interface WrittenExample {
  readonly file: string
  readonly line: number
  /** The module that was written. */
  readonly path: string
}
export declare function extractExamples(root: string, more?: readonly string[]): ExampleBlock[]
export declare function writeExamples(root: string, more?: readonly string[]): WrittenExample[]
