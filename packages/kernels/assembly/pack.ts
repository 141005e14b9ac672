// Packs the operands of a matrix product into panels: eight columns of b, up to six rows of a, element by element of k.
// Not here: the product.
import { rowPanels } from './room'

/** Steps of k that are packed at a time: a column panel of this depth (8 KB) stays in the first-level cache. */
export const DEPTH: u32 = 256
/** Row panels that are packed at a time from a transposed a: together they use whole cache lines of it. */
export const GROUP: u32 = 8
/** Bytes of a packed row panel. */
export const PANEL: usize = 6 * 256 * 4

/** How deep the i-th of `blocks` nearly equal blocks of `total` is. */
// @ts-ignore: decorator
@inline export function share(total: u32, blocks: u32, i: u32): u32 {
  return total / blocks + u32(i < total % blocks)
}

// @ts-ignore: decorator
@inline export function ceilDivide(a: u32, b: u32): u32 {
  return (a + b - 1) / b
}

/** Stores four lines of four elements across: to[i, j] = rj[i]. */
// @ts-ignore: decorator
@inline export function storeAcross(to: usize, toStep: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
  const b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
  const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
  const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<f64>(a, c, 0, 2))
  v128.store(to + toStep, v128.shuffle<f64>(a, c, 1, 3))
  v128.store(to + 2 * toStep, v128.shuffle<f64>(b, d, 0, 2))
  v128.store(to + 3 * toStep, v128.shuffle<f64>(b, d, 1, 3))
}

/** Lays 4 lines of 4 consecutive elements across: to[i, j] = from[j, i]. */
// @ts-ignore: decorator
@inline function transpose4(to: usize, toStep: usize, from: usize, line: usize): void {
  const r0 = v128.load(from)
  const r1 = v128.load(from + line)
  const r2 = v128.load(from + 2 * line)
  const r3 = v128.load(from + 3 * line)
  storeAcross(to, toStep, r0, r1, r2, r3)
}

/**
 * Packs `lines` lines, `width` slots wide, over `depth` elements. The elements of a line are neighbours and lines lie
 * `stride` bytes apart. Slots without a line become zero.
 */
export function packAlong(to: usize, from: usize, stride: usize, lines: u32, width: u32, depth: u32): void {
  const step: usize = width << 2
  let i: u32 = 0
  for (; i + 4 <= lines; i += 4) {
    let w = to + (i << 2)
    let r = from + i * stride
    let d: u32 = 0
    for (; d + 4 <= depth; d += 4) {
      transpose4(w, step, r, stride)
      w += step << 2
      r += 16
    }
    for (; d < depth; d++) {
      f32.store(w, f32.load(r))
      f32.store(w, f32.load(r + stride), 4)
      f32.store(w, f32.load(r + 2 * stride), 8)
      f32.store(w, f32.load(r + 3 * stride), 12)
      w += step
      r += 4
    }
  }
  for (; i < width; i++) {
    let w = to + (i << 2)
    let r = from + i * stride
    for (let d: u32 = 0; d < depth; d++) {
      f32.store(w, i < lines ? f32.load(r) : 0)
      w += step
      r += 4
    }
  }
}

/** Copies up to eight neighbours; two overlapping groups of four where there are more than four. */
// @ts-ignore: decorator
@inline function copyLines(to: usize, from: usize, lines: u32): void {
  if (lines >= 4) {
    const last = (lines - 4) << 2
    v128.store(to, v128.load(from))
    v128.store(to + last, v128.load(from + last))
  } else {
    for (let i: usize = 0; i < lines << 2; i += 4) f32.store(to + i, f32.load(from + i))
  }
}

/** Packs eight columns of a row-major b over `depth` rows, `stride` bytes apart; fewer are filled with zeros. */
function packAcross(to: usize, from: usize, stride: usize, columns: u32, depth: u32): void {
  for (let d: u32 = 0; d < depth; d++) {
    if (columns < 8) {
      v128.store(to, f32x4.splat(0))
      v128.store(to, f32x4.splat(0), 16)
    }
    copyLines(to, from, columns)
    to += 32
    from += stride
  }
}

/**
 * Packs `count` row panels of a transposed a, from panel `first` of `panels` on, over `depth` of its rows. Row by row,
 * so that every cache line is fetched once.
 */
export function packTransposedRows(
  from: usize, stride: usize, m: u32, panels: u32, first: u32, count: u32, depth: u32,
): void {
  const height = m / panels
  const higher = m % panels
  for (let d: u32 = 0; d < depth; d++) {
    let r = from
    let to = rowPanels()
    for (let p = first; p < first + count; p++) {
      const rows = height + u32(p < higher)
      copyLines(to + d * (rows << 2), r, rows)
      r += rows << 2
      to += PANEL
    }
    from += stride
  }
}

/** Elements of a packed b of [k, n]. */
export function packedLength(n: u32, k: u32): u32 {
  return ((n + 7) & ~7) * k
}

/**
 * Packs b [k, n], or [n, k] when transposed, whose rows are `stride` bytes apart, for `multiplyRows`: its columns from
 * `first`, a multiple of eight, to `last`.
 */
export function packColumns(
  to: usize, b: usize, stride: usize, transposed: bool, n: u32, k: u32, first: u32, last: u32,
): void {
  const blocks = ceilDivide(k, DEPTH)
  let k0: u32 = 0
  for (let block: u32 = 0; block < blocks; block++) {
    const depth = share(k, blocks, block)
    for (let j = first; j < last; j += 8) {
      const panel = to + j * (depth << 2)
      const columns = min<u32>(8, n - j)
      if (transposed) packAlong(panel, b + j * stride + (k0 << 2), stride, columns, 8, depth)
      else packAcross(panel, b + k0 * stride + (j << 2), stride, columns, depth)
    }
    to += (((n + 7) & ~7) * depth) << 2
    k0 += depth
  }
}
