// Cuts a batch into groups of rows, each a smaller batch that is packed by itself: a thread takes one from its first
// step to its last and waits for nobody. The groups depend on the problem alone, so that results do not depend on the
// number of threads. Not here: the passes over them.
import { planOf } from '../plan.ts'
import type { Plan } from '../plan.ts'
import type { SequenceLayout } from '../types.ts'

/** Rows that a group has, unless there are more than MOST times as many. */
const ROWS = 16
/** Groups at most: what the weights' gradients need of memory, each of them needs. */
const MOST = 4
/** Multiply-adds that a group has at least: some tenths of a millisecond. */
const WORK = 5_000_000

/** The groups of plans, which are used again and again where there are no lengths. */
const known = new WeakMap<Plan, readonly Plan[]>()

/**
 * The plans of the groups of a batch, whose rows `source` and `order` count; a place is also the row of `last`.
 * `weights` is the number of weights that a row meets in a step.
 */
export function groupsOf(plan: Plan, layout: SequenceLayout, weights: number): readonly Plan[] {
  const count = Math.max(1, Math.min(MOST, Math.floor(plan.batch / ROWS), Math.floor((plan.rows * weights) / WORK)))
  if (count === 1 && plan.full) return [plan]
  const before = known.get(plan)
  if (before?.length === count) return before
  // Rows that lie behind one another are copied at once; where some are shorter, every so many-th place, so that all
  // groups have as many steps.
  const groupAt = (place: number): number => (plan.full ? Math.floor((place * count) / plan.batch) : place % count)
  const groups = Array.from({ length: count }, (_, number) => (
    groupOf(layout, plan.order.filter((_row, place) => groupAt(place) === number))
  ))
  known.set(plan, groups)
  return groups
}

/** Rows of the batch, the longest first. */
function groupOf({ time, lengths, reverse }: SequenceLayout, rows: Int32Array): Plan {
  const plan = planOf({ batch: rows.length, time, reverse, lengths: rows.map(row => lengths?.[row] ?? time) })
  const { source, order } = plan
  source.forEach((from, i) => { source[i] = rows[Math.floor(from / time)] * time + (from % time) })
  order.set(rows)
  return plan
}

/** Calls back with each run of rows of the flat `[batch * time]` that a group works on: the first, and how many. */
export function forEachRun(
  { batch, time, steps, rows, active, order }: Plan, use: (first: number, rows: number) => void,
): void {
  if (rows === batch * time && order[batch - 1] - order[0] === batch - 1) {
    use(order[0] * time, rows)
    return
  }
  let length = 0
  for (let place = batch - 1; place >= 0; place -= 1) {
    while (length < steps && active[length] > place) length += 1
    use(order[place] * time, length)
  }
}
