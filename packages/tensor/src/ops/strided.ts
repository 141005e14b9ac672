// Copies between a dense array and a strided view of another: the loops behind transposing, slicing, padding and
// flipping. Knows nothing of tensors.
import type { DataOf, DType } from '../dtype.ts'
import { stridesOf, type Shape } from '../shape.ts'

type Data = DataOf<DType>

/**
 * Where the element `[i, j, …]` of a view lies: `offset + i * strides[0] + j * strides[1] + …`. Strides may be
 * negative.
 */
export interface View {
  readonly shape: Shape
  readonly offset: number
  readonly strides: readonly number[]
}

/** Runs shorter than this are copied by a loop: `set` and `subarray` cost more than that. */
const SHORT_RUN = 64
/**
 * The side of the square tiles in which a matrix is transposed: both its rows and its columns then stay in the cache.
 */
const TILE = 16

/** Fills `out`, row-major, with the view of `source`. */
export function readStrided(out: Data, source: Data, view: View): void {
  const axes = merge(view)
  const { sizes, strides, dense } = axes
  const inner = sizes.length - 1
  const unit = strides.indexOf(1)
  if (strides[inner] === 1 || unit < 0 || sizes[unit] < 4) {
    const [count, step] = [sizes[inner], strides[inner]]
    walk(sizes.slice(0, inner), axes, (at, from) => {
      copyRun(out, at, 1, source, from, step, count)
    })
    return
  }
  // The innermost axis of the result is not that of the source: the plane of both is transposed tile by tile.
  const outer = sizes.map((n, axis) => (axis === unit || axis === inner ? 1 : n))
  const [rows, columns, rowStep, columnStep] = [sizes[unit], sizes[inner], dense[unit], strides[inner]]
  walk(outer, axes, (at, from) => {
    for (let row = 0; row < rows; row += TILE) {
      const lastRow = Math.min(rows, row + TILE)
      for (let column = 0; column < columns; column += TILE) {
        const lastColumn = Math.min(columns, column + TILE)
        for (let i = row; i < lastRow; i++) {
          const to = at + i * rowStep
          const start = from + i
          for (let j = column; j < lastColumn; j++) out[to + j] = source[start + j * columnStep]
        }
      }
    }
  })
}

/** Writes `source`, row-major, to the view of `out`. */
export function writeStrided(out: Data, source: Data, view: View): void {
  const axes = merge(view)
  const { sizes, strides } = axes
  const inner = sizes.length - 1
  const [count, step] = [sizes[inner], strides[inner]]
  walk(sizes.slice(0, inner), axes, (from, at) => {
    copyRun(out, at, step, source, from, 1, count)
  })
}

/** Copies `count` elements that lie `step` apart to places `outStep` apart. */
function copyRun(
  out: Data,
  at: number,
  outStep: number,
  source: Data,
  from: number,
  step: number,
  count: number,
): void {
  if (step !== 1 || outStep !== 1) for (let i = 0; i < count; i++) out[at + i * outStep] = source[from + i * step]
  else if (count < SHORT_RUN) for (let i = 0; i < count; i++) out[at + i] = source[from + i]
  else out.set(source.subarray(from, from + count), at)
}

/** Calls `visit` with both places of every element of a shape, in row-major order. */
function walk(
  sizes: readonly number[],
  { dense, strides, offset }: Axes,
  visit: (dense: number, view: number) => void,
): void {
  if (sizes.includes(0)) return
  const index = new Array<number>(sizes.length).fill(0)
  let at = 0
  let from = offset
  for (;;) {
    visit(at, from)
    let axis = sizes.length - 1
    for (; axis >= 0; axis--) {
      at += dense[axis]
      from += strides[axis]
      if (++index[axis] < sizes[axis]) break
      at -= dense[axis] * sizes[axis]
      from -= strides[axis] * sizes[axis]
      index[axis] = 0
    }
    if (axis < 0) return
  }
}

interface Axes {
  readonly sizes: number[]
  /** Strides in the view. */
  readonly strides: number[]
  /** Strides in the dense array. */
  readonly dense: number[]
  readonly offset: number
}

/** The fewest axes that describe the view, at least one. */
function merge({ shape, strides: given, offset }: View): Axes {
  const sizes: number[] = []
  const strides: number[] = []
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 1) continue
    const last = sizes.length - 1
    if (last >= 0 && strides[last] === given[axis] * shape[axis]) {
      sizes[last] *= shape[axis]
      strides[last] = given[axis]
    } else {
      sizes.push(shape[axis])
      strides.push(given[axis])
    }
  }
  if (sizes.length === 0) return { sizes: [1], strides: [1], dense: [1], offset }
  return { sizes, strides, dense: stridesOf(sizes), offset }
}
