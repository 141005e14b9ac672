// Order along an axis: sort and the k largest.
import { allocate, type DataOf, type NumericDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { formatShape, resolveAxis, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { takeAlongAxis, type AlongAxisOption } from './gather.ts'

/** Elements in order, and where along the axis each of them stood. */
export interface Ordered<D extends NumericDType> {
  readonly values: Tensor<D>
  readonly indices: Tensor<'int32'>
}

/** How `sort` orders. */
export interface SortOptions extends AlongAxisOption {
  /** Largest first. Default false. */
  readonly descending?: boolean
}

/**
 * The elements along `axis` in order. Equal ones stay in the order that they had; NaN comes last, whichever the
 * direction.
 *
 * @example
 * ```ts
 * import { sort, tensor } from '@ostinato/tensor'
 * const { values, indices } = sort(tensor([3, 1, 2]), { descending: true })
 * console.assert(values.data.join() === '3,2,1' && indices.data.join() === '0,2,1')
 * ```
 */
export function sort<D extends NumericDType>(
  x: Tensor<D>,
  { axis = -1, descending = false }: SortOptions = {},
): Ordered<D> {
  const at = resolveAxis('sort', axis, x.rank)
  return order(x, { axis: at, count: x.shape[at], descending })
}

/**
 * The `count` largest elements along `axis`, largest first: the beginning of `sort(x, { descending: true })`, so of
 * equal elements the first is taken, and NaN only when nothing else is left.
 *
 * @throws ShapeError unless `count` lies between 0 and the size of the axis
 */
export function topK<D extends NumericDType>(
  x: Tensor<D>,
  count: number,
  { axis = -1 }: AlongAxisOption = {},
): Ordered<D> {
  const at = resolveAxis('topK', axis, x.rank)
  if (!Number.isInteger(count) || count < 0 || count > x.shape[at]) {
    fail('topK', `expected a count from 0 to ${x.shape[at]}, got ${count}: axis ${at} of ${formatShape(x.shape)}`)
  }
  return order(x, { axis: at, count, descending: true })
}

/** Whether `a`, which stands at place `i`, comes before `b` at `j`. */
type Before = (a: number, i: number, b: number, j: number) => boolean

// Any comparison with NaN is false: then the number comes first, of two NaN the one that stood first.
const ascending: Before = (a, i, b, j) => a < b || (!(a > b) && (a === a ? b !== b || i < j : b !== b && i < j))
const descendingOrder: Before = (a, i, b, j) => a > b || (!(a < b) && (a === a ? b !== b || i < j : b !== b && i < j))

/** Up to this many elements are picked by insertion, more by sorting everything. */
const FEW = 32

/** Finds the places of the first `count` elements; the values are then taken, which is what gradients go through. */
function order<D extends NumericDType>(
  x: Tensor<D>,
  { axis, count, descending }: { readonly axis: number; readonly count: number; readonly descending: boolean },
): Ordered<D> {
  const before = descending ? descendingOrder : ascending
  const [outer, size, inner] = [sizeOf(x.shape.slice(0, axis)), x.shape[axis], sizeOf(x.shape.slice(axis + 1))]
  const indices = new Tensor(allocate('int32', outer * count * inner), x.shape.with(axis, count), 'int32')
  const data: DataOf<NumericDType> = x.data
  const lane = new Float64Array(size)
  const places = new Int32Array(count <= FEW ? count : size)
  for (let block = 0; block < outer; block++) {
    for (let j = 0; j < inner; j++) {
      for (let i = 0; i < size; i++) lane[i] = data[(block * size + i) * inner + j]
      if (count <= FEW) pick(places, lane, before)
      else {
        for (let i = 0; i < size; i++) places[i] = i
        places.sort((p, q) => (before(lane[p], p, lane[q], q) ? -1 : 1))
      }
      for (let i = 0; i < count; i++) indices.data[(block * count + i) * inner + j] = places[i]
    }
  }
  return { values: takeAlongAxis(x, indices, { axis }), indices }
}

/** Fills `places` with the places of the first elements of `lane`, in order, by insertion. */
function pick(places: Int32Array, lane: Float64Array, before: Before): void {
  let found = 0
  for (let i = 0; i < lane.length; i++) {
    if (found === places.length) {
      if (found === 0 || !before(lane[i], i, lane[places[found - 1]], places[found - 1])) continue
    } else found++
    let to = found - 1
    for (; to > 0 && before(lane[i], i, lane[places[to - 1]], places[to - 1]); to--) places[to] = places[to - 1]
    places[to] = i
  }
}
