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
  /** Every row is active in every step: what precedes step t lies in one block, and places are rows. */
  readonly full: boolean
  /** Packed rows lie as the padded ones do: nothing has to be moved. */
  readonly plain: boolean
  /** All the indices below, in their order, in one array. */
  readonly indices: Int32Array
  /** `[steps]` rows at work in each step. */
  readonly active: Int32Array
  /** `[steps]` the first packed row of each step. */
  readonly offsets: Int32Array
  /** `[rows]` packed row -> row of the flat `[batch * time]`. */
  readonly source: Int32Array
  /** `[batch]` place -> row of the batch. Stable: equal lengths keep their order. */
  readonly order: Int32Array
  /** `[batch]` row of the batch -> its last state, among the initial states followed by those of the packed rows. */
  readonly last: Int32Array
}

/** The last plan of a layout without lengths: step after step and batch after batch, it is the same. */
let recent: { readonly plan: Plan; readonly reverse: boolean } | undefined

/** The plan of a layout that has been checked. */
export function planOf({ batch, time, lengths, reverse = false }: SequenceLayout): Plan {
  if (lengths !== undefined) return makePlan(batch, time, { lengths, reverse })
  if (recent === undefined || recent.plan.batch !== batch || recent.plan.time !== time || recent.reverse !== reverse) {
    recent = { plan: makePlan(batch, time, { lengths: new Int32Array(batch).fill(time), reverse }), reverse }
  }
  return recent.plan
}

function makePlan(
  batch: number, time: number, { lengths, reverse }: { readonly lengths: Int32Array; readonly reverse: boolean },
): Plan {
  let rows = 0
  let steps = 0
  for (const length of lengths) {
    rows += length
    if (length > steps) steps = length
  }
  const indices = new Int32Array(2 * steps + rows + 2 * batch)
  const active = indices.subarray(0, steps)
  const offsets = indices.subarray(steps, 2 * steps)
  const source = indices.subarray(2 * steps, 2 * steps + rows)
  const order = indices.subarray(2 * steps + rows, 2 * steps + rows + batch)
  const last = indices.subarray(2 * steps + rows + batch)
  sortByLength(order, lengths, time)
  let working = batch
  let packed = 0
  let plain = rows === batch * time
  for (let t = 0; t < steps; t += 1) {
    while (lengths[order[working - 1]] <= t) working -= 1
    active[t] = working
    offsets[t] = packed
    for (let place = 0; place < working; place += 1) {
      const row = order[place]
      const from = row * time + (reverse ? lengths[row] - 1 - t : t)
      plain &&= from === packed
      source[packed++] = from
    }
  }
  const full = rows === batch * steps
  const plan = { batch, time, steps, rows, full, plain, indices, active, offsets, source, order, last }
  for (let place = 0; place < batch; place += 1) last[order[place]] = before(plan, lengths[order[place]]) + place
  return plan
}

/** The first row that precedes step `t`, among the initial states followed by those of the packed rows. */
export function before({ batch, offsets }: Plan, t: number): number {
  return t === 0 ? 0 : batch + offsets[t - 1]
}

/** A counting sort, longest first, stable. */
function sortByLength(order: Int32Array, lengths: Int32Array, time: number): void {
  const starts = new Int32Array(time + 2)
  for (const length of lengths) starts[time - length + 1] += 1
  for (let l = 0; l <= time; l += 1) starts[l + 1] += starts[l]
  for (let b = 0; b < lengths.length; b += 1) order[starts[time - lengths[b]]++] = b
}
