// Moves rows of features between padded and packed order, and sums rows. Indices come from the plan of the sequence.

// @ts-ignore: decorator
@inline function copyRow(to: usize, from: usize, bytes: u32): void {
  let i: u32 = 0
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(from + i))
  for (; i < bytes; i += 4) f32.store(to + i, f32.load(from + i))
}

/** to[r] = from[index[r]], for each of `rows`. */
export function gatherRows(to: usize, from: usize, index: usize, width: u32, rows: u32): void {
  const bytes = width << 2
  for (let r: u32 = 0; r < rows; r++) {
    copyRow(to + r * bytes, from + load<u32>(index + (r << 2)) * bytes, bytes)
  }
}

/** to[index[r]] = from[r], for each of `rows`. */
export function scatterRows(to: usize, from: usize, index: usize, width: u32, rows: u32): void {
  const bytes = width << 2
  for (let r: u32 = 0; r < rows; r++) {
    copyRow(to + load<u32>(index + (r << 2)) * bytes, from + r * bytes, bytes)
  }
}

/** to[index[r]] += from[r], for each of `rows`. */
export function addRows(to: usize, from: usize, index: usize, width: u32, rows: u32): void {
  for (let r: u32 = 0; r < rows; r++) {
    let row = to + ((load<u32>(index + (r << 2)) * width) << 2)
    for (let left = <i32>width; left > 0; left -= 4, row += 16) {
      storeLanes(row, f32x4.add(v128.load(row), v128.load(from)), left)
      from += min(left, 4) << 2
    }
  }
}

/** How many rows are at work in step t. */
// @ts-ignore: decorator
@inline export function rowsAt(active: usize, t: u32): u32 {
  return load<u32>(active + (t << 2))
}

/** The first of the rows that precede step t, in states [batch + rows]: those before the first step come first. */
// @ts-ignore: decorator
@inline export function rowsBefore(offsets: usize, batch: u32, t: u32): u32 {
  return t == 0 ? 0 : batch + load<u32>(offsets + ((t - 1) << 2))
}

/** to[...] = the state before each packed row of the steps from `begin` to `end`, from states [batch + rows]. */
export function precedingRows(
  to: usize, states: usize, active: usize, offsets: usize, begin: u32, end: u32, batch: u32, width: u32,
): void {
  for (let t = begin; t < end; t++) {
    const bytes = (rowsAt(active, t) * width) << 2
    copyRow(to, states + ((rowsBefore(offsets, batch, t) * width) << 2), bytes)
    to += bytes
  }
}

/** Rows that are summed before their sum is added: it bounds the rounding error of long columns. */
const BLOCK: u32 = 128

/** to[...] += the sum of the rows, which lie `stride` bytes apart, in the columns from `first` to `last`. */
export function sumRows(to: usize, from: usize, stride: usize, rows: u32, first: u32, last: u32): void {
  for (let r: u32 = 0; r < rows; r += BLOCK) {
    const end = from + min(BLOCK, rows - r) * stride
    for (let j = <i32>first; j < <i32>last; j += 4) {
      let sum = f32x4.splat(0)
      for (let p = from + (j << 2); p < end; p += stride) sum = f32x4.add(sum, v128.load(p))
      const at = to + (j << 2)
      storeLanes(at, f32x4.add(v128.load(at), sum), last - j)
    }
    from = end
  }
}

/**
 * totals[columns], in float64, += the sum of the rows, and to[columns] is what they come to. What lies behind a row is
 * loaded with its last lanes, and both results have room for whole groups of four.
 */
export function totalRows(to: usize, totals: usize, from: usize, rows: u32, columns: u32): void {
  const stride = columns << 2
  const end = from + rows * stride
  for (let j: usize = 0; j < stride; j += 16, totals += 32) {
    let low = v128.load(totals)
    let high = v128.load(totals, 16)
    for (let p = from + j; p < end; p += stride) {
      const x = v128.load(p)
      low = f64x2.add(low, f64x2.promote_low_f32x4(x))
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3)))
    }
    v128.store(totals, low)
    v128.store(totals, high, 16)
    low = f32x4.demote_f64x2_zero(low)
    v128.store(to + j, v128.shuffle<f32>(low, f32x4.demote_f64x2_zero(high), 0, 1, 4, 5))
  }
}

/** Stores the first `left` lanes; all four when there are more. */
// @ts-ignore: decorator
@inline export function storeLanes(to: usize, value: v128, left: u32): void {
  if (left >= 4) v128.store(to, value)
  else storeFew(to, value, left)
}

/** Stores the first lane, and the second and third when `left` says so. */
function storeFew(to: usize, value: v128, left: u32): void {
  v128.store_lane<f32>(to, value, 0)
  if (left > 1) v128.store_lane<f32>(to, value, 1, 4)
  if (left > 2) v128.store_lane<f32>(to, value, 2, 8)
}
