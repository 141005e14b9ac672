// The same values under another shape: reshape, broadcast. Nothing here computes.
import { allocate, type DataOf, type DType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { record } from '../record.ts'
import { broadcastShapes, checkShape, formatShape, sameShape, sizeOf, type Shape } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { copyRun, forEachRun } from './broadcast.ts'

export interface LayoutOperations {
  reshape: { readonly shape: Shape }
  broadcastTo: { readonly shape: Shape }
}

/**
 * The same values, row-major, under `shape`; one size may be `-1` and is worked out. Shares the data.
 * @throws ShapeError when the number of elements differs, or any size could stand for `-1`
 * @example
 * ```ts
 * import { range, reshape } from '@ostinato/tensor'
 * console.assert(reshape(range(0, 6), [2, -1]).shape.join() === '2,3')
 * ```
 */
export function reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  const target = inferSize(shape, x.size)
  checkShape('reshape', target)
  if (sizeOf(target) !== x.size) {
    fail('reshape', `expected a shape of ${x.size} elements, got ${formatShape(shape)}: the tensor is ${formatShape(x.shape)}`)
  }
  return record('reshape', [x], new Tensor(x.data, target, x.dtype), { shape: target })
}

function inferSize(shape: Shape, size: number): Shape {
  const open = shape.indexOf(-1)
  if (open < 0) return shape
  const known = sizeOf(shape.filter((_, i) => i !== open))
  if (known === 0 && size === 0) {
    fail('reshape', `expected sizes that say what -1 stands for, got ${formatShape(shape)} of no elements: any size would `
      + 'do; write it out')
  }
  return shape.map((n, i) => (i === open ? (known === 0 ? 0 : size / known) : n))
}

/**
 * `x` stretched to `shape`: axes are aligned at the end, sizes of 1 repeat.
 * @throws ShapeError when `x` does not broadcast to exactly `shape`
 * @example
 * ```ts
 * import { broadcastTo, tensor } from '@ostinato/tensor'
 * console.assert(String(broadcastTo(tensor([1, 2]), [2, 2]).toArray()) === '1,2,1,2')
 * ```
 */
export function broadcastTo<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  if (!sameShape(broadcastShapes('broadcastTo', x.shape, shape), shape)) {
    fail('broadcastTo', `expected a shape that ${formatShape(x.shape)} stretches to, got ${formatShape(shape)}`)
  }
  const out = new Tensor(allocate(x.dtype, sizeOf(shape)), shape, x.dtype)
  const shapes = { out: shape, a: x.shape, b: x.shape }
  forEachRun<DataOf<DType>, DataOf<DType>>(copyRun, { out: out.data, a: x.data, b: x.data }, shapes)
  return record('broadcastTo', [x], out, { shape })
}
