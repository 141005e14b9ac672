// The GRU sequence in WebAssembly, forward and backward.
import type { Plan } from '../plan.ts'
import type { GruProblem, SequenceGradients, SequenceResult } from '../types.ts'
import { goBackward } from './backward.ts'
import type { Outside } from './backward.ts'
import { goForward } from './forward.ts'
import type { Machine } from './machine.ts'
import { Pass, startPass } from './pass.ts'
import type { Held } from './pass.ts'
import { packedWeights, residentWeights } from './weights.ts'

export function gruForwardWasm(
  machine: Machine, problem: GruProblem<Float32Array>, plan: Plan,
): SequenceResult<Float32Array> & { readonly held: Held } {
  const { hiddenSize: hidden } = problem
  const width = 3 * hidden
  const form = { width, biases: [[problem.biasIh], [problem.biasHh]] }
  const resident = residentWeights(machine, problem, form)
  const { pass, held } = startPass(machine, plan, problem, ({ rows }) => (
    { gates: rows * width, extra: rows * hidden }
  ))
  const weights = resident ?? packedWeights(machine, problem, form)
  const bias = weights.bias + 4 * width
  const recurrent = pass.takeEach(({ batch }) => batch * width)
  const { output, hidden: last } = goForward(pass, {
    to: ({ places }) => places.gates, width, weights,
    loop: (placed, { begin, end }) => {
      const { group: { batch }, places: { active, offsets, states, gates, extra: products } } = placed
      machine.exports.gruForward(
        active, offsets, begin, end, batch, hidden, gates, products, states, weights.hh, bias, recurrent(placed),
      )
    },
  })
  return { output, hidden: last, held }
}

/** Spends what was kept: the gates become gradients. */
export function gruBackwardWasm(
  { machine, groups }: Held, problem: GruProblem<Float32Array>, plan: Plan, outside: Outside,
): SequenceGradients<Float32Array> {
  const { hiddenSize: hidden } = problem
  const width = 3 * hidden
  const stride = 4 * width
  const pass = new Pass(machine.begin(), plan, problem, groups)
  const weight = pass.bring(problem.weightHh)
  const hhGates = pass.pack(weight, 2 * hidden, hidden)
  const hhNew = pass.pack(weight + 4 * 2 * hidden * hidden, hidden, hidden)
  return goBackward(pass, outside, {
    width,
    sums: ({ places: { gates, extra: products } }) => ({
      inputSums: { at: gates, stride, columns: width },
      hiddenSums: [{ at: gates, stride, columns: 2 * hidden }, { at: products, stride: 4 * hidden, columns: hidden }],
    }),
    loop: ({ group: { batch }, places }, { begin, end }, { outer, dHidden }) => {
      const { active, offsets, states, gates, extra: products } = places
      machine.exports.gruBackward(
        active, offsets, begin, end, batch, hidden, gates, products, states, outer, dHidden, hhGates, hhNew,
      )
    },
  })
}
