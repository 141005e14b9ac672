// The table of derivatives: every operation of `@ostinato/tensor` has its entry, checked by the compiler.
import { activation } from './activation.ts'
import { arithmetic } from './arithmetic.ts'
import { comparison } from './comparison.ts'
import { convolutions } from './convolution.ts'
import type { DerivativeTable } from './derivative.ts'
import { indexing } from './indexing.ts'
import { layout } from './layout.ts'
import { products } from './matmul.ts'
import { rearrange } from './rearrange.ts'
import { reduction } from './reduction.ts'
import { unary } from './unary.ts'

export const derivatives: DerivativeTable = {
  ...activation,
  ...arithmetic,
  ...comparison,
  ...convolutions,
  ...indexing,
  ...layout,
  ...products,
  ...rearrange,
  ...reduction,
  ...unary,
}
