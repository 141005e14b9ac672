// The Elman sequence in plain JavaScript, forward and backward, on packed rows.
import { zeros } from '../arrays.ts'
import { before } from '../plan.ts'
import type { Plan } from '../plan.ts'
import { StateNormReader } from '../state-norms.ts'
import type { BackwardOptions, ElmanProblem, FloatArray, OutputGradients, SequenceGradients } from '../types.ts'
import { tanh } from './maths.ts'
import { multiplyInto } from './multiply.ts'
import { packRows, toPlaces } from './packing.ts'
import { projectInput, weightGradients } from './projection.ts'

/** What the backward pass needs. */
export interface ElmanKept<A extends FloatArray> {
  readonly problem: ElmanProblem<A>
  readonly plan: Plan
  /** `[batch + rows, hidden]`: the sorted initial states, then the state after each packed row. */
  readonly states: A
}

export function elmanForwardJs<A extends FloatArray>(problem: ElmanProblem<A>, plan: Plan): ElmanKept<A> {
  const { hiddenSize: hidden, weightHh, nonlinearity } = problem
  const states = zeros(problem.input, (plan.batch + plan.rows) * hidden)
  toPlaces(plan, states, problem.initialHidden, hidden)
  const sums = projectInput(problem, plan, hidden, [problem.biasIh, problem.biasHh])
  const [to, from, weight] = [sums, states, weightHh].map(values => ({ values, at: 0 }))
  const product = { m: 0, n: hidden, k: hidden, transposeA: false, transposeB: true, accumulate: true }
  for (let t = 0; t < plan.steps; t += 1) {
    const active = plan.active[t]
    const at = plan.offsets[t] * hidden
    product.m = active
    to.at = at
    from.at = before(plan, t) * hidden
    multiplyInto(to, from, weight, product)
    const first = plan.batch * hidden
    for (let i = at; i < at + active * hidden; i += 1) {
      states[first + i] = nonlinearity === 'tanh' ? tanh(sums[i]) : relu(sums[i])
    }
  }
  return { problem, plan, states }
}

export function elmanBackwardJs<A extends FloatArray>(
  kept: ElmanKept<A>, gradients: OutputGradients<A>, options: BackwardOptions,
): SequenceGradients<A> {
  const { problem, plan, states } = kept
  const { hiddenSize: hidden, weightHh, nonlinearity } = problem
  const outer = gradients.output === undefined ? undefined : packRows(plan, gradients.output, hidden)
  const dSums = zeros(problem.input, plan.rows * hidden)
  const dHidden = zeros(problem.input, plan.batch * hidden)
  if (gradients.hidden !== undefined) toPlaces(plan, dHidden, gradients.hidden, hidden)
  const [to, from, weight] = [dHidden, dSums, weightHh].map(values => ({ values, at: 0 }))
  const product = { m: 0, n: hidden, k: hidden, transposeA: false, transposeB: false, accumulate: false }
  const norms = options.stateNorms === true ? new StateNormReader(plan, hidden, { hasCell: false }) : undefined
  for (let t = plan.steps - 1; t >= 0; t -= 1) {
    norms?.read(plan, t, { dHidden, outer })
    const active = plan.active[t]
    const at = plan.offsets[t] * hidden
    for (let i = 0; i < active * hidden; i += 1) {
      const h = states[plan.batch * hidden + at + i]
      const dh = dHidden[i] + (outer === undefined ? 0 : outer[at + i])
      dSums[at + i] = nonlinearity === 'tanh' ? dh * (1 - h * h) : h > 0 ? dh : 0
    }
    product.m = active
    from.at = at
    multiplyInto(to, from, weight, product)
  }
  const common = weightGradients(kept, { dInputSums: dSums, dHiddenSums: dSums, dHidden, width: hidden }, options)
  return { ...common, ...(norms && { stateNorms: norms.norms() }) }
}

/** max(x, 0), with NaN kept. */
function relu(x: number): number {
  return x < 0 ? 0 : x
}
