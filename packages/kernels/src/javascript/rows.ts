// Sums of rows in plain JavaScript: the reference, the float64 path and the fallback.
import type { FloatArray } from '../types.ts'

export function sumRowsInto(out: FloatArray, x: FloatArray, columns: number): void {
  const totals = new Float64Array(columns)
  for (let at = 0; at < x.length; at += columns) for (let j = 0; j < columns; j += 1) totals[j] += x[at + j]
  out.set(totals)
}

export function scatterAddRowsInto(
  out: FloatArray, updates: FloatArray, indices: Int32Array, columns: number,
): void {
  for (let i = 0, from = 0; i < indices.length; i += 1, from += columns) {
    const to = indices[i] * columns
    let j = 0
    // Four at a time: a turn of a loop costs as much as an addition.
    for (; j + 4 <= columns; j += 4) {
      out[to + j] += updates[from + j]
      out[to + j + 1] += updates[from + j + 1]
      out[to + j + 2] += updates[from + j + 2]
      out[to + j + 3] += updates[from + j + 3]
    }
    for (; j < columns; j += 1) out[to + j] += updates[from + j]
  }
}
