// Sums and means over axes. Extremes and statistics have files of their own. All add up in float64.
import { sumRows } from '@ostinato/kernels'
import { allocate, isFloat, type DataOf, type FloatDType, type NumericDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { record } from '../record.ts'
import { broadcastShapes, formatShape, resolveAxes, sameShape, sizeOf, type Shape } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { checkFloat, checkNumeric } from './operand.ts'
import { addUp, countReduced, finish, fold, keptShape, type ReducedAxes, type ReductionOptions } from './reduce.ts'

type Floats = DataOf<FloatDType>

export interface ReductionOperations {
  sumTo: { readonly shape: Shape }
  mean: ReducedAxes
}

/**
 * Sums over the axes that stretching `shape` to `x.shape` repeats: the adjoint of `broadcastTo`.
 * @throws ShapeError when `shape` does not broadcast to `x.shape`
 * @example
 * ```ts
 * import { ones, sumTo } from '@ostinato/tensor'
 * console.assert(String(sumTo(ones([4, 3]), [3]).toArray()) === '4,4,4')
 * ```
 */
export function sumTo<D extends NumericDType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  checkNumeric('sumTo', x)
  if (sameShape(x.shape, shape)) return x
  if (!sameShape(broadcastShapes('sumTo', shape, x.shape), x.shape)) {
    fail('sumTo', `expected a shape that stretches to ${formatShape(x.shape)}, got ${formatShape(shape)}`)
  }
  const out = new Tensor(allocate(x.dtype, sizeOf(shape)), shape, x.dtype)
  if (isFloat(x.dtype) && out.size > 0 && repeatsRows(shape, x.shape)) {
    sumRows<Floats>(out.data as Floats, x.data as Floats, x.size / out.size, out.size)
  } else {
    const totals = new Float64Array(out.size)
    fold(addUp, x, { shape, totals })
    out.data.set(totals)
  }
  return record('sumTo', [x], out, { shape })
}

/** Whether stretching a shape repeats it as a whole: all axes but those that it ends with are new, or were 1. */
function repeatsRows(shape: Shape, stretched: Shape): boolean {
  const first = shape.findIndex((n) => n !== 1)
  return first >= 0 && sameShape(stretched.slice(first - shape.length), shape.slice(first))
}

/**
 * The sum over `axis` (default: all axes). Of no elements it is 0.
 * @throws ShapeError when an axis does not exist or is given twice, or `x` is of type bool
 * @example
 * ```ts
 * import { sum, tensor } from '@ostinato/tensor'
 * console.assert(String(sum(tensor([[1, 2], [3, 4]]), { axis: 0 }).toArray()) === '4,6')
 * ```
 */
export function sum<D extends NumericDType>(
  x: Tensor<D>,
  { axis, keepAxes = false }: ReductionOptions = {},
): Tensor<D> {
  checkNumeric('sum', x)
  const axes = resolveAxes('sum', axis, x.rank)
  return finish(sumTo(x, keptShape(x.shape, axes)), axes, keepAxes)
}

/**
 * The mean over `axis` (default: all axes).
 * @throws ShapeError when an axis does not exist or is given twice, there is nothing to average, or `x` is not of
 * floating-point type
 * @example
 * ```ts
 * import { mean, tensor } from '@ostinato/tensor'
 * console.assert(String(mean(tensor([[1, 2], [3, 4]]), { axis: 1 }).toArray()) === '1.5,3.5')
 * ```
 */
export function mean<D extends FloatDType>(x: Tensor<D>, { axis, keepAxes = false }: ReductionOptions = {}): Tensor<D> {
  checkFloat('mean', x)
  const axes = resolveAxes('mean', axis, x.rank)
  const count = countReduced('mean', x, axes)
  const kept = keptShape(x.shape, axes)
  const totals = new Float64Array(sizeOf(kept))
  fold(addUp, x, { shape: kept, totals })
  const out = new Tensor(allocate(x.dtype, totals.length), kept, x.dtype)
  for (let i = 0; i < totals.length; i++) out.data[i] = totals[i] / count
  return finish(record('mean', [x], out, { axes }), axes, keepAxes)
}
