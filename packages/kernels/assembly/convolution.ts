// Convolution as matrix products whose matrix of patches is never made: its panels are packed from the planes, right
// before they are multiplied, and stay in the first-level cache. An element of that matrix is x[from[q] + taps[t]],
// where q counts outputs and t the places in the window; the tables hold bytes. Not here: the tables, and the planes'
// margins.
import { anyTile, zeros } from './multiply'
import { ceilDivide, DEPTH, packAlong, share, storeAcross } from './pack'
import { columnPanel, tileRoom } from './room'

/** Copies rows of `bytes` between the planes from `first` to `last`; rows and planes lie apart as said, in bytes. */
export function movePlanes(
  to: usize, toPlane: usize, toRow: usize, from: usize, fromPlane: usize, fromRow: usize, rows: u32, bytes: u32,
  first: u32, last: u32,
): void {
  for (let p = first; p < last; p++) {
    let w = to + p * toPlane
    let r = from + p * fromPlane
    for (let i: u32 = 0; i < rows; i++) {
      let b: u32 = 0
      for (; b + 16 <= bytes; b += 16) v128.store(w + b, v128.load(r + b))
      for (; b < bytes; b += 4) f32.store(w + b, f32.load(r + b))
      w += toRow
      r += fromRow
    }
  }
}

/** Packs m filters of k elements into row panels, blocks of k one after another. Element d of filter r: w[r row + offsets[d]]. */
export function packFilters(to: usize, w: usize, row: usize, offsets: usize, m: u32, k: u32): void {
  const blocks = ceilDivide(k, DEPTH)
  const panels = ceilDivide(m, 6)
  for (let block: u32 = 0; block < blocks; block++) {
    const depth = share(k, blocks, block)
    let first = w
    for (let p: u32 = 0; p < panels; p++) {
      const rows = share(m, panels, p)
      for (let d: u32 = 0; d < depth; d++) {
        let from = first + load<u32>(offsets + (d << 2))
        for (let r: u32 = 0; r < rows; r++) {
          f32.store(to, f32.load(from))
          to += 4
          from += row
        }
      }
      first += rows * row
    }
    offsets += depth << 2
  }
}

/** Bytes from each of four positions to the next, or 0 where they are not evenly apart. */
// @ts-ignore: decorator
@inline function stepOf(positions: usize): u32 {
  const p0 = load<u32>(positions), p1 = load<u32>(positions, 4), p2 = load<u32>(positions, 8)
  const step = p1 - p0
  return p2 - p1 == step && load<u32>(positions, 12) - p2 == step ? step : 0
}

/** Four elements, every other one. */
// @ts-ignore: decorator
@inline function loadOdd(x: usize): v128 {
  return v128.shuffle<f32>(v128.load(x), v128.load(x, 16), 0, 2, 4, 6)
}

/** Four elements, each from its own place. */
// @ts-ignore: decorator
@inline function loadApart(p0: usize, p1: usize, p2: usize, p3: usize): v128 {
  const low = v128.load_lane<f32>(p1, v128.load32_zero(p0), 1)
  return v128.load_lane<f32>(p3, v128.load_lane<f32>(p2, low, 2), 3)
}

/** Half a column panel: four outputs over `depth` taps. */
function packOutputs(to: usize, x: usize, positions: usize, taps: usize, depth: u32): void {
  const step = stepOf(positions)
  const end = taps + (depth << 2)
  const p0 = x + load<u32>(positions)
  if (step == 4) {
    for (; taps != end; taps += 4, to += 32) v128.store(to, v128.load(p0 + load<u32>(taps)))
  } else if (step == 8) {
    for (; taps != end; taps += 4, to += 32) v128.store(to, loadOdd(p0 + load<u32>(taps)))
  } else {
    const p1 = x + load<u32>(positions, 4), p2 = x + load<u32>(positions, 8), p3 = x + load<u32>(positions, 12)
    for (; taps != end; taps += 4, to += 32) {
      const tap = load<u32>(taps)
      f32.store(to, f32.load(p0 + tap))
      f32.store(to, f32.load(p1 + tap), 4)
      f32.store(to, f32.load(p2 + tap), 8)
      f32.store(to, f32.load(p3 + tap), 12)
    }
  }
}

/** Half a column panel the other way round: four taps over `depth` outputs, rounded up to a multiple of four. */
function packTaps(to: usize, x: usize, positions: usize, taps: usize, depth: u32): void {
  const x0 = x + load<u32>(taps), x1 = x + load<u32>(taps, 4), x2 = x + load<u32>(taps, 8), x3 = x + load<u32>(taps, 12)
  for (let d: u32 = 0; d < depth; d += 4, positions += 16, to += 128) {
    const step = stepOf(positions)
    const p0 = load<u32>(positions)
    if (step == 4) {
      storeAcross(to, 32, v128.load(x0 + p0), v128.load(x1 + p0), v128.load(x2 + p0), v128.load(x3 + p0))
    } else if (step == 8) {
      storeAcross(to, 32, loadOdd(x0 + p0), loadOdd(x1 + p0), loadOdd(x2 + p0), loadOdd(x3 + p0))
    } else {
      for (let i: usize = 0; i < 4; i++) {
        const p = load<u32>(positions + (i << 2))
        v128.store(to + (i << 5), loadApart(x0 + p, x1 + p, x2 + p, x3 + p))
      }
    }
  }
}

/** Puts a tile's sums, or adds them, where the outputs lie. */
function scatterTile(y: usize, to: usize, row: usize, rows: u32, columns: u32, add: bool): void {
  const sums = tileRoom()
  for (let r: u32 = 0; r < rows; r++) {
    for (let j: u32 = 0; j < columns << 2; j += 4) {
      const at = y + load<u32>(to + j)
      const sum = f32.load(sums + (r << 5) + j)
      f32.store(at, add ? f32.load(at) + sum : sum)
    }
    y += row
  }
}

