// The LSTM sequence in plain JavaScript, forward and backward, on packed rows.
import { zeros } from '../arrays.ts'
import { before } from '../plan.ts'
import type { Plan } from '../plan.ts'
import { StateNormReader } from '../state-norms.ts'
import type { BackwardOptions, FloatArray, LstmGradients, LstmOutputGradients, LstmProblem } from '../types.ts'
import { sigmoid, tanh } from './maths.ts'
import { multiplyInto } from './multiply.ts'
import { fromPlaces, packRows, toPlaces } from './packing.ts'
import { projectInput, weightGradients } from './projection.ts'

/** What the backward pass needs. */
export interface LstmKept<A extends FloatArray> {
  readonly problem: LstmProblem<A>
  readonly plan: Plan
  /** `[batch + rows, hidden]`: the sorted initial states, then the state after each packed row. */
  readonly states: A
  /** `[batch + rows, hidden]`: the cells, laid out as `states`. */
  readonly cells: A
  /** `[rows, 4 * hidden]`: i, f, g and o after their nonlinearities. */
  readonly gates: A
}

export function lstmForwardJs<A extends FloatArray>(problem: LstmProblem<A>, plan: Plan): LstmKept<A> {
  const { hiddenSize: hidden, weightHh } = problem
  const width = 4 * hidden
  const states = zeros(problem.input, (plan.batch + plan.rows) * hidden)
  const cells = zeros(problem.input, (plan.batch + plan.rows) * hidden)
  toPlaces(plan, states, problem.initialHidden, hidden)
  toPlaces(plan, cells, problem.initialCell, hidden)
  const gates = projectInput(problem, plan, width, [problem.biasIh, problem.biasHh])
  const [to, from, weight] = [gates, states, weightHh].map(values => ({ values, at: 0 }))
  const product = { m: 0, n: width, k: hidden, transposeA: false, transposeB: true, accumulate: true }
  for (let t = 0; t < plan.steps; t += 1) {
    product.m = plan.active[t]
    to.at = plan.offsets[t] * width
    from.at = before(plan, t) * hidden
    multiplyInto(to, from, weight, product)
    for (let p = 0; p < plan.active[t]; p += 1) {
      const row = plan.offsets[t] + p
      for (let j = 0; j < hidden; j += 1) {
        const s = row * width + j
        const i = sigmoid(gates[s])
        const f = sigmoid(gates[s + hidden])
        const g = tanh(gates[s + 2 * hidden])
        const o = sigmoid(gates[s + 3 * hidden])
        const cell = f * cells[from.at + p * hidden + j] + i * g
        gates[s] = i
        gates[s + hidden] = f
        gates[s + 2 * hidden] = g
        gates[s + 3 * hidden] = o
        cells[(plan.batch + row) * hidden + j] = cell
        states[(plan.batch + row) * hidden + j] = o * tanh(cell)
      }
    }
  }
  return { problem, plan, states, cells, gates }
}

export function lstmBackwardJs<A extends FloatArray>(
  kept: LstmKept<A>, gradients: LstmOutputGradients<A>, options: BackwardOptions,
): LstmGradients<A> {
  const { problem, plan, cells, gates } = kept
  const { hiddenSize: hidden, weightHh } = problem
  const width = 4 * hidden
  const outer = gradients.output === undefined ? undefined : packRows(plan, gradients.output, hidden)
  const dSums = zeros(problem.input, plan.rows * width)
  const dHidden = zeros(problem.input, plan.batch * hidden)
  const dCell = zeros(problem.input, plan.batch * hidden)
  if (gradients.hidden !== undefined) toPlaces(plan, dHidden, gradients.hidden, hidden)
  if (gradients.cell !== undefined) toPlaces(plan, dCell, gradients.cell, hidden)
  const [to, from, weight] = [dHidden, dSums, weightHh].map(values => ({ values, at: 0 }))
  const product = { m: 0, n: hidden, k: width, transposeA: false, transposeB: false, accumulate: false }
  const norms = options.stateNorms === true ? new StateNormReader(plan, hidden, { hasCell: true }) : undefined
  for (let t = plan.steps - 1; t >= 0; t -= 1) {
    norms?.read(plan, t, { dHidden, outer, cell: { dCell, gates, cells } })
    const preceding = before(plan, t) * hidden
    for (let p = 0; p < plan.active[t]; p += 1) {
      const row = plan.offsets[t] + p
      for (let j = 0; j < hidden; j += 1) {
        const s = row * width + j
        const i = gates[s]
        const f = gates[s + hidden]
        const g = gates[s + 2 * hidden]
        const o = gates[s + 3 * hidden]
        const c = tanh(cells[(plan.batch + row) * hidden + j])
        const dh = dHidden[p * hidden + j] + (outer === undefined ? 0 : outer[row * hidden + j])
        const dc = dCell[p * hidden + j] + dh * o * (1 - c * c)
        dSums[s] = dc * g * i * (1 - i)
        dSums[s + hidden] = dc * cells[preceding + p * hidden + j] * f * (1 - f)
        dSums[s + 2 * hidden] = dc * i * (1 - g * g)
        dSums[s + 3 * hidden] = dh * c * o * (1 - o)
        dCell[p * hidden + j] = dc * f
      }
    }
    product.m = plan.active[t]
    from.at = plan.offsets[t] * width
    multiplyInto(to, from, weight, product)
  }
  const common = weightGradients(kept, { dInputSums: dSums, dHiddenSums: dSums, dHidden, width }, options)
  return {
    ...common,
    initialCell: fromPlaces(plan, dCell, hidden),
    ...(norms && { stateNorms: norms.norms() }),
  }
}
