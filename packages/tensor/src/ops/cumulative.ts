// Running sums along an axis.
import { allocate, type DataOf, type NumericDType } from '../dtype.ts'
import { record } from '../record.ts'
import { resolveAxis, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import type { AlongAxisOption } from './gather.ts'

export interface CumulativeOperations {
  cumulativeSum: { readonly axis: number; readonly reverse: boolean }
}

/** How `cumulativeSum` runs. */
export interface CumulativeOptions extends AlongAxisOption {
  /** From the end of the axis to its start. Default false. */
  readonly reverse?: boolean
}

/**
 * `out_t = x_0 + … + x_t` along `axis` (reversed: `x_t + … + x_{n-1}`). Sums of floating-point numbers are kept in
 * float64.
 *
 * @example
 * ```ts
 * import { cumulativeSum, tensor } from '@ostinato/tensor'
 * console.assert(cumulativeSum(tensor([1, 2, 3])).data.join() === '1,3,6')
 * ```
 */
export function cumulativeSum<D extends NumericDType>(
  x: Tensor<D>,
  { axis = -1, reverse = false }: CumulativeOptions = {},
): Tensor<D> {
  const at = resolveAxis('cumulativeSum', axis, x.rank)
  const [outer, size, inner] = [sizeOf(x.shape.slice(0, at)), x.shape[at], sizeOf(x.shape.slice(at + 1))]
  const out = new Tensor(allocate(x.dtype, x.size), x.shape, x.dtype)
  const [source, target]: [DataOf<NumericDType>, DataOf<NumericDType>] = [x.data, out.data]
  const totals = new Float64Array(inner)
  for (let block = 0; block < outer; block++) {
    totals.fill(0)
    for (let i = 0; i < size; i++) {
      const row = (block * size + (reverse ? size - 1 - i : i)) * inner
      for (let j = 0; j < inner; j++) target[row + j] = totals[j] += source[row + j]
    }
  }
  return record('cumulativeSum', [x], out, { axis: at, reverse })
}
