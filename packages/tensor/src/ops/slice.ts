// Parts of a tensor by ranges: slice and its adjoint place, and pad and flip, which are made of the same loops. Parts
// by lists of ids are gathered instead.
import { allocate, isFloat, type DType } from '../dtype.ts'
import { fail, ShapeError } from '../errors.ts'
import { record } from '../record.ts'
import { checkShape, formatShape, resolveAxes, sameShape, sizeOf, stridesOf, type Shape } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { reshape } from './layout.ts'
import { readStrided, writeStrided, type View } from './strided.ts'

/** A range along one axis, resolved: counted from the start, `0 <= start <= stop <= size`, `step >= 1`. */
export type ResolvedRange = readonly [start: number, stop: number, step: number]

export interface SliceOperations {
  slice: { readonly ranges: readonly ResolvedRange[] }
  place: { readonly ranges: readonly ResolvedRange[]; readonly shape: Shape }
  flip: { readonly axes: readonly number[] }
}

/**
 * What to take along one axis: all (`undefined`); one index, which drops the axis; or `[start, stop, step]`, from
 * `start` up to but without `stop` (absent: to the end) by `step` (absent: 1). Negative places count from the end.
 */
export type Range = undefined | number | readonly [start: number, stop?: number | undefined, step?: number | undefined]

/** Resolves `ranges` over the axes of `shape`, axes left out being taken whole; throws all faults at once. */
function resolveRanges(where: string, ranges: readonly Range[], shape: Shape): ResolvedRange[] {
  const faults: string[] = []
  if (ranges.length > shape.length) {
    faults.push(`expected at most ${shape.length} ranges for shape ${formatShape(shape)}, got ${ranges.length}`)
  }
  const resolved = shape.map((size, axis): ResolvedRange => {
    const range = ranges[axis]
    const fault = (expected: string, got: string) => {
      faults.push(`expected ${expected}, got ${got}: axis ${axis} of ${formatShape(shape)}`)
      return [0, 0, 1] as const
    }
    if (range === undefined) return [0, size, 1]
    if (typeof range === 'number') {
      const index = range < 0 ? range + size : range
      if (!Number.isInteger(index) || index < 0 || index >= size) return fault(`an index from ${-size} to ${size - 1}`, String(range))
      return [index, index + 1, 1]
    }
    const [from, to = size, step = 1] = range
    const start = from < 0 ? from + size : from
    const stop = to < 0 ? to + size : to
    const got = `[${range.join(', ')}]`
    if (![start, stop].every((place) => Number.isInteger(place) && place >= 0 && place <= size)) {
      return fault(`bounds from ${-size} to ${size}`, got)
    }
    if (start > stop) return fault('a start that is not after the stop', got)
    if (!Number.isInteger(step) || step < 1) return fault('a step of 1 or more (flip() reverses an axis)', got)
    return [start, stop, step]
  })
  if (faults.length > 0) throw new ShapeError(where, faults)
  return resolved
}

const countOf = ([start, stop, step]: ResolvedRange) => Math.ceil((stop - start) / step)

/** Where the elements in `ranges` of a tensor of `shape` lie. */
function viewOf(ranges: readonly ResolvedRange[], shape: Shape): View {
  const strides = stridesOf(shape)
  return {
    shape: ranges.map(countOf),
    offset: ranges.reduce((offset, [start], axis) => offset + start * strides[axis], 0),
    strides: ranges.map(([, , step], axis) => step * strides[axis]),
  }
}

/**
 * The part of `x` in `ranges`, one for each axis from the first; axes left out are taken whole, axes with an index
 * dropped.
 *
 * @throws ShapeError when a range reaches outside its axis
 * @example
 * ```ts
 * import { range, reshape, slice } from '@ostinato/tensor'
 * const x = reshape(range(0, 12), [3, 4])
 * const lastRow = slice(x, [-1])
 * const evenColumns = slice(x, [undefined, [0, undefined, 2]])
 * console.assert(lastRow.shape.join() === '4' && evenColumns.data.join() === '0,2,4,6,8,10')
 * ```
 */