/**
 * y[to[q] + r row] = sum over t of filter r at t times x[from[q] + taps[t]], for m packed filters of k elements and the
 * outputs from `first`, a multiple of eight, to `last`. The tables `from` and `to` are as long as a multiple of eight.
 */
export function multiplyPatches(
  y: usize, to: usize, row: usize, filters: usize, x: usize, from: usize, taps: usize, m: u32, k: u32, first: u32,
  last: u32,
): void {
  const panel = columnPanel()
  const blocks = ceilDivide(k, DEPTH)
  const panels = ceilDivide(m, 6)
  for (let block: u32 = 0; block < blocks; block++) {
    const depth = share(k, blocks, block)
    const add = block > 0
    for (let q = first; q < last; q += 8) {
      const positions = from + (q << 2)
      const places = to + (q << 2)
      packOutputs(panel, x, positions, taps, depth)
      packOutputs(panel + 16, x, positions + 16, taps, depth)
      const start = load<u32>(places)
      const columns = min<u32>(8, last - q)
      // Places only grow, so that eight of them which span eight are neighbours.
      const together = columns == 8 && load<u32>(places, 28) - start == 28
      let a = filters
      let c = y
      for (let p: u32 = 0; p < panels; p++) {
        const rows = share(m, panels, p)
        if (together) {
          anyTile(rows, a, panel, depth, c + start, row, add ? c + start : zeros, add ? row : 0)
        } else {
          anyTile(rows, a, panel, depth, tileRoom(), 32, zeros, 0)
          scatterTile(c, places, row, rows, columns, add)
        }
        a += (rows * depth) << 2
        c += rows * row
      }
    }
    filters += (m * depth) << 2
    taps += depth << 2
  }
}

/** Packs m channels of dy over `depth` outputs from output q on, `places` of them an image, into row panels. */
function packBlock(to: usize, dy: usize, image: usize, places: u32, m: u32, q: u32, depth: u32): void {
  const panels = ceilDivide(m, 6)
  const plane = places << 2
  for (let d: u32 = 0; d < depth;) {
    const place = (q + d) % places
    const run = min(depth - d, places - place)
    let from = dy + ((q + d) / places) * image + (place << 2)
    let w = to
    for (let p: u32 = 0; p < panels; p++) {
      const rows = share(m, panels, p)
      packAlong(w + ((d * rows) << 2), from, plane, rows, rows, run)
      w += (rows * depth) << 2
      from += rows * plane
    }
    d += run
  }
}

/**
 * Packs m channels of dy over `count` outputs into row panels, for `filterGradient`. Images lie `image` bytes apart and
 * have `places` outputs.
 */
export function packGradient(to: usize, dy: usize, image: usize, places: u32, m: u32, count: u32): void {
  const fours = ceilDivide(count, 4)
  const blocks = ceilDivide(count, DEPTH)
  let q: u32 = 0
  for (let block: u32 = 0; block < blocks; block++) {
    const depth = min(share(fours, blocks, block) << 2, count - q)
    packBlock(to + ((m * q) << 2), dy, image, places, m, q, depth)
    q += depth
  }
}

/**
 * dw[m, k] += the sum over outputs q of dy[r, q] x[from[q] + taps[t]], where dy is packed, for the taps from `first`, a
 * multiple of eight, to `last`. The tables are as long as a multiple of eight.
 */
export function filterGradient(
  dw: usize, packed: usize, x: usize, from: usize, taps: usize, m: u32, count: u32, k: u32, first: u32, last: u32,
): void {
  const panel = columnPanel()
  const fours = ceilDivide(count, 4)
  const blocks = ceilDivide(count, DEPTH)
  const panels = ceilDivide(m, 6)
  const row: usize = k << 2
  let q: u32 = 0
  for (let block: u32 = 0; block < blocks; block++) {
    const depth = min(share(fours, blocks, block) << 2, count - q)
    const positions = from + (q << 2)
    for (let t = first; t < last; t += 8) {
      packTaps(panel, x, positions, taps + (t << 2), depth)
      packTaps(panel + 16, x, positions, taps + (t << 2) + 16, depth)
      let a = packed + ((m * q) << 2)
      let c = dw + (t << 2)
      for (let p: u32 = 0; p < panels; p++) {
        const rows = share(m, panels, p)
        if (t + 8 <= k) {
          anyTile(rows, a, panel, depth, c, row, c, row)
        } else {
          anyTile(rows, a, panel, depth, tileRoom(), 32, zeros, 0)
          scatterTile(c, places8, row, rows, k - t, true)
        }
        a += (rows * depth) << 2
        c += rows * row
      }
    }
    q += depth
  }
}

/** Eight neighbours, as a table of places. */
const places8 = memory.data<u32>([0, 4, 8, 12, 16, 20, 24, 28], 16)

/**
 * x[from[q] + taps[t]] += columns[t, q] for the channels from `first` to `last`, of `window` taps each; rows of columns
 * are `stride` bytes apart.
 */
export function addPatches(
  x: usize, from: usize, taps: usize, columns: usize, stride: usize, count: u32, window: u32, first: u32, last: u32,
): void {
  columns += first * window * stride
  for (let t = first * window; t < last * window; t++) {
    const start = x + load<u32>(taps + (t << 2))
    for (let q: u32 = 0; q < count; q++) {
      const at = start + load<u32>(from + (q << 2))
      f32.store(at, f32.load(at) + f32.load(columns + (q << 2)))
    }
    columns += stride
  }
}
