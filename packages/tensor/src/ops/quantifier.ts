// Whether any or all elements over axes are true.
import { fail } from '../errors.ts'
import { record } from '../record.ts'
import { resolveAxes, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { addUp, finish, fold, keptShape, type ReducedAxes, type ReductionOptions } from './reduce.ts'

export interface QuantifierOperations {
  any: ReducedAxes
  all: ReducedAxes
}

/**
 * Whether at least one element over `axis` (default: all axes) is true; of no elements: false.
 * @throws ShapeError when an axis does not exist or is given twice, or `x` is not of type bool
 * @example
 * ```ts
 * import { any, tensor } from '@ostinato/tensor'
 * console.assert(String(any(tensor([[true, false], [false, false]]), { axis: 1 }).toArray()) === 'true,false')
 * ```
 */
export function any(x: Tensor<'bool'>, options: ReductionOptions = {}): Tensor<'bool'> {
  return quantify('any', x, options)
}

/**
 * Whether every element over `axis` (default: all axes) is true; of no elements: true.
 * @throws ShapeError when an axis does not exist or is given twice, or `x` is not of type bool
 * @example
 * ```ts
 * import { all, tensor } from '@ostinato/tensor'
 * console.assert(all(tensor([true, true])).item() === 1)
 * ```
 */
export function all(x: Tensor<'bool'>, options: ReductionOptions = {}): Tensor<'bool'> {
  return quantify('all', x, options)
}

function quantify(name: 'any' | 'all', x: Tensor<'bool'>, { axis, keepAxes = false }: ReductionOptions): Tensor<'bool'> {
  if (x.dtype !== 'bool') fail(name, `expected a bool tensor, got ${String(x.dtype)}: compare it with a value`)
  const axes = resolveAxes(name, axis, x.rank)
  const kept = keptShape(x.shape, axes)
  const counts = new Float64Array(sizeOf(kept))
  fold(addUp, x, { shape: kept, totals: counts })
  const needed = name === 'any' ? 1 : axes.reduce((count, reduced) => count * x.shape[reduced], 1)
  const out = new Uint8Array(counts.length)
  for (let i = 0; i < out.length; i++) out[i] = counts[i] >= needed ? 1 : 0
  return finish(record(name, [x], new Tensor(out, kept, 'bool'), { axes }), axes, keepAxes)
}
