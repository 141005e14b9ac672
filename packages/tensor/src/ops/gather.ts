// Elements by lists of ids: gather and takeAlongAxis, their adjoints scatterAdd and scatterAddAlongAxis, and oneHot.
// An id outside its axis is always an error, negative ones included.
import { scatterAddRows } from '@ostinato/kernels'
import { allocate, isFloat, type DataOf, type DType, type FloatDType, type NumericDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { record } from '../record.ts'
import { checkShape, formatShape, resolveAxis, sameShape, sizeOf, stridesOf, type Shape } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import type { DTypeOption } from '../create.ts'
import type { AxisOption } from './join.ts'

/** Ids, and the axis that they count along. */
export interface IndexAttributes {
  readonly indices: Tensor<'int32'>
  readonly axis: number
}

export interface GatherOperations {
  gather: IndexAttributes
  scatterAdd: IndexAttributes & { readonly shape: Shape }
  takeAlongAxis: IndexAttributes
  scatterAddAlongAxis: IndexAttributes & { readonly shape: Shape }
}

type Floats = DataOf<FloatDType>
type Numbers = DataOf<NumericDType>

/** The product of the sizes before an axis, its own size, and the product of those after it. */
function around(shape: Shape, axis: number): { outer: number; size: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), size: shape[axis], inner: sizeOf(shape.slice(axis + 1)) }
}

/** Checks that ids lie in `0 … size - 1`. */
function checkIds(where: string, ids: Tensor<'int32'>, size: number): void {
  const { data } = ids
  if ((ids.dtype as DType) !== 'int32') fail(where, `expected ids of type int32, got ${ids.dtype}: convert them with cast()`)
  for (let i = 0; i < data.length; i++) {
    if (data[i] >= 0 && data[i] < size) continue
    const place = stridesOf(ids.shape).map((stride, axis) => Math.floor(i / stride) % ids.shape[axis])
    const range = size === 0 ? 'no id, for the axis is empty' : `ids from 0 to ${size - 1}`
    throw new RangeError(`${where}: expected ${range}, got ${data[i]} at ${formatShape(place)} of the ids ${formatShape(ids.shape)}`)
  }
}

/** Rows shorter than this are copied by a loop: `set` and `subarray` cost more than that. */
const SHORT_ROW = 32

/**
 * The slices of `x` along `axis` that `indices` name, in the shape of `indices`: rows of an embedding `[words,
 * features]` at ids `[batch, time]` give `[batch, time, features]`.
 *
 * @throws RangeError naming the first id outside the axis and its place
 * @example
 * ```ts
 * import { gather, tensor } from '@ostinato/tensor'
 * const table = tensor([[0, 0], [1, 10], [2, 20]])
 * const rows = gather(table, tensor([2, 0, 2], { dtype: 'int32' }))
 * console.assert(rows.data.join() === '2,20,0,0,2,20')
 * ```
 */
export function gather<D extends DType>(
  x: Tensor<D>,
  indices: Tensor<'int32'>,
  { axis = 0 }: AxisOption = {},
): Tensor<D> {
  const at = resolveAxis('gather', axis, x.rank)
  const { outer, size, inner } = around(x.shape, at)
  checkIds('gather', indices, size)
  const shape = x.shape.toSpliced(at, 1, ...indices.shape)
  const out = new Tensor(allocate(x.dtype, sizeOf(shape)), shape, x.dtype)
  const [source, target, ids]: [DataOf<DType>, DataOf<DType>, Int32Array] = [x.data, out.data, indices.data]
  let to = 0
  for (let block = 0; block < outer; block++) {
    for (let i = 0; i < ids.length; i++, to += inner) {
      const from = (block * size + ids[i]) * inner
      if (inner < SHORT_ROW) for (let j = 0; j < inner; j++) target[to + j] = source[from + j]
      else target.set(source.subarray(from, from + inner), to)
    }
  }
  return record('gather', [x], out, { indices, axis: at })
}

/**
 * A tensor of `shape` in which each slice along `axis` is the sum of the `updates` whose index names it; slices that
 * none names are 0. The adjoint of `gather`: `updates` has the shape that gathering `indices` from a tensor of `shape`
 * gives.
 *
 * @throws ShapeError when `updates` has another shape
 * @throws RangeError naming the first id outside the axis and its place
 */
export function scatterAdd<D extends NumericDType>(
  shape: Shape,
  indices: Tensor<'int32'>,
  updates: Tensor<D>,
  { axis = 0 }: AxisOption = {},
): Tensor<D> {
  checkShape('scatterAdd', shape)
  const at = resolveAxis('scatterAdd', axis, shape.length)
  const expected = shape.toSpliced(at, 1, ...indices.shape)
  if (!sameShape(expected, updates.shape)) {
    fail('scatterAdd', `expected updates of shape ${formatShape(expected)}, got ${formatShape(updates.shape)}: axis ${at} of ${formatShape(shape)} becomes that of the ids, ${formatShape(indices.shape)}`)
  }
  const { outer, size, inner } = around(shape, at)
  checkIds('scatterAdd', indices, size)
  const out = new Tensor(allocate(updates.dtype, sizeOf(shape)), shape, updates.dtype)
  const ids = indices.data
  if (isFloat(updates.dtype) && outer === 1 && inner > 0) {
    scatterAddRows<Floats>(out.data as Floats, updates.data as Floats, ids, inner)
  } else {
    const [source, target]: [Numbers, Numbers] = [updates.data, out.data]
    let from = 0
    for (let block = 0; block < outer; block++) {
      for (let i = 0; i < ids.length; i++, from += inner) {
        const to = (block * size + ids[i]) * inner
        for (let j = 0; j < inner; j++) target[to + j] += source[from + j]
      }
    }
  }
  return record('scatterAdd', [updates], out, { indices, axis: at, shape })
}

