// Moves features between padded and packed order, and sums bias gradients. The order itself is the plan's.
import { zeros } from '../arrays.ts'
import { before } from '../plan.ts'
import type { Plan } from '../plan.ts'
import type { FloatArray } from '../types.ts'

/** `[batch, time, width]` -> `[rows, width]`. */
export function packRows<A extends FloatArray>(plan: Plan, padded: A, width: number): A {
  const packed = zeros(padded, plan.rows * width)
  for (let r = 0; r < plan.rows; r += 1) copyRow(packed, r * width, padded, plan.source[r] * width, width)
  return packed
}

/** `[rows, width]`, starting at `at` -> `[batch, time, width]`, zero past each length. */
export function unpackRows<A extends FloatArray>(plan: Plan, packed: A, at: number, width: number): A {
  const padded = zeros(packed, plan.batch * plan.time * width)
  for (let r = 0; r < plan.rows; r += 1) copyRow(padded, plan.source[r] * width, packed, at + r * width, width)
  return padded
}

/** `to[place] = from[order[place]]`, row by row: batch order -> places. */
export function toPlaces(plan: Plan, to: FloatArray, from: FloatArray, width: number): void {
  for (let p = 0; p < plan.batch; p += 1) copyRow(to, p * width, from, plan.order[p] * width, width)
}

/** The inverse of `toPlaces`, into a new array. */
export function fromPlaces<A extends FloatArray>(plan: Plan, from: A, width: number): A {
  const to = zeros(from, plan.batch * width)
  for (let p = 0; p < plan.batch; p += 1) copyRow(to, plan.order[p] * width, from, p * width, width)
  return to
}

/** The last valid state of each row, in batch order, from `states` `[batch + rows, width]`. */
export function lastStates<A extends FloatArray>(plan: Plan, states: A, width: number): A {
  const last = zeros(states, plan.batch * width)
  for (let b = 0; b < plan.batch; b += 1) copyRow(last, b * width, states, plan.last[b] * width, width)
  return last
}

/** `[rows, width]`: the state before each packed row, from `states` `[batch + rows, width]`. */
export function previousStates<A extends FloatArray>(plan: Plan, states: A, width: number): A {
  if (plan.full) return states
  const previous = zeros(states, plan.rows * width)
  for (let t = 0; t < plan.steps; t += 1) {
    const from = before(plan, t) * width
    copyRow(previous, plan.offsets[t] * width, states, from, plan.active[t] * width)
  }
  return previous
}

/** The sum over rows of `[rows, width]`. */
export function sumRows<A extends FloatArray>(packed: A, rows: number, width: number): A {
  const sums = new Float64Array(width)
  for (let r = 0; r < rows; r += 1) for (let i = 0; i < width; i += 1) sums[i] += packed[r * width + i]
  const made = zeros(packed, width)
  made.set(sums)
  return made
}

function copyRow(to: FloatArray, toAt: number, from: FloatArray, fromAt: number, width: number): void {
  for (let i = 0; i < width; i += 1) to[toAt + i] = from[fromAt + i]
}
