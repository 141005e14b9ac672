// Sums over axes.
import { allocate, type DataOf, type NumericDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { record } from '../record.ts'
import { broadcastShapes, formatShape, resolveAxes, sameShape, sizeOf, type Shape } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { forEachRun } from './broadcast.ts'
import { reshape } from './layout.ts'

export interface ReductionOperations {
  sumTo: { readonly shape: Shape }
}

/** Which axes a reduction runs over, and whether they stay with size 1. */
export interface ReductionOptions {
  /** One axis or several, negative from the end; absent: all. */
  readonly axis?: number | readonly number[]
  /** Keep reduced axes with size 1. Default false. */
  readonly keepAxes?: boolean
}

/**
 * Sums over the axes that stretching `shape` to `x.shape` repeats: the adjoint of `broadcastTo`.
 * @throws ShapeError when `shape` does not broadcast to `x.shape`
 */
export function sumTo<D extends NumericDType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  if (sameShape(x.shape, shape)) return x
  if (!sameShape(broadcastShapes('sumTo', shape, x.shape), x.shape)) {
    fail('sumTo', `expected a shape that stretches to ${formatShape(x.shape)}, got ${formatShape(shape)}`)
  }
  const out = new Tensor(allocate(x.dtype, sizeOf(shape)), shape, x.dtype)
  forEachRun<DataOf<NumericDType>, DataOf<NumericDType>>(accumulate, { out: x.data, a: out.data, b: x.data }, { out: x.shape, a: shape, b: x.shape })
  return record('sumTo', [x], out, { shape })
}

// Walks x ("out" of the walk) and adds each value to where it came from: "a" is the result here. A run that falls on one
// place is summed in float64 first.
const accumulate = (run: { out: DataOf<NumericDType>; a: DataOf<NumericDType>; count: number; at: number; aAt: number; aStep: number }) => {
  const { out: x, a: sum, count, at, aAt, aStep } = run
  if (aStep === 0) {
    let total = 0
    for (let i = 0; i < count; i++) total += x[at + i]
    sum[aAt] += total
  } else for (let i = 0; i < count; i++) sum[aAt + i] += x[at + i]
}

/** The sum over `axis` (default: all axes). */
export function sum<D extends NumericDType>(x: Tensor<D>, { axis, keepAxes = false }: ReductionOptions = {}): Tensor<D> {
  const axes = resolveAxes('sum', axis, x.rank)
  const kept = x.shape.map((n, i) => (axes.includes(i) ? 1 : n))
  const total = sumTo(x, kept)
  return keepAxes ? total : reshape(total, kept.filter((_, i) => !axes.includes(i)))
}
