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
    let j = first << 2
    for (; j + 16 <= last << 2; j += 16) {
      let sum = f32x4.splat(0)
      for (let p = from; p < end; p += stride) sum = f32x4.add(sum, v128.load(p + j))
      v128.store(to + j, f32x4.add(v128.load(to + j), sum))
    }
    for (; j < last << 2; j += 4) {
      let sum: f32 = 0
      for (let p = from; p < end; p += stride) sum += f32.load(p + j)
      f32.store(to + j, f32.load(to + j) + sum)
    }
    from = end
  }
}

/** Stores the first `left` lanes; all four when there are more. */
// @ts-ignore: decorator
@inline export function storeLanes(to: usize, value: v128, left: u32): void {
  if (left >= 4) v128.store(to, value)
  else storeFew(to, value, left)
}

/** Stores the first lane, and the second and third when `left` says so. */
export function storeFew(to: usize, value: v128, left: u32): void {
  v128.store_lane<f32>(to, value, 0)
  if (left > 1) v128.store_lane<f32>(to, value, 1, 4)
  if (left > 2) v128.store_lane<f32>(to, value, 2, 8)
}
