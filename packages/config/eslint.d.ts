// Types of eslint.js.
import type { Linter } from 'eslint'

export declare function houseConfig(root: string): Linter.Config[]
