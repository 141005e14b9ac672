// How a padded batch is packed: rows sorted by length (longest first), then time-major, so that at step t the first
// `active[t]` rows work and nothing is spent on padding. Only indices: no features are moved here.
import type { SequenceLayout } from './types.ts'

/** The packing of one layout. Packed step rows are counted from 0 to `rows`; "place" is a row's rank by length. */
export interface Plan {
  readonly batch: number
  readonly time: number
  /** Steps that at least one row has. */
  readonly steps: number
  /** Packed rows in all: the sum of the lengths. */
  readonly rows: number
  /** `[batch]` place -> row of the batch. Stable: equal lengths keep their order. */
  readonly order: Int32Array
  /** `[batch]` place -> length. */
  readonly lengths: Int32Array
  /** `[steps]` rows at work in each step. */
  readonly active: Int32Array
  /** `[steps + 1]` the first packed row of each step. */
  readonly offsets: Int32Array
  /** `[rows]` packed row -> row of the flat `[batch * time]`. */
  readonly source: Int32Array
  /** Every row is active in every step: what precedes step t lies in one block. */
  readonly full: boolean
}

/** The plan of a layout that has been checked. */
export function planOf(layout: SequenceLayout): Plan {
  const { batch, time, reverse = false } = layout
  const given = layout.lengths ?? new Int32Array(batch).fill(time)
  const order = sortByLength(given, time)
  const lengths = new Int32Array(batch)
  let rows = 0
  for (let place = 0; place < batch; place += 1) {
    lengths[place] = given[order[place]]
    rows += lengths[place]
  }
  const steps = batch === 0 ? 0 : lengths[0]
  const active = new Int32Array(steps)
  const offsets = new Int32Array(steps + 1)
  const source = new Int32Array(rows)
  let working = batch
  let packed = 0
  for (let t = 0; t < steps; t += 1) {
    while (lengths[working - 1] <= t) working -= 1
    active[t] = working
    offsets[t] = packed
    for (let place = 0; place < working; place += 1) {
      source[packed++] = order[place] * time + (reverse ? lengths[place] - 1 - t : t)
    }
  }
  offsets[steps] = packed
  return { batch, time, steps, rows, order, lengths, active, offsets, source, full: rows === batch * steps }
}

/** A counting sort, longest first, stable. */
function sortByLength(lengths: Int32Array, time: number): Int32Array {
  const starts = new Int32Array(time + 2)
  for (let b = 0; b < lengths.length; b += 1) starts[time - lengths[b] + 1] += 1
  for (let l = 0; l <= time; l += 1) starts[l + 1] += starts[l]
  const order = new Int32Array(lengths.length)
  for (let b = 0; b < lengths.length; b += 1) order[starts[time - lengths[b]]++] = b
  return order
}
