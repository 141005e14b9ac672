// The input projection of a recurrent sequence in WebAssembly: one product for all steps of a block. Not here: the time
// loops that go on from it.
import type { Block } from './blocks.ts'
import type { Pass } from './pass.ts'
import type { Weights } from './weights.ts'

/** Fills the sums `[rows, width]` of one block: packed input times the transpose of weightIh, plus its bias. */
export function projectInput(
  { machine, places, problem: { inputSize } }: Pass, { first, rows }: Block,
  { to, width, weights }: { readonly to: number; readonly width: number; readonly weights: Weights },
): void {
  const from = places.input + 4 * first * inputSize
  machine.exports.multiplyRows(
    to + 4 * first * width, 4 * width, from, 4 * inputSize, false, weights.ih, width, inputSize, weights.bias, 0, rows,
  )
}
