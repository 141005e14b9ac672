// The Elman sequence in WebAssembly, forward and backward.
import type { Plan } from '../plan.ts'
import type { ElmanProblem, SequenceGradients, SequenceResult } from '../types.ts'
import { goBackward } from './backward.ts'
import type { Outside } from './backward.ts'
import { goForward } from './forward.ts'
import type { Machine } from './machine.ts'
import { Pass, startPass } from './pass.ts'
import type { Held } from './pass.ts'
import { packedWeights, residentWeights } from './weights.ts'

export function elmanForwardWasm(
  machine: Machine, problem: ElmanProblem<Float32Array>, plan: Plan,
): SequenceResult<Float32Array> & { readonly held: Held } {
  const { hiddenSize: hidden, nonlinearity } = problem
  const form = { width: hidden, biases: [[problem.biasIh, problem.biasHh]] }
  const resident = residentWeights(machine, problem, form)
  const { pass, held } = startPass(machine, plan, problem, () => ({ gates: 0, extra: 0 }))
  const weights = resident ?? packedWeights(machine, problem, form)
  const relu = nonlinearity === 'relu'
  const { output, hidden: last } = goForward(pass, {
    // The input sums are written where the states will be.
    to: ({ group, places }) => places.states + 4 * group.batch * hidden, width: hidden, weights,
    loop: ({ group: { batch }, places: { active, offsets, states } }, { begin, end }) => {
      machine.exports.elmanForward(active, offsets, begin, end, batch, hidden, relu, states, weights.hh)
    },
  })
  return { output, hidden: last, held }
}

export function elmanBackwardWasm(
  { machine, groups }: Held, problem: ElmanProblem<Float32Array>, plan: Plan, outside: Outside,
): SequenceGradients<Float32Array> {
  const { hiddenSize: hidden, nonlinearity } = problem
  const relu = nonlinearity === 'relu'
  const pass = new Pass(machine.begin(), plan, problem, groups)
  const sums = pass.takeEach(({ rows }) => rows * hidden)
  const hh = pass.pack(pass.bring(problem.weightHh), hidden, hidden)
  return goBackward(pass, outside, {
    width: hidden,
    sums: placed => ({ inputSums: { at: sums(placed), stride: 4 * hidden, columns: hidden } }),
    loop: (placed, { begin, end }, { outer, dHidden }) => {
      const { group: { batch }, places: { active, offsets, states } } = placed
      machine.exports.elmanBackward(
        active, offsets, begin, end, batch, hidden, relu, states, outer, sums(placed), dHidden, hh,
      )
    },
  })
}
