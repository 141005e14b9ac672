// Goes forward through the groups of a pass, block by block: the input projection, one product for all steps of a
// block, and the time loop that goes on from it. Not here: the loops.
import type { SequenceResult } from '../types.ts'
import { blocksOf } from './blocks.ts'
import type { Block } from './blocks.ts'
import type { At, Pass, Placed } from './pass.ts'
import type { Weights } from './weights.ts'

/**
 * The sums `[rows, width]` at `to` become, block by block, packed input times the transpose of weightIh, plus its bias;
 * then `loop` goes over the steps.
 */
export function goForward(
  pass: Pass, { to, width, weights, loop }: {
    readonly to: At
    readonly width: number
    readonly weights: Weights
    readonly loop: (placed: Placed, steps: Block) => void
  },
): Pick<SequenceResult<Float32Array>, 'output' | 'hidden'> {
  const { machine: { exports }, problem: { inputSize } } = pass
  const outputs = pass.outputs()
  pass.run((placed) => {
    const blocks = blocksOf(placed.group, width)
    const project = (step: number): void => {
      const { first, rows } = blocks[step]
      const from = placed.places.input + 4 * first * inputSize
      exports.multiplyRows(
        to(placed) + 4 * first * width, 4 * width, from, 4 * inputSize, false, weights.ih, width, inputSize,
        weights.bias, 0, rows,
      )
    }
    return { steps: blocks.length, stages: [project, (step) => { loop(placed, blocks[step]) }] }
  })
  return outputs()
}
