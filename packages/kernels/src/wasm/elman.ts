// The Elman sequence in WebAssembly, forward and backward.
import type { Plan } from '../plan.ts'
import type {
  BackwardOptions, ElmanProblem, OutputGradients, SequenceGradients, SequenceResult,
} from '../types.ts'
import { StateNormReader } from '../state-norms.ts'
import { blocksOf } from './blocks.ts'
import { WeightGradients } from './gradients.ts'
import type { Machine } from './machine.ts'
import { goBackward, goForward } from './overlap.ts'
import { Pass, startPass } from './pass.ts'
import type { Held } from './pass.ts'
import { projectInput } from './projection.ts'
import { packedWeights, residentWeights } from './weights.ts'

export function elmanForwardWasm(
  machine: Machine, problem: ElmanProblem<Float32Array>, plan: Plan,
): SequenceResult<Float32Array> & { readonly held: Held } {
  const { hiddenSize: hidden, nonlinearity } = problem
  const form = { width: hidden, biases: [[problem.biasIh, problem.biasHh]] }
  const resident = residentWeights(machine, problem, form)
  const { pass, held } = startPass(machine, plan, problem, { gates: 0, extra: 0 })
  const { active, offsets, states } = pass.places
  const outputs = states + 4 * plan.batch * hidden
  const weights = resident ?? packedWeights(machine, problem, form)
  const relu = nonlinearity === 'relu'
  goForward(machine, blocksOf(plan, hidden), {
    // The input sums are written where the states will be.
    project: (block) => { projectInput(pass, block, { to: outputs, width: hidden, weights }) },
    loop: ({ begin, end }) => {
      machine.exports.elmanForward(
        active, offsets, begin, end, plan.batch, hidden, relu, states, weights.hh, 0, plan.batch,
      )
    },
  })
  const { output, hidden: last } = pass.outputs()
  return { output, hidden: last, held }
}

export function elmanBackwardWasm(
  held: Held, problem: ElmanProblem<Float32Array>, plan: Plan,
  { gradients, options }: { gradients: OutputGradients<Float32Array>; options: BackwardOptions },
): SequenceGradients<Float32Array> {
  const { machine, places } = held
  const { active, offsets, states } = places
  const { hiddenSize: hidden, nonlinearity } = problem
  const pass = new Pass(machine.begin(), plan, problem, places)
  const outer = pass.bringOuter(gradients.output)
  const sums = pass.take(plan.rows * hidden)
  const dHidden = pass.take(plan.batch * hidden)
  pass.bringPlaces(gradients.hidden, dHidden)
  const hh = pass.pack(pass.bring(problem.weightHh), hidden, hidden)
  const relu = nonlinearity === 'relu'
  const blocks = blocksOf(plan, hidden)
  const inputSums = { at: sums, stride: 4 * hidden, columns: hidden }
  const weights = new WeightGradients(pass, blocks, { inputSums }, options)
  const norms = options.stateNorms === true ? new StateNormReader(plan, hidden, { hasCell: false }) : undefined
  goBackward(machine, blocks, {
    weights,
    loop: ({ begin, end }) => {
      machine.exports.elmanBackward(
        active, offsets, begin, end, plan.batch, hidden, relu, states, outer, sums, dHidden, hh, 0, plan.batch,
      )
    },
    read: norms && ((step) => {
      norms.read(step, { dHidden: pass.viewPlaces(dHidden), outer: pass.viewOuter(outer) })
    }),
  })
  return { ...weights.finish(dHidden), ...(norms && { stateNorms: norms.norms() }) }
}
