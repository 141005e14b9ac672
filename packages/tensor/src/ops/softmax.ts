// Softmax over one axis and its logarithm.
import * as kernels from '@ostinato/kernels'
import { allocate, type DataOf, type FloatDType } from '../dtype.ts'
import { record } from '../record.ts'
import { resolveAxis } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { checkFloat } from './operand.ts'

export interface SoftmaxOperations {
  softmax: { readonly axis: number }
  logSoftmax: { readonly axis: number }
}

/** The axis that a function normalises over. */
export interface SoftmaxOptions {
  /** Negative from the end. Default -1, the last. */
  readonly axis?: number | undefined
}

type Floats = DataOf<FloatDType>
type Name = keyof SoftmaxOperations
type Kernel = (out: Floats, x: Floats, rows: number, columns: number) => void

/**
 * `exp(x) / sum(exp(x))` over `axis`, computed from `x - max(x)` so that nothing overflows. An axis that holds only
 * -Infinity, or any +Infinity or NaN, becomes NaN. Bridle 1990, "Probabilistic interpretation of feedforward
 * classification network outputs".
 * @throws ShapeError when `x` has no such axis or is not of floating-point type
 * @example
 * ```ts
 * import { softmax, tensor } from '@ostinato/tensor'
 * console.assert(String(softmax(tensor([[0, 0], [5, -Infinity]])).toArray()) === '0.5,0.5,1,0')
 * ```
 */
export function softmax<D extends FloatDType>(x: Tensor<D>, { axis = -1 }: SoftmaxOptions = {}): Tensor<D> {
  return along('softmax', kernels.softmax, x, axis)
}

/**
 * The logarithm of `softmax`, without its loss of precision: `x - logSumExp(x)` over `axis`.
 * @throws ShapeError when `x` has no such axis or is not of floating-point type
 * @example
 * ```ts
 * import { logSoftmax, tensor } from '@ostinato/tensor'
 * console.assert(Math.abs(logSoftmax(tensor([0, 0])).data[0] + Math.LN2) < 1e-6)
 * ```
 */
export function logSoftmax<D extends FloatDType>(x: Tensor<D>, { axis = -1 }: SoftmaxOptions = {}): Tensor<D> {
  return along('logSoftmax', kernels.logSoftmax, x, axis)
}

function along<D extends FloatDType>(name: Name, kernel: Kernel, x: Tensor<D>, axis: number): Tensor<D> {
  checkFloat(name, x)
  const at = resolveAxis(name, axis, x.rank)
  const columns = x.shape[at]
  const out = new Tensor(allocate(x.dtype, x.size), x.shape, x.dtype)
  let inner = 1
  for (let i = at + 1; i < x.rank; i++) inner *= x.shape[i]
  if (x.size > 0) {
    if (inner === 1) kernel(out.data, x.data, x.size / columns, columns)
    else {
      // The kernel wants the axis last.
      const rows = allocate(x.dtype, x.size)
      swap(rows, x.data, columns, inner)
      kernel(rows, rows, x.size / columns, columns)
      swap(out.data, rows, inner, columns)
    }
  }
  return record(name, [x], out, { axis: at })
}

/** `[outer, rows, columns]` to `[outer, columns, rows]`. */
function swap(to: Floats, from: Floats, rows: number, columns: number): void {
  const size = rows * columns
  for (let start = 0; start < from.length; start += size) {
    for (let r = 0, i = start; r < rows; r++) {
      for (let c = 0, w = start + r; c < columns; c++, i++, w += rows) to[w] = from[i]
    }
  }
}
