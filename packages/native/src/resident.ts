// Packed weights that stay from one forward pass to the next, for as long as their version and the instruction set do:
// with one row a step, packing them would take many times as long as the step. Not here: who counts the versions.
import type { Addon } from './addon.ts'

interface Packed {
  readonly version: number
  readonly instructionSet: string
  readonly values: Float32Array
}

export class ResidentWeights {
  readonly #addon: Addon
  /** A weight that is collected takes its packed form along. */
  readonly #known = new WeakMap<Float32Array, Packed>()

  constructor(addon: Addon) {
    this.#addon = addon
  }

  /** The weight `[n, k]` as `pack` lays it out for the instruction set in use. */
  packed(
    weight: Float32Array,
    { n, k, version, instructionSet }:
    { readonly n: number; readonly k: number; readonly version: number; readonly instructionSet: string },
  ): Float32Array {
    const before = this.#known.get(weight)
    if (before?.version === version && before.instructionSet === instructionSet) return before.values
    const values = new Float32Array(this.#addon.packedLength(n, k))
    this.#addon.pack(values, weight, n, k)
    this.#known.set(weight, { version, instructionSet, values })
    return values
  }
}
