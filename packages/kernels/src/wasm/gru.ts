// The GRU sequence in WebAssembly, forward and backward.
import type { Plan } from '../plan.ts'
import type { BackwardOptions, GruProblem, OutputGradients, SequenceGradients, SequenceResult } from '../types.ts'
import { StateNormReader } from '../state-norms.ts'
import { blocksOf } from './blocks.ts'
import { WeightGradients } from './gradients.ts'
import type { Machine } from './machine.ts'
import { goBackward, goForward } from './overlap.ts'
import { Pass, startPass } from './pass.ts'
import type { Held } from './pass.ts'
import { projectInput } from './projection.ts'
import { packedWeights, residentWeights } from './weights.ts'

export function gruForwardWasm(
  machine: Machine, problem: GruProblem<Float32Array>, plan: Plan,
): SequenceResult<Float32Array> & { readonly held: Held } {
  const { hiddenSize: hidden } = problem
  const { batch, rows } = plan
  const form = { width: 3 * hidden, biases: [[problem.biasIh], [problem.biasHh]] }
  const resident = residentWeights(machine, problem, form)
  const { pass, held } = startPass(machine, plan, problem, { gates: rows * 3 * hidden, extra: rows * hidden })
  const { active, offsets, states, gates, extra: products } = pass.places
  const weights = resident ?? packedWeights(machine, problem, form)
  const bias = weights.bias + 4 * 3 * hidden
  const recurrent = pass.take(batch * 3 * hidden)
  goForward(machine, blocksOf(plan, 3 * hidden), {
    project: (block) => { projectInput(pass, block, { to: gates, width: 3 * hidden, weights }) },
    loop: ({ begin, end }) => {
      machine.exports.gruForward(
        active, offsets, begin, end, batch, hidden, gates, products, states, weights.hh, bias, recurrent, 0, batch,
      )
    },
  })
  const { output, hidden: last } = pass.outputs()
  return { output, hidden: last, held }
}

/** Spends what was kept: the gates become gradients. */
export function gruBackwardWasm(
  held: Held, problem: GruProblem<Float32Array>, plan: Plan,
  { gradients, options }: { gradients: OutputGradients<Float32Array>; options: BackwardOptions },
): SequenceGradients<Float32Array> {
  const { machine, places } = held
  const { hiddenSize: hidden } = problem
  const { active, offsets, states, gates, extra: products } = places
  const pass = new Pass(machine.begin(), plan, problem, places)
  const outer = pass.bringOuter(gradients.output)
  const dHidden = pass.take(plan.batch * hidden)
  pass.bringPlaces(gradients.hidden, dHidden)
  const weight = pass.bring(problem.weightHh)
  const hhGates = pass.pack(weight, 2 * hidden, hidden)
  const hhNew = pass.pack(weight + 4 * 2 * hidden * hidden, hidden, hidden)
  const blocks = blocksOf(plan, 3 * hidden)
  const stride = 4 * 3 * hidden
  const weights = new WeightGradients(pass, blocks, {
    inputSums: { at: gates, stride, columns: 3 * hidden },
    hiddenSums: [{ at: gates, stride, columns: 2 * hidden }, { at: products, stride: 4 * hidden, columns: hidden }],
  }, options)
  const norms = options.stateNorms === true ? new StateNormReader(plan, hidden, { hasCell: false }) : undefined
  goBackward(machine, blocks, {
    weights,
    loop: ({ begin, end }) => {
      machine.exports.gruBackward(
        active, offsets, begin, end, plan.batch, hidden, gates, products, states, outer, dHidden, hhGates, hhNew, 0,
        plan.batch,
      )
    },
    read: norms && ((step) => {
      norms.read(step, { dHidden: pass.viewPlaces(dHidden), outer: pass.viewOuter(outer) })
    }),
  })
  return { ...weights.finish(dHidden), ...(norms && { stateNorms: norms.norms() }) }
}
