// The greatest and the least elements over axes, and where they are.
import { allocate, type DataOf, type DType, type NumericDType } from '../dtype.ts'
import { record } from '../record.ts'
import { resolveAxes, resolveAxis, sizeOf, type Shape } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { reshape } from './layout.ts'
import { checkNumeric } from './operand.ts'
import { countReduced, finish, fold, keptShape, type ReducedAxes, type ReductionLoop, type ReductionOptions } from './reduce.ts'

export interface ExtremeOperations {
  max: ReducedAxes
  min: ReducedAxes
  argmax: { readonly axis: number | undefined }
  argmin: { readonly axis: number | undefined }
}

/** Which axis to search. */
export interface ArgOptions {
  /** Negative from the end; absent: the whole tensor, row-major. */
  readonly axis?: number | undefined
  /** Keep the axis with size 1. Default false. */
  readonly keepAxes?: boolean | undefined
}

// NaN wins in all of these and stays: it is neither greater nor less than anything.
const greatest: ReductionLoop = ({ out: x, a: best, count, at, aAt, aStep }) => {
  if (aStep === 0) {
    let top = best[aAt]
    for (let i = 0; i < count; i++) {
      const value = x[at + i]
      if (value > top || value !== value) top = value
    }
    best[aAt] = top
  } else {
    for (let i = 0; i < count; i++) {
      const value = x[at + i]
      if (value > best[aAt + i] || value !== value) best[aAt + i] = value
    }
  }
}

const least: ReductionLoop = ({ out: x, a: best, count, at, aAt, aStep }) => {
  if (aStep === 0) {
    let bottom = best[aAt]
    for (let i = 0; i < count; i++) {
      const value = x[at + i]
      if (value < bottom || value !== value) bottom = value
    }
    best[aAt] = bottom
  } else {
    for (let i = 0; i < count; i++) {
      const value = x[at + i]
      if (value < best[aAt + i] || value !== value) best[aAt + i] = value
    }
  }
}

/** The greatest elements of `x` over the axes that `kept` has with size 1, in float64. */
export function greatestOver(x: Tensor<NumericDType>, kept: Shape): Float64Array {
  const best = new Float64Array(sizeOf(kept)).fill(-Infinity)
  fold(greatest, x, { shape: kept, totals: best })
  return best
}

function leastOver(x: Tensor<NumericDType>, kept: Shape): Float64Array {
  const best = new Float64Array(sizeOf(kept)).fill(Infinity)
  fold(least, x, { shape: kept, totals: best })
  return best
}

function extreme<D extends NumericDType>(name: 'max' | 'min', x: Tensor<D>, { axis, keepAxes = false }: ReductionOptions): Tensor<D> {
  checkNumeric(name, x)
  const axes = resolveAxes(name, axis, x.rank)
  countReduced(name, x, axes)
  const kept = keptShape(x.shape, axes)
  const best = name === 'max' ? greatestOver(x, kept) : leastOver(x, kept)
  const out = new Tensor(allocate(x.dtype, best.length), kept, x.dtype)
  out.data.set(best)
  return finish(record(name, [x], out, { axes }), axes, keepAxes)
}

/**
 * The greatest element over `axis` (default: all axes); NaN when there is one. Elements that tie share the gradient
 * equally.
 * @throws ShapeError when an axis does not exist or is given twice, there is no element, or `x` is of type bool
 * @example
 * ```ts
 * import { max, tensor } from '@ostinato/tensor'
 * console.assert(String(max(tensor([[1, 9], [3, 4]]), { axis: 1 }).toArray()) === '9,4')
 * ```
 */
export function max<D extends NumericDType>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return extreme('max', x, options)
}

/**
 * The least element over `axis` (default: all axes); NaN when there is one. Elements that tie share the gradient
 * equally.
 * @throws ShapeError when an axis does not exist or is given twice, there is no element, or `x` is of type bool
 * @example
 * ```ts
 * import { min, tensor } from '@ostinato/tensor'
 * console.assert(min(tensor([[1, 9], [3, 4]])).item() === 1)
 * ```
 */
export function min<D extends NumericDType>(x: Tensor<D>, options: ReductionOptions = {}): Tensor<D> {
  return extreme('min', x, options)
}

/**
 * The index of the greatest element along `axis`, or in the whole tensor: the first among equals; a NaN is the
 * greatest.
 * @throws ShapeError when the axis does not exist, there is no element, or `x` is of type bool
 * @example
 * ```ts
 * import { argmax, tensor } from '@ostinato/tensor'
 * const labels = argmax(tensor([[0.1, 0.9], [0.8, 0.2]]), { axis: -1 })
 * console.assert(labels.dtype === 'int32' && String(labels.toArray()) === '1,0')
 * ```
 */
export function argmax(x: Tensor<NumericDType>, options: ArgOptions = {}): Tensor<'int32'> {
  return arg('argmax', x, options)
}

/**
 * The index of the least element along `axis`, or in the whole tensor: the first among equals; a NaN is the least.
 * @throws ShapeError when the axis does not exist, there is no element, or `x` is of type bool
 * @example
 * ```ts
 * import { argmin, tensor } from '@ostinato/tensor'
 * console.assert(argmin(tensor([3, 1, 2])).item() === 1)
 * ```
 */
export function argmin(x: Tensor<NumericDType>, options: ArgOptions = {}): Tensor<'int32'> {
  return arg('argmin', x, options)
}

function arg(name: 'argmax' | 'argmin', x: Tensor<NumericDType>, { axis, keepAxes = false }: ArgOptions): Tensor<'int32'> {
  checkNumeric(name, x)
  const axes = axis === undefined ? resolveAxes(name, undefined, x.rank) : [resolveAxis(name, axis, x.rank)]
  const length = countReduced(name, x, axes)
  const kept = keptShape(x.shape, axes)
  const out = new Int32Array(sizeOf(kept))
  let inner = 1
  if (axis !== undefined) for (let i = axes[0] + 1; i < x.rank; i++) inner *= x.shape[i]
  search(out, x.data, length, inner, name === 'argmax')
  const indices = record(name, [x], new Tensor(out, kept, 'int32'), { axis: axis === undefined ? undefined : axes[0] })
  return keepAxes ? indices : reshape(indices, kept.filter((_, i) => !axes.includes(i)))
}

/** Over the middle axis of `x` `[outer, length, inner]`, into `out` `[outer, inner]`. */
function search(out: Int32Array, x: DataOf<DType>, length: number, inner: number, upwards: boolean): void {
  for (let i = 0; i < out.length; i++) {
    const start = Math.floor(i / inner) * length * inner + (i % inner)
    let best = x[start]
    let found = 0
    for (let j = 1, at = start + inner; j < length && best === best; j++, at += inner) {
      const value = x[at]
      if ((upwards ? value > best : value < best) || value !== value) {
        best = value
        found = j
      }
    }
    out[i] = found
  }
}
