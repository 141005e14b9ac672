// The table of derivatives: every operation of `@ostinato/tensor` has its entry, checked by the compiler.
import type { DerivativeTable } from './derivative.ts'
import { elementwise } from './elementwise.ts'
import { layout } from './layout.ts'

export const derivatives: DerivativeTable = { ...elementwise, ...layout }
