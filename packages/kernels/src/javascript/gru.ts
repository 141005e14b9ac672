// The GRU sequence in plain JavaScript, forward and backward, on packed rows.
import { zeros } from '../arrays.ts'
import { before } from '../plan.ts'
import type { Plan } from '../plan.ts'
import { StateNormReader } from '../state-norms.ts'
import type { BackwardOptions, FloatArray, GruProblem, OutputGradients, SequenceGradients } from '../types.ts'
import { sigmoid, tanh } from './maths.ts'
import { multiplyInto } from './multiply.ts'
import { packRows, toPlaces } from './packing.ts'
import { projectInput, weightGradients } from './projection.ts'

/** What the backward pass needs. */
export interface GruKept<A extends FloatArray> {
  readonly problem: GruProblem<A>
  readonly plan: Plan
  /** `[batch + rows, hidden]`: the sorted initial states, then the state after each packed row. */
  readonly states: A
  /** `[rows, 3 * hidden]`: r, z and n after their nonlinearities. */
  readonly gates: A
  /** `[rows, hidden]`: the recurrent product of n with its bias, before r. */
  readonly products: A
}

export function gruForwardJs<A extends FloatArray>(problem: GruProblem<A>, plan: Plan): GruKept<A> {
  const { hiddenSize: hidden, weightHh, biasHh } = problem
  const width = 3 * hidden
  const states = zeros(problem.input, (plan.batch + plan.rows) * hidden)
  toPlaces(plan, states, problem.initialHidden, hidden)
  // The bias of r and z joins the input sums; that of n stays with the recurrent product, which r multiplies.
  const gates = projectInput(problem, plan, width, [problem.biasIh, biasHh?.subarray(0, 2 * hidden) as A | undefined])
  const products = zeros(problem.input, plan.rows * hidden)
  const recurrent = zeros(problem.input, plan.batch * width)
  const [to, from, weight] = [recurrent, states, weightHh].map(values => ({ values, at: 0 }))
  const product = { m: 0, n: width, k: hidden, transposeA: false, transposeB: true, accumulate: false }
  for (let t = 0; t < plan.steps; t += 1) {
    product.m = plan.active[t]
    from.at = before(plan, t) * hidden
    multiplyInto(to, from, weight, product)
    for (let p = 0; p < plan.active[t]; p += 1) {
      const row = plan.offsets[t] + p
      for (let j = 0; j < hidden; j += 1) {
        const g = row * width + j
        const u = p * width + j
        const r = sigmoid(gates[g] + recurrent[u])
        const z = sigmoid(gates[g + hidden] + recurrent[u + hidden])
        const sum = recurrent[u + 2 * hidden] + (biasHh === undefined ? 0 : biasHh[2 * hidden + j])
        const n = tanh(gates[g + 2 * hidden] + r * sum)
        gates[g] = r
        gates[g + hidden] = z
        gates[g + 2 * hidden] = n
        products[row * hidden + j] = sum
        states[(plan.batch + row) * hidden + j] = (1 - z) * n + z * states[from.at + p * hidden + j]
      }
    }
  }
  return { problem, plan, states, gates, products }
}

export function gruBackwardJs<A extends FloatArray>(
  kept: GruKept<A>, gradients: OutputGradients<A>, options: BackwardOptions,
): SequenceGradients<A> {
  const { problem, plan, states, gates, products } = kept
  const { hiddenSize: hidden, weightHh } = problem
  const width = 3 * hidden
  const outer = gradients.output === undefined ? undefined : packRows(plan, gradients.output, hidden)
  const dInputSums = zeros(problem.input, plan.rows * width)
  const dHiddenSums = zeros(problem.input, plan.rows * width)
  const dHidden = zeros(problem.input, plan.batch * hidden)
  if (gradients.hidden !== undefined) toPlaces(plan, dHidden, gradients.hidden, hidden)
  const [to, from, weight] = [dHidden, dHiddenSums, weightHh].map(values => ({ values, at: 0 }))
  const product = { m: 0, n: hidden, k: width, transposeA: false, transposeB: false, accumulate: true }
  const norms = options.stateNorms === true ? new StateNormReader(plan, hidden, { hasCell: false }) : undefined
  for (let t = plan.steps - 1; t >= 0; t -= 1) {
    norms?.read(plan, t, { dHidden, outer })
    const preceding = before(plan, t) * hidden
    for (let p = 0; p < plan.active[t]; p += 1) {
      const row = plan.offsets[t] + p
      for (let j = 0; j < hidden; j += 1) {
        const g = row * width + j
        const r = gates[g]
        const z = gates[g + hidden]
        const n = gates[g + 2 * hidden]
        const dh = dHidden[p * hidden + j] + (outer === undefined ? 0 : outer[row * hidden + j])
        const dz = dh * (states[preceding + p * hidden + j] - n) * z * (1 - z)
        const dn = dh * (1 - z) * (1 - n * n)
        const dr = dn * products[row * hidden + j] * r * (1 - r)
        dInputSums[g] = dr
        dInputSums[g + hidden] = dz
        dInputSums[g + 2 * hidden] = dn
        dHiddenSums[g] = dr
        dHiddenSums[g + hidden] = dz
        dHiddenSums[g + 2 * hidden] = dn * r
        dHidden[p * hidden + j] = dh * z
      }
    }
    product.m = plan.active[t]
    from.at = plan.offsets[t] * width
    multiplyInto(to, from, weight, product)
  }
  const common = weightGradients(kept, { dInputSums, dHiddenSums, dHidden, width }, options)
  return { ...common, ...(norms && { stateNorms: norms.norms() }) }
}
