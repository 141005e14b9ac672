// The order of axes, and axes of size 1: transpose, swapAxes, expandAxis, squeeze.
import { allocate, type DType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { record } from '../record.ts'
import { formatShape, resolveAxes, resolveAxis, stridesOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { reshape } from './layout.ts'
import { readStrided } from './strided.ts'

export interface AxesOperations {
  /** `axes[i]` is the axis of the input that becomes axis `i`. */
  transpose: { readonly axes: readonly number[] }
}

/**
 * `x` with its axes in another order: axis `i` of the result is axis `axes[i]` of `x`. Without `axes` their order is
 * reversed, which transposes a matrix.
 *
 * @throws ShapeError unless `axes` names each axis once
 * @example
 * ```ts
 * import { transpose, zeros } from '@ostinato/tensor'
 * const timeFirst = transpose(zeros([32, 100, 8]), [1, 0, 2])
 * console.assert(timeFirst.shape.join() === '100,32,8')
 * ```
 */
export function transpose<D extends DType>(x: Tensor<D>, axes?: readonly number[]): Tensor<D> {
  const order = axes?.map((axis) => resolveAxis('transpose', axis, x.rank)) ?? x.shape.map((_, i) => x.rank - 1 - i)
  if (order.length !== x.rank || new Set(order).size !== x.rank) {
    fail('transpose', `expected each of the ${x.rank} axes once, got ${formatShape(axes ?? order)}: the tensor is ${formatShape(x.shape)}`)
  }
  if (order.every((axis, i) => axis === i)) return x
  const strides = stridesOf(x.shape)
  const shape = order.map((axis) => x.shape[axis])
  const out = new Tensor(allocate(x.dtype, x.size), shape, x.dtype)
  readStrided(out.data, x.data, { shape, offset: 0, strides: order.map((axis) => strides[axis]) })
  return record('transpose', [x], out, { axes: order })
}

/** `x` with the axes `a` and `b` exchanged; negative ones count from the end. */
export function swapAxes<D extends DType>(x: Tensor<D>, a: number, b: number): Tensor<D> {
  const axes = x.shape.map((_, i) => i)
  const [first, second] = [resolveAxis('swapAxes', a, x.rank), resolveAxis('swapAxes', b, x.rank)]
  axes[first] = second
  axes[second] = first
  return transpose(x, axes)
}

/** `x` with a new axis of size 1, which is axis `axis` of the result (`-1`: the last). */
export function expandAxis<D extends DType>(x: Tensor<D>, axis: number): Tensor<D> {
  return reshape(x, x.shape.toSpliced(resolveAxis('expandAxis', axis, x.rank + 1), 0, 1))
}

/**
 * `x` without the axes given, or without any axis of size 1.
 * @throws ShapeError when an axis given is not of size 1
 */
export function squeeze<D extends DType>(x: Tensor<D>, axis?: number | readonly number[]): Tensor<D> {
  const axes = axis === undefined ? undefined : resolveAxes('squeeze', axis, x.rank)
  const wrong = axes?.find((i) => x.shape[i] !== 1)
  if (wrong !== undefined) {
    fail('squeeze', `expected an axis of size 1, got ${formatShape(x.shape)}: axis ${wrong} is ${x.shape[wrong]}`)
  }
  return reshape(x, x.shape.filter((n, i) => (axes ? !axes.includes(i) : n !== 1)))
}
