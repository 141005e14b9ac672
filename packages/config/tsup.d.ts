// Types of tsup.js.
import type { Options } from 'tsup'

export declare function library(options?: Options): Options
