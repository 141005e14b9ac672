// The matrix product: operands packed into panels, six rows of a by eight columns of b in registers. One call of a row
// panel goes over all column panels. Not here: the packing, and where the matrices come from.
import { multiplyAdd } from './maths'
import { ceilDivide, DEPTH, GROUP, packAlong, packTransposedRows, PANEL, share } from './pack'
import { rowPanels, tileRoom } from './room'

/** Columns of b that are swept for every row panel: with DEPTH, 512 KB, so that they stay in the second-level cache. */
const SWEEP: u32 = 512

export const zeros = memory.data(32, 16)

/** Stores one row of a tile: what lies at `from`, plus the sums. */
// @ts-ignore: decorator
@inline function storeRow(c: usize, from: usize, left: v128, right: v128): void {
  v128.store(c, f32x4.add(v128.load(from), left))
  v128.store(c, f32x4.add(v128.load(from, 16), right), 16)
}

/**
 * One tile: c[rows, 8] = from[rows, 8] + a packed row panel of a times a packed column panel of b. `rows` is a constant
 * where this is inlined. Three things keep the twelve sums in registers in V8 of Node 20: the loop is the only one of its
 * function (nested ones are unrolled), no branch follows it, and the last row is stored first (so that its compiler
 * places every product behind the load that it needs, in place of all loads first).
 */
// @ts-ignore: decorator
@inline function tile(
  rows: u32, a: usize, b: usize, depth: u32, c: usize, stride: usize, from: usize, fromStride: usize,
): void {
  let c00 = f32x4.splat(0), c01 = c00
  let c10 = c00, c11 = c00
  let c20 = c00, c21 = c00
  let c30 = c00, c31 = c00
  let c40 = c00, c41 = c00
  let c50 = c00, c51 = c00
  for (let end = b + (depth << 5); b != end;) {
    const b0 = v128.load(b), b1 = v128.load(b, 16)
    let x = v128.load32_splat(a)
    c00 = multiplyAdd(x, b0, c00)
    c01 = multiplyAdd(x, b1, c01)
    if (rows > 1) {
      x = v128.load32_splat(a, 4)
      c10 = multiplyAdd(x, b0, c10)
      c11 = multiplyAdd(x, b1, c11)
    }
    if (rows > 2) {
      x = v128.load32_splat(a, 8)
      c20 = multiplyAdd(x, b0, c20)
      c21 = multiplyAdd(x, b1, c21)
    }
    if (rows > 3) {
      x = v128.load32_splat(a, 12)
      c30 = multiplyAdd(x, b0, c30)
      c31 = multiplyAdd(x, b1, c31)
    }
    if (rows > 4) {
      x = v128.load32_splat(a, 16)
      c40 = multiplyAdd(x, b0, c40)
      c41 = multiplyAdd(x, b1, c41)
    }
    if (rows > 5) {
      x = v128.load32_splat(a, 20)
      c50 = multiplyAdd(x, b0, c50)
      c51 = multiplyAdd(x, b1, c51)
    }
    a += rows << 2
    b += 32
  }
  if (rows > 5) storeRow(c + 5 * stride, from + 5 * fromStride, c50, c51)
  if (rows > 4) storeRow(c + 4 * stride, from + 4 * fromStride, c40, c41)
  if (rows > 3) storeRow(c + 3 * stride, from + 3 * fromStride, c30, c31)
  if (rows > 2) storeRow(c + 2 * stride, from + 2 * fromStride, c20, c21)
  if (rows > 1) storeRow(c + stride, from + fromStride, c10, c11)
  storeRow(c, from, c00, c01)
}

function tile1(a: usize, b: usize, depth: u32, c: usize, stride: usize, from: usize, fromStride: usize): void {
  tile(1, a, b, depth, c, stride, from, fromStride)
}
function tile2(a: usize, b: usize, depth: u32, c: usize, stride: usize, from: usize, fromStride: usize): void {
  tile(2, a, b, depth, c, stride, from, fromStride)
}
function tile3(a: usize, b: usize, depth: u32, c: usize, stride: usize, from: usize, fromStride: usize): void {
  tile(3, a, b, depth, c, stride, from, fromStride)
}
function tile4(a: usize, b: usize, depth: u32, c: usize, stride: usize, from: usize, fromStride: usize): void {
  tile(4, a, b, depth, c, stride, from, fromStride)
}
function tile5(a: usize, b: usize, depth: u32, c: usize, stride: usize, from: usize, fromStride: usize): void {
  tile(5, a, b, depth, c, stride, from, fromStride)
}
function tile6(a: usize, b: usize, depth: u32, c: usize, stride: usize, from: usize, fromStride: usize): void {
  tile(6, a, b, depth, c, stride, from, fromStride)
}

/**
 * Four tiles of one row beside one another: one tile alone has only two sums at work, each waiting for itself. The
 * sums are those of `tile`. Exported for no caller, but so that it is not inlined: what keeps the sums of `tile` in
 * registers holds here too, and one of eight in memory halves the speed.
 */
