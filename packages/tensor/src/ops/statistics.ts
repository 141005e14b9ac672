// Reductions that are more than a sum: variance, norm, log-sum-exp. Sums and means have a file of their own.
import { allocate, type FloatDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { record } from '../record.ts'
import { resolveAxes, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { greatestOver } from './extreme.ts'
import { checkFloat } from './operand.ts'
import {
  addUp,
  countReduced,
  finish,
  fold,
  keptShape,
  type ReducedAxes,
  type ReductionLoop,
  type ReductionOptions,
} from './reduce.ts'

export interface StatisticsOperations {
  variance: ReducedAxes & { readonly correction: number }
  norm: ReducedAxes
  logSumExp: ReducedAxes
}

/** What `variance` divides by. */
export interface VarianceOptions extends ReductionOptions {
  /** The sum of squares is divided by the number of elements less this. Default 1 (unbiased), as in PyTorch. */
  readonly correction?: number | undefined
}

const addSquares: ReductionLoop = ({ out: x, a: totals, count, at, aAt, aStep }) => {
  for (let i = 0; i < count; i++) totals[aAt + i * aStep] += x[at + i] * x[at + i]
}

const addSquaredDeviations: ReductionLoop = ({ out: x, a: totals, b: means, count, at, aAt, aStep }) => {
  for (let i = 0; i < count; i++) {
    const deviation = x[at + i] - means[aAt + i * aStep]
    totals[aAt + i * aStep] += deviation * deviation
  }
}

const addExponentials: ReductionLoop = ({ out: x, a: totals, b: shifts, count, at, aAt, aStep }) => {
  for (let i = 0; i < count; i++) totals[aAt + i * aStep] += Math.exp(x[at + i] - shifts[aAt + i * aStep])
}

/**
 * The variance over `axis` (default: all axes): `Σ (x - mean)² / (n - correction)`.
 * @throws ShapeError when an axis does not exist or is given twice, there are no more elements than `correction`, or
 * `x` is not of floating-point type
 * @example
 * ```ts
 * import { tensor, variance } from '@ostinato/tensor'
 * console.assert(variance(tensor([1, 3])).item() === 2)
 * console.assert(variance(tensor([1, 3]), { correction: 0 }).item() === 1)
 * ```
 */
export function variance<D extends FloatDType>(
  x: Tensor<D>,
  { axis, keepAxes = false, correction = 1 }: VarianceOptions = {},
): Tensor<D> {
  checkFloat('variance', x)
  const axes = resolveAxes('variance', axis, x.rank)
  const count = countReduced('variance', x, axes)
  if (count <= correction && x.size > 0) {
    fail('variance', `expected more than ${correction} elements to reduce, got ${count}: set the correction to 0 or reduce more`)
  }
  const kept = keptShape(x.shape, axes)
  const means = new Float64Array(sizeOf(kept))
  fold(addUp, x, { shape: kept, totals: means })
  for (let i = 0; i < means.length; i++) means[i] /= count
  const totals = new Float64Array(means.length)
  fold(addSquaredDeviations, x, { shape: kept, totals: totals, beside: means })
  const out = new Tensor(allocate(x.dtype, totals.length), kept, x.dtype)
  for (let i = 0; i < totals.length; i++) out.data[i] = totals[i] / (count - correction)
  return finish(record('variance', [x], out, { axes, correction }), axes, keepAxes)
}

/**
 * The Euclidean norm over `axis` (default: all axes): `√ Σ x²`. Its gradient where the norm is 0 is 0.
 * @throws ShapeError when an axis does not exist or is given twice, or `x` is not of floating-point type
 * @example
 * ```ts
 * import { norm, tensor } from '@ostinato/tensor'
 * console.assert(norm(tensor([3, 4])).item() === 5)
 * ```
 */
export function norm<D extends FloatDType>(x: Tensor<D>, { axis, keepAxes = false }: ReductionOptions = {}): Tensor<D> {
  checkFloat('norm', x)
  const axes = resolveAxes('norm', axis, x.rank)
  const kept = keptShape(x.shape, axes)
  const totals = new Float64Array(sizeOf(kept))
  fold(addSquares, x, { shape: kept, totals })
  const out = new Tensor(allocate(x.dtype, totals.length), kept, x.dtype)
  for (let i = 0; i < totals.length; i++) out.data[i] = Math.sqrt(totals[i])
  return finish(record('norm', [x], out, { axes }), axes, keepAxes)
}

/**
 * `ln Σ e^x` over `axis` (default: all axes), computed from `x - max(x)` so that nothing overflows. Of nothing but
 * -Infinity, or of no elements, it is -Infinity.
 * @throws ShapeError when an axis does not exist or is given twice, or `x` is not of floating-point type
 * @example
 * ```ts
 * import { logSumExp, tensor } from '@ostinato/tensor'
 * console.assert(Math.abs(logSumExp(tensor([1000, 1000])).item() - 1000 - Math.LN2) < 1e-4)
 * ```
 */
export function logSumExp<D extends FloatDType>(
  x: Tensor<D>,
  { axis, keepAxes = false }: ReductionOptions = {},
): Tensor<D> {
  checkFloat('logSumExp', x)
  const axes = resolveAxes('logSumExp', axis, x.rank)
  const kept = keptShape(x.shape, axes)
  const shifts = greatestOver(x, kept)
  // An infinite shift would give Infinity - Infinity.
  for (let i = 0; i < shifts.length; i++) if (!Number.isFinite(shifts[i])) shifts[i] = 0
  const totals = new Float64Array(shifts.length)
  fold(addExponentials, x, { shape: kept, totals: totals, beside: shifts })
  const out = new Tensor(allocate(x.dtype, totals.length), kept, x.dtype)
  for (let i = 0; i < totals.length; i++) out.data[i] = Math.log(totals[i]) + shifts[i]
  return finish(record('logSumExp', [x], out, { axes }), axes, keepAxes)
}
