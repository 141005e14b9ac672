// The input projection of a recurrent sequence in WebAssembly: one product for all steps of a block. Not here: the time
// loops that go on from it.
import type { Block } from './blocks.ts'
import type { Pass } from './pass.ts'

/** Sums `[rows, width]` = packed input times the transpose of weightIh, plus the biases that there are. */
export class Projection {
  readonly #pass: Pass
  readonly #to: number
  readonly #width: number
  readonly #weight: number
  readonly #bias: number

  constructor(
    pass: Pass, to: number, biases: readonly (Float32Array | undefined)[],
    { width, packed }: { readonly width: number; readonly packed?: number | undefined },
  ) {
    const { inputSize, weightIh } = pass.problem
    this.#pass = pass
    this.#to = to
    this.#width = width
    this.#bias = pass.zeros(width)
    for (const values of biases) if (values !== undefined) pass.machine.add(this.#bias, values)
    this.#weight = packed ?? pass.packTransposed(pass.bring(weightIh), width, inputSize)
  }

  /** Fills the sums of one block. */
  fill({ first, rows }: Block): void {
    const { machine, places, problem: { inputSize } } = this.#pass
    const width = this.#width
    const from = places.input + 4 * first * inputSize
    const to = this.#to + 4 * first * width
    machine.exports.multiplyPacked(
      to, 4 * width, from, 4 * inputSize, false, this.#weight, rows, width, inputSize, this.#bias,
    )
  }
}
