// The two products that take all steps at once: the input projection before the time loop, and the gradients of
// weights, biases and input after it.
import { zeros } from '../arrays.ts'
import type { Plan } from '../plan.ts'
import type { BackwardOptions, FloatArray, SequenceGradients, SequenceProblem } from '../types.ts'
import { multiplyInto } from './multiply.ts'
import type { Operand } from './multiply.ts'
import { fromPlaces, packRows, previousStates, sumRows, unpackRows } from './packing.ts'

/** `[rows, width]` = packed input times weightIh transposed, plus the biases that are given. */
export function projectInput<A extends FloatArray>(
  problem: SequenceProblem<A>, plan: Plan, width: number, biases: readonly (A | undefined)[],
): A {
  const { input, inputSize, weightIh } = problem
  const sums = zeros(input, plan.rows * width)
  for (const bias of biases) {
    if (bias === undefined) continue
    for (let r = 0; r < plan.rows; r += 1) for (let i = 0; i < bias.length; i += 1) sums[r * width + i] += bias[i]
  }
  multiplyInto(whole(sums), whole(packRows(plan, input, inputSize)), whole(weightIh), {
    m: plan.rows, n: width, k: inputSize, transposeA: false, transposeB: true, accumulate: true,
  })
  return sums
}

/** What every kind of layer keeps. */
interface Kept<A extends FloatArray> {
  readonly problem: SequenceProblem<A>
  readonly plan: Plan
  readonly states: A
}

/** What the time loop of a backward pass leaves. */
export interface Flow<A extends FloatArray> {
  /** `[rows, width]`: gradients of the sums that weightIh feeds. */
  readonly dInputSums: A
  /** `[rows, width]`: gradients of the sums that weightHh feeds. */
  readonly dHiddenSums: A
  /** `[batch, hidden]` in places: the gradient that reached the initial state. */
  readonly dHidden: A
  readonly width: number
}

/** dW_ih = dS^T X, dW_hh = dS^T H_before, db = sum of dS, dX = dS W_ih, each over all packed rows at once. */
export function weightGradients<A extends FloatArray>(
  kept: Kept<A>, flow: Flow<A>, options: BackwardOptions,
): SequenceGradients<A> {
  const { problem, plan, states } = kept
  const { input, inputSize, hiddenSize: hidden } = problem
  const { dInputSums, dHiddenSums, dHidden, width } = flow
  const { rows } = plan
  const weightIh = zeros(input, width * inputSize)
  multiplyInto(whole(weightIh), whole(dInputSums), whole(packRows(plan, input, inputSize)), {
    m: width, n: inputSize, k: rows, transposeA: true, transposeB: false, accumulate: false,
  })
  const weightHh = zeros(input, width * hidden)
  multiplyInto(whole(weightHh), whole(dHiddenSums), whole(previousStates(plan, states, hidden)), {
    m: width, n: hidden, k: rows, transposeA: true, transposeB: false, accumulate: false,
  })
  const gradients = {
    initialHidden: fromPlaces(plan, dHidden, hidden),
    weightIh,
    weightHh,
    ...(problem.biasIh === undefined ? {} : { biasIh: sumRows(dInputSums, rows, width) }),
    ...(problem.biasHh === undefined ? {} : { biasHh: sumRows(dHiddenSums, rows, width) }),
  }
  if (options.inputGradient === false) return gradients as SequenceGradients<A>
  const packed = zeros(input, rows * inputSize)
  multiplyInto(whole(packed), whole(dInputSums), whole(problem.weightIh), {
    m: rows, n: inputSize, k: width, transposeA: false, transposeB: false, accumulate: false,
  })
  return { ...gradients, input: unpackRows(plan, packed, 0, inputSize) }
}

function whole(values: FloatArray): Operand {
  return { values, at: 0 }
}