/** Which axis ids stand along. */
export interface AlongAxisOption {
  /** Negative counts from the end. Default -1, the last. */
  readonly axis?: number
}

function checkAlong(where: string, shape: Shape, indices: Tensor<'int32'>, axis: number): number {
  const at = resolveAxis(where, axis, shape.length)
  if (indices.rank !== shape.length || !sameShape(indices.shape.with(at, 0), shape.with(at, 0))) {
    fail(where, `expected ids of a shape that agrees with ${formatShape(shape)} but for axis ${at}, got ${formatShape(indices.shape)}`)
  }
  checkIds(where, indices, shape[at])
  return at
}

/**
 * Single elements of `x` along `axis`: `out[i, j, k] = x[i, indices[i, j, k], k]` for axis 1 of three. The result has
 * the shape of `indices`.
 *
 * @throws ShapeError when `indices` differs from `x` in another axis
 * @throws RangeError naming the first id outside the axis and its place
 * @example
 * ```ts
 * import { takeAlongAxis, tensor } from '@ostinato/tensor'
 * const logProbabilities = tensor([[-1, -0.5], [-2, -0.1]])
 * const ofLabels = takeAlongAxis(logProbabilities, tensor([[0], [1]], { dtype: 'int32' }))
 * console.assert(ofLabels.shape.join() === '2,1' && ofLabels.data[0] === -1)
 * ```
 */
export function takeAlongAxis<D extends DType>(
  x: Tensor<D>,
  indices: Tensor<'int32'>,
  { axis = -1 }: AlongAxisOption = {},
): Tensor<D> {
  const at = checkAlong('takeAlongAxis', x.shape, indices, axis)
  const out = new Tensor(allocate(x.dtype, indices.size), indices.shape, x.dtype)
  const [source, target]: [DataOf<DType>, DataOf<DType>] = [x.data, out.data]
  forEachId(x.shape, indices, at, (here, there) => {
    target[here] = source[there]
  })
  return record('takeAlongAxis', [x], out, { indices, axis: at })
}

/**
 * A tensor of `shape` in which each element is the sum of the `updates` whose index along `axis` names it: the adjoint
 * of `takeAlongAxis`.
 *
 * @throws ShapeError when `indices` differs from `updates`, or from `shape` in another axis
 * @throws RangeError naming the first id outside the axis and its place
 */
export function scatterAddAlongAxis<D extends NumericDType>(
  shape: Shape,
  indices: Tensor<'int32'>,
  updates: Tensor<D>,
  { axis = -1 }: AlongAxisOption = {},
): Tensor<D> {
  checkShape('scatterAddAlongAxis', shape)
  const at = checkAlong('scatterAddAlongAxis', shape, indices, axis)
  if (!sameShape(indices.shape, updates.shape)) {
    fail('scatterAddAlongAxis', `expected updates of the ids' shape ${formatShape(indices.shape)}, got ${formatShape(updates.shape)}`)
  }
  const out = new Tensor(allocate(updates.dtype, sizeOf(shape)), shape, updates.dtype)
  const [source, target]: [Numbers, Numbers] = [updates.data, out.data]
  forEachId(shape, indices, at, (here, there) => {
    target[there] += source[here]
  })
  return record('scatterAddAlongAxis', [updates], out, { indices, axis: at, shape })
}

/** Calls `visit` with the place of every id and the place in a tensor of `shape` that it points to. */
function forEachId(
  shape: Shape,
  indices: Tensor<'int32'>,
  axis: number,
  visit: (here: number, there: number) => void,
): void {
  const { outer, size, inner } = around(shape, axis)
  const ids = indices.data
  const count = indices.shape[axis]
  let here = 0
  for (let block = 0; block < outer; block++) {
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < inner; j++, here++) visit(here, (block * size + ids[here]) * inner + j)
    }
  }
}

/**
 * 1 where the last, new axis of size `depth` equals the id, 0 elsewhere: ids `[…]` -> `[…, depth]`.
 * @throws RangeError naming the first id outside `0 … depth - 1` and its place
 */
export function oneHot<D extends DType = 'float32'>(
  ids: Tensor<'int32'>,
  depth: number,
  { dtype = 'float32' as D }: DTypeOption<D> = {},
): Tensor<NoInfer<D>> {
  const shape = [...ids.shape, depth]
  checkShape('oneHot', shape)
  checkIds('oneHot', ids, depth)
  const out = new Tensor(allocate(dtype, sizeOf(shape)), shape, dtype)
  for (let i = 0; i < ids.size; i++) out.data[i * depth + ids.data[i]] = 1
  return out
}