export function wideTile(a: usize, b: usize, depth: u32, c: usize, from: usize, fromStep: usize): void {
  const step: usize = depth << 5
  let c00 = f32x4.splat(0), c01 = c00
  let c10 = c00, c11 = c00
  let c20 = c00, c21 = c00
  let c30 = c00, c31 = c00
  const second = b + step, third = second + step, fourth = third + step
  for (let i: usize = 0; i != step; i += 32) {
    const x = v128.load32_splat(a)
    c00 = multiplyAdd(x, v128.load(b + i), c00)
    c01 = multiplyAdd(x, v128.load(b + i, 16), c01)
    c10 = multiplyAdd(x, v128.load(second + i), c10)
    c11 = multiplyAdd(x, v128.load(second + i, 16), c11)
    c20 = multiplyAdd(x, v128.load(third + i), c20)
    c21 = multiplyAdd(x, v128.load(third + i, 16), c21)
    c30 = multiplyAdd(x, v128.load(fourth + i), c30)
    c31 = multiplyAdd(x, v128.load(fourth + i, 16), c31)
    a += 4
  }
  storeRow(c + 96, from + 3 * fromStep, c30, c31)
  storeRow(c + 64, from + 2 * fromStep, c20, c21)
  storeRow(c + 32, from + fromStep, c10, c11)
  storeRow(c, from, c00, c01)
}

/** One tile of up to six rows; see `tile`. */
export function anyTile(
  rows: u32, a: usize, b: usize, depth: u32, c: usize, stride: usize, from: usize, fromStride: usize,
): void {
  switch (rows) {
    case 1: return tile1(a, b, depth, c, stride, from, fromStride)
    case 2: return tile2(a, b, depth, c, stride, from, fromStride)
    case 3: return tile3(a, b, depth, c, stride, from, fromStride)
    case 4: return tile4(a, b, depth, c, stride, from, fromStride)
    case 5: return tile5(a, b, depth, c, stride, from, fromStride)
    default: return tile6(a, b, depth, c, stride, from, fromStride)
  }
}

/**
 * c[rows, n] = from[rows, n] + one packed row panel of a, times all column panels of b. `fromStep` is 32 bytes, or 0
 * where `from` is one row of eight zeros.
 */
function rowPanel(
  rows: u32, a: usize, b: usize, depth: u32, n: u32, c: usize, stride: usize, from: usize, fromStride: usize,
  fromStep: usize,
): void {
  if (rows == 1) {
    for (; n >= 32; n -= 32) {
      wideTile(a, b, depth, c, from, fromStep)
      b += depth << 7
      c += 128
      from += fromStep << 2
    }
  }
  for (; n >= 8; n -= 8) {
    anyTile(rows, a, b, depth, c, stride, from, fromStride)
    b += depth << 5
    c += 32
    from += fromStep
  }
  if (n == 0) return
  const sums = tileRoom()
  anyTile(rows, a, b, depth, sums, 32, zeros, 0)
  for (let r: u32 = 0; r < rows; r++) {
    for (let j: u32 = 0; j < n << 2; j += 4) {
      f32.store(c + j, f32.load(from + j) + f32.load(sums + (r << 5) + j))
    }
    c += stride
    from += fromStride
  }
}

/**
 * c[m, n] = start + op(a)[m, k] times a packed b. Rows of a and c lie `strideA` and `strideC` bytes apart. `start` is
 * c itself, to add to what it holds; or one row of n elements, such as a bias; or 0.
 */
export function multiplyPacked(
  c: usize, strideC: usize, a: usize, strideA: usize, transposedA: bool, packedB: usize,
  m: u32, n: u32, k: u32, start: usize,
): void {
  const blocks = max<u32>(1, ceilDivide(k, DEPTH))
  const panels = ceilDivide(m, 6)
  const packed = rowPanels()
  let k0: u32 = 0
  for (let block: u32 = 0; block < blocks; block++) {
    const depth = share(k, blocks, block)
    const accumulate = start == c || block > 0
    const step: usize = accumulate || start != 0 ? 1 : 0
    for (let j: u32 = 0; j < n; j += SWEEP) {
      const columns = min(SWEEP, n - j)
      const b = packedB + j * (depth << 2)
      let i: u32 = 0
      for (let p: u32 = 0; p < panels; p++) {
        const rows = share(m, panels, p)
        const place = transposedA ? p % GROUP : 0
        if (!transposedA) {
          packAlong(packed, a + i * strideA + (k0 << 2), strideA, rows, rows, depth)
        } else if (place == 0) {
          packTransposedRows(a + k0 * strideA + (i << 2), strideA, m, panels, p, min(GROUP, panels - p), depth)
        }
        const to = c + i * strideC + (j << 2)
        const from = accumulate ? to : start != 0 ? start + (j << 2) : zeros
        const panel = packed + place * PANEL
        rowPanel(rows, panel, b, depth, columns, to, strideC, from, accumulate ? strideC : 0, step << 5)
        i += rows
      }
    }
    packedB += (((n + 7) & ~7) * depth) << 2
    k0 += depth
  }
}

/**
 * The rows of `multiplyPacked` from `first` to `last`. A row is the same whichever others are computed beside it, so
 * that threads may share them out.
 */
export function multiplyRows(
  c: usize, strideC: usize, a: usize, strideA: usize, transposedA: bool, packedB: usize,
  n: u32, k: u32, start: usize, first: u32, last: u32,
): void {
  const to = c + first * strideC
  const from = a + first * (transposedA ? 4 : strideA)
  multiplyPacked(to, strideC, from, strideA, transposedA, packedB, last - first, n, k, start == c ? to : start)
}
