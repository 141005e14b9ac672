// Several tensors as one and one as several: concat, stack, split, unstack, tile.
import { allocate, isFloat, type DType, type FloatDType } from '../dtype.ts'
import { fail, ShapeError } from '../errors.ts'
import { record, recordCustom } from '../record.ts'
import { formatShape, resolveAxis, sameShape, sizeOf, stridesOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { zeros } from '../create.ts'
import { expandAxis, squeeze } from './axes.ts'
import { broadcastTo, reshape } from './layout.ts'
import { readStrided, writeStrided } from './strided.ts'

export interface JoinOperations {
  concat: { readonly axis: number }
}

/** Along which axis tensors are joined or parted. */
export interface AxisOption {
  /** Negative counts from the end. Default 0. */
  readonly axis?: number
}

/**
 * The tensors one after another along `axis`.
 *
 * @throws ShapeError when there are none, or their types or other axes differ
 * @example
 * ```ts
 * import { concat, tensor } from '@ostinato/tensor'
 * const x = concat([tensor([[1], [2]]), tensor([[3, 4], [5, 6]])], { axis: 1 })
 * console.assert(x.data.join() === '1,3,4,2,5,6')
 * ```
 */
export function concat<D extends DType>(list: readonly Tensor<D>[], { axis = 0 }: AxisOption = {}): Tensor<D> {
  const at = checkAlike('concat', list, axis)
  const { shape: first, dtype } = list[0]
  const shape = first.with(at, list.reduce((total, x) => total + x.shape[at], 0))
  const out = new Tensor(allocate(dtype, sizeOf(shape)), shape, dtype)
  const strides = stridesOf(shape)
  let offset = 0
  for (const x of list) {
    writeStrided(out.data, x.data, { shape: x.shape, offset, strides })
    offset += x.shape[at] * strides[at]
  }
  return record('concat', list, out, { axis: at })
}

/** Checks that the tensors differ along one axis at most, and resolves it. */
function checkAlike<D extends DType>(where: string, list: readonly Tensor<D>[], axis: number): number {
  if (list.length === 0) fail(where, 'expected at least one tensor, got none')
  const [first] = list
  const at = resolveAxis(where, axis, first.rank)
  const faults: string[] = []
  list.forEach((x, i) => {
    if (x.dtype !== first.dtype) faults.push(`expected tensors of one type, got ${first.dtype} at 0 and ${x.dtype} at ${i}: convert one with cast()`)
    if (x.rank !== first.rank || !sameShape(x.shape.with(at, 0), first.shape.with(at, 0))) {
      faults.push(`expected shapes that agree but for axis ${at}, got ${formatShape(first.shape)} at 0 and ${formatShape(x.shape)} at ${i}`)
    }
  })
  if (faults.length > 0) throw new ShapeError(where, faults)
  return at
}

/**
 * Tensors of one shape along a new axis, which is axis `axis` of the result: `[time][batch, features]` -> `[batch,
 * time, features]` with `axis: 1`.
 *
 * @throws ShapeError when there are none, or their shapes or types differ
 */
export function stack<D extends DType>(list: readonly Tensor<D>[], { axis = 0 }: AxisOption = {}): Tensor<D> {
  if (list.length === 0) fail('stack', 'expected at least one tensor, got none')
  const odd = list.findIndex((x) => !sameShape(x.shape, list[0].shape))
  if (odd >= 0) fail('stack', `expected tensors of one shape, got ${formatShape(list[0].shape)} at 0 and ${formatShape(list[odd].shape)} at ${odd}`)
  const at = resolveAxis('stack', axis, list[0].rank + 1)
  return concat(list.map((x) => expandAxis(x, at)), { axis: at })
}

/**
 * `x` cut along `axis` into parts of the given sizes, or into that many parts of one size.
 *
 * @throws ShapeError when the sizes do not add up to the axis
 * @example
 * ```ts
 * import { split, zeros } from '@ostinato/tensor'
 * const [train, test] = split(zeros([10, 3]), [8, 2])
 * console.assert(train.shape.join() === '8,3' && test.shape.join() === '2,3')
 * ```
 */
export function split<D extends DType>(
  x: Tensor<D>,
  sizes: number | readonly number[],
  { axis = 0 }: AxisOption = {},
): Tensor<D>[] {
  const at = resolveAxis('split', axis, x.rank)
  const total = x.shape[at]
  const list = typeof sizes === 'number' ? equalSizes(sizes, total) : sizes
  const valid = list.every((n) => Number.isInteger(n) && n >= 0) && list.reduce((sum, n) => sum + n, 0) === total
  if (!valid) {
    const expected = typeof sizes === 'number' ? `a number of parts that divides ${total}` : `sizes of 0 or more that add up to ${total}`
    fail('split', `expected ${expected}, got ${typeof sizes === 'number' ? sizes : formatShape(sizes)}: axis ${at} of ${formatShape(x.shape)}`)
  }
  const strides = stridesOf(x.shape)
  let offset = 0
  const parts = list.map((size) => {
    const shape = x.shape.with(at, size)
    const part = new Tensor(allocate(x.dtype, sizeOf(shape)), shape, x.dtype)
    readStrided(part.data, x.data, { shape, offset, strides })
    offset += size * strides[at]
    return part
  })
  const { dtype } = x
  if (isFloat(dtype)) recordSplit(x as Tensor, [...parts] as Tensor[], { axis: at, dtype })
  return parts
}

/** `count` sizes that fill `total`; none when that cannot be. */
const equalSizes = (count: number, total: number): number[] =>
  Number.isInteger(count) && count > 0 && total % count === 0 ? new Array<number>(count).fill(total / count) : [-1]

/**
 * Reported as one operation: as slices, cutting T steps would add up T gradients of the whole, most of it zeros. An
 * entry of the table has one output, so it brings its derivative: the gradients joined again.
 */
function recordSplit(x: Tensor, parts: Tensor[], { axis, dtype }: { axis: number; dtype: FloatDType }): void {
  recordCustom({
    name: 'split',
    inputs: [x],
    outputs: parts,
    derivative: (gradients) => [concat(parts.map(({ shape }, i) => gradients[i] ?? zeros(shape, { dtype })), { axis })],
  })
}

/**
 * The slices of `x` along `axis`, which they no longer have: `[batch, time, features]` -> one `[batch, features]` a
 * step with `axis: 1`.
 */
export function unstack<D extends DType>(x: Tensor<D>, { axis = 0 }: AxisOption = {}): Tensor<D>[] {
  const at = resolveAxis('unstack', axis, x.rank)
  return split(x, new Array<number>(x.shape[at]).fill(1), { axis: at }).map((part) => squeeze(part, at))
}

/**
 * `x` repeated `repeats[i]` times along axis `i`.
 * @throws ShapeError unless there is an integer of 0 or more for each axis
 */
export function tile<D extends DType>(x: Tensor<D>, repeats: readonly number[]): Tensor<D> {
  if (repeats.length !== x.rank || repeats.some((n) => !Number.isInteger(n) || n < 0)) {
    fail('tile', `expected an integer of 0 or more for each of ${x.rank} axes, got ${formatShape(repeats)}: the tensor is ${formatShape(x.shape)}`)
  }
  const apart = reshape(x, x.shape.flatMap((n) => [1, n]))
  const repeated = broadcastTo(apart, x.shape.flatMap((n, axis) => [repeats[axis], n]))
  return reshape(repeated, x.shape.map((n, axis) => n * repeats[axis]))
}