export function slice<D extends DType>(x: Tensor<D>, ranges: readonly Range[]): Tensor<D> {
  const resolved = resolveRanges('slice', ranges, x.shape)
  const view = viewOf(resolved, x.shape)
  const out = new Tensor(allocate(x.dtype, sizeOf(view.shape)), view.shape, x.dtype)
  readStrided(out.data, x.data, view)
  const part = record('slice', [x], out, { ranges: resolved })
  if (!ranges.some((given) => typeof given === 'number')) return part
  return reshape(part, view.shape.filter((_, axis) => typeof ranges[axis] !== 'number'))
}

/** What fills the rest of a tensor. */
export interface FillOptions {
  /** Default 0. */
  readonly value?: number
}

/**
 * A tensor of `shape` that holds `x` in `ranges` and `value` elsewhere: the adjoint of `slice` when `value` is 0. An
 * index among the ranges stands for an axis of size 1.
 *
 * @throws ShapeError when a range reaches outside its axis or `x` does not fit into the ranges
 */
export function place<D extends DType>(
  x: Tensor<D>,
  ranges: readonly Range[],
  shape: Shape,
  { value = 0 }: FillOptions = {},
): Tensor<D> {
  checkShape('place', shape)
  return placeAt('place', x, resolveRanges('place', ranges, shape), { shape, value })
}

function placeAt<D extends DType>(
  where: string,
  x: Tensor<D>,
  ranges: readonly ResolvedRange[],
  { shape, value }: { readonly shape: Shape; readonly value: number },
): Tensor<D> {
  const view = viewOf(ranges, shape)
  if (!sameShape(view.shape, x.shape)) {
    fail(where, `expected a tensor of shape ${formatShape(view.shape)} to fill the ranges, got ${formatShape(x.shape)}`)
  }
  const out = new Tensor(allocate(x.dtype, sizeOf(shape)), shape, x.dtype)
  if (value !== 0) {
    const fits = isFloat(x.dtype) || (x.dtype === 'bool' ? value === 1 : (value | 0) === value)
    if (!fits) fail(where, `expected a value of type ${x.dtype}, got ${value}`)
    out.data.fill(value)
  }
  writeStrided(out.data, x.data, view)
  return record('place', [x], out, { ranges, shape })
}

/**
 * `x` with `[before, after]` elements of `value` added at the ends of each axis.
 *
 * @throws ShapeError unless there is a pair of integers of 0 or more for each axis
 * @example
 * ```ts
 * import { pad, tensor } from '@ostinato/tensor'
 * const causal = pad(tensor([[1, 2]]), [[0, 0], [2, 0]])
 * console.assert(causal.data.join() === '0,0,1,2')
 * ```
 */
export function pad<D extends DType>(
  x: Tensor<D>,
  padding: readonly (readonly [before: number, after: number])[],
  { value = 0 }: FillOptions = {},
): Tensor<D> {
  if (padding.length !== x.rank) {
    fail('pad', `expected [before, after] for each of ${x.rank} axes, got ${padding.length} pairs: the tensor is ${formatShape(x.shape)}`)
  }
  const wrong = padding.findIndex((pair) => pair.length !== 2 || pair.some((n) => !Number.isInteger(n) || n < 0))
  if (wrong >= 0) fail('pad', `expected two integers of 0 or more, got [${padding[wrong].join(', ')}] for axis ${wrong}: slice() removes elements`)
  const shape = x.shape.map((n, axis) => padding[axis][0] + n + padding[axis][1])
  checkShape('pad', shape)
  const ranges = x.shape.map((n, axis): ResolvedRange => [padding[axis][0], padding[axis][0] + n, 1])
  return placeAt('pad', x, ranges, { shape, value })
}

/** `x` with the elements along `axes` (default: all) in reverse order. */
export function flip<D extends DType>(x: Tensor<D>, axes?: number | readonly number[]): Tensor<D> {
  const reversed = resolveAxes('flip', axes, x.rank)
  const strides = stridesOf(x.shape)
  let offset = 0
  for (const axis of reversed) {
    offset += Math.max(0, x.shape[axis] - 1) * strides[axis]
    strides[axis] = -strides[axis]
  }
  const out = new Tensor(allocate(x.dtype, x.size), x.shape, x.dtype)
  readStrided(out.data, x.data, { shape: x.shape, offset, strides })
  return record('flip', [x], out, { axes: reversed })
}
