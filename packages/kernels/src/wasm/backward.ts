// Goes back through the groups of a pass, block by block from the last. Not here: the time loops, and the gradients
// that each block adds to.
import { StateNormReader } from '../state-norms.ts'
import type { StepGradients } from '../state-norms.ts'
import type { BackwardOptions, OutputGradients, SequenceGradients } from '../types.ts'
import { blocksOf, stepsBack } from './blocks.ts'
import type { Block } from './blocks.ts'
import { WeightGradients } from './gradients.ts'
import type { Sums } from './gradients.ts'
import type { At, Pass, Placed } from './pass.ts'

/** What comes from outside. */
export interface Outside<G extends OutputGradients<Float32Array> = OutputGradients<Float32Array>> {
  readonly gradients: G
  readonly options: BackwardOptions
}

/** What a kind of layer has of its own. */
interface Layer {
  /** Gates of a row. */
  readonly width: number
  /** What the loop leaves for the weights. */
  readonly sums: (placed: Placed) => Sums
  /** Goes back over steps, from the gradients of their outputs, or 0, and of the last states, which it changes. */
  readonly loop: (
    placed: Placed, steps: Pick<Block, 'begin' | 'end'>, at: { readonly outer: number; readonly dHidden: number },
  ) => void
  /** What an LSTM has at hand for the norms. */
  readonly cell?: (placed: Placed) => StepGradients['cell']
}

export function goBackward(
  pass: Pass, { gradients, options }: Outside, { width, sums, loop, cell }: Layer,
): SequenceGradients<Float32Array> {
  const { machine, plan, problem: { hiddenSize: hidden } } = pass
  const outer = bringOuter(pass, gradients.output)
  const dHidden = pass.takeEach(({ batch }) => batch * hidden)
  pass.bringPlaces(gradients.hidden, dHidden)
  const weights = new WeightGradients(pass, { sums, width }, options)
  const initialHidden = pass.batched(dHidden)
  const norms = options.stateNorms === true
    ? new StateNormReader(plan, hidden, { hasCell: cell !== undefined })
    : undefined
  /** Before the loop goes back over a step. */
  const read = (placed: Placed, step: number): void => {
    const { group, group: { batch, rows } } = placed
    norms?.read(group, step, {
      dHidden: machine.view(dHidden(placed), batch * hidden),
      outer: gradients.output && machine.view(outer(placed), rows * hidden),
      cell: cell?.(placed),
    })
  }
  pass.run((placed) => {
    const blocks = blocksOf(placed.group, width).reverse()
    const at = { outer: outer(placed), dHidden: dHidden(placed) }
    const goBack = (step: number): void => {
      if (norms === undefined) {
        loop(placed, blocks[step], at)
        return
      }
      for (const steps of stepsBack(blocks[step])) {
        read(placed, steps.begin)
        loop(placed, steps, at)
      }
    }
    const add = weights.stages.map(stage => (step: number) => { stage(placed, blocks[step]) })
    return { steps: blocks.length, stages: [goBack, ...add] }
  }, { reads: norms !== undefined })
  return { ...weights.finish(initialHidden), ...(norms && { stateNorms: norms.norms() }) }
}

/** The gradients of the outputs, packed `[rows, hidden]`; 0 where there are none. */
function bringOuter(pass: Pass, output: Float32Array | undefined): At {
  if (output === undefined) return () => 0
  const { hiddenSize } = pass.problem
  const at = pass.takeEach(({ rows }) => rows * hiddenSize)
  pass.bringPacked(output, at, hiddenSize)
  return at
}
