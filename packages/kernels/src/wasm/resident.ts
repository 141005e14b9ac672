// Packed weights that stay in WebAssembly memory from one pass to the next, for as long as their version does: with one
// row a step, packing them would take longer than the step. Not here: who counts the versions.
import type { Machine } from './machine.ts'
import type { Slot } from './slots.ts'

interface Resident {
  readonly version: number
  readonly slot: Slot
}

/** By machine and weight; a weight that is collected gives its slot back. */
const known = new WeakMap<Machine, WeakMap<Float32Array, Resident>>()

/** A weight `[n, k]` whose packed transpose stays. */
export interface ResidentWeight {
  readonly weight: Float32Array
  readonly n: number
  readonly k: number
}

/**
 * Where the packed transposes of weights lie; undefined where there is no room for all of them. Forgets the layout of
 * the arena.
 */
export function residentTransposed(
  machine: Machine, weights: readonly ResidentWeight[], version: number,
): readonly number[] | undefined {
  const ofMachine = known.get(machine) ?? new WeakMap<Float32Array, Resident>()
  known.set(machine, ofMachine)
  const slots = weights.map(({ weight, n, k }) => {
    const before = ofMachine.get(weight)
    if (before?.version === version && before.slot.valid) return before.slot
    if (before?.slot.valid === true) machine.release(before.slot)
    const slot = machine.keep(Math.ceil(machine.exports.packedLength(n, k) / 4) * 4)
    machine.begin()
    const from = machine.take(weight.length)
    machine.write(from, weight)
    machine.exports.packColumns(slot.at, from, 4 * k, true, n, k)
    ofMachine.set(weight, { version, slot })
    return slot
  })
  // A later one may have taken the room of an earlier one back.
  return slots.every(slot => slot.valid) ? slots.map(slot => slot.at) : undefined
}
