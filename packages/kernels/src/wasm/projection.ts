// The products that take all steps of a sequence at once, in WebAssembly: the input projection before the time loop,
// and the gradients of weights, biases and input after it.
import type { BackwardOptions, SequenceGradients } from '../types.ts'
import type { Pass } from './pass.ts'

/** `[rows, width]` at `to` = packed input times the transpose of weightIh, plus the biases that are given. */
export function projectInput(
  pass: Pass, to: number, width: number, biases: readonly (Float32Array | undefined)[],
): void {
  const { machine, plan, problem: { inputSize, weightIh }, places } = pass
  const bias = pass.take(width)
  machine.zero(bias, width)
  for (const values of biases) if (values !== undefined) machine.add(bias, values)
  const packed = pass.packTransposed(pass.bring(weightIh), width, inputSize)
  machine.exports.multiplyPacked(
    to, 4 * width, places.input, 4 * inputSize, false, packed, plan.rows, width, inputSize, bias,
  )
}

/** A block of columns of the gradients of sums, and the rows of weights and biases that they belong to. */
export interface Block {
  /** `[rows, columns]` */
  readonly at: number
  /** Bytes from row to row. */
  readonly stride: number
  readonly columns: number
}

/** What the time loop of a backward pass leaves. */
export interface Flow {
  /** Gradients of the sums that weightIh feeds. */
  readonly inputSums: Block
  /** Gradients of the sums that weightHh feeds, block after block. */
  readonly hiddenSums: readonly Block[]
  /** `[batch, hidden]` in places: the gradient that reached the initial state. */
  readonly dHidden: number
}

/** dW_ih = dS^T X, dW_hh = dS^T H_before, db = sum of dS, dX = dS W_ih, each over all packed rows at once. */
export function weightGradients(pass: Pass, flow: Flow, options: BackwardOptions): SequenceGradients<Float32Array> {
  const { machine, problem, plan: { rows }, places } = pass
  const { inputSize, hiddenSize: hidden } = problem
  const { inputSums, hiddenSums, dHidden } = flow
  const biasIh = problem.biasIh === undefined ? undefined : sums(pass, [inputSums])
  // Where both weights feed the same sums, their biases have the same gradient.
  const known = hiddenSums[0] === inputSums ? biasIh?.slice() : undefined
  const biasHh = problem.biasHh === undefined ? undefined : known ?? sums(pass, hiddenSums)
  const gradients = {
    initialHidden: pass.batched(dHidden),
    weightIh: outerProducts(pass, [inputSums], pass.pack(places.input, rows, inputSize), inputSize),
    weightHh: outerProducts(pass, hiddenSums, pass.pack(statesBefore(pass), rows, hidden), hidden),
    ...(biasIh === undefined ? {} : { biasIh }),
    ...(biasHh === undefined ? {} : { biasHh }),
  }
  if (options.inputGradient === false) return gradients as SequenceGradients<Float32Array>
  const packed = pass.pack(pass.bring(problem.weightIh), inputSums.columns, inputSize)
  const input = pass.take(rows * inputSize)
  machine.exports.multiplyPacked(
    input, 4 * inputSize, inputSums.at, inputSums.stride, false, packed, rows, inputSize, inputSums.columns, 0,
  )
  return { ...gradients, input: pass.padded(input, inputSize) }
}

/** The state before each packed row, `[rows, hidden]`. */
function statesBefore({ machine, plan, problem, places }: Pass): number {
  // With every row at work in every step they lie behind one another, from the initial states on.
  if (plan.full) return places.states
  const to = machine.take(plan.rows * problem.hiddenSize)
  const { states, active, offsets } = places
  machine.exports.precedingRows(to, states, active, offsets, plan.steps, plan.batch, problem.hiddenSize)
  return to
}

/** The transposed blocks times a packed `[rows, n]`, as one new array `[columns of all blocks, n]`. */
function outerProducts({ machine, plan }: Pass, blocks: readonly Block[], packed: number, n: number): Float32Array {
  const columns = blocks.reduce((sum, block) => sum + block.columns, 0)
  const at = machine.take(columns * n)
  let to = at
  for (const block of blocks) {
    machine.exports.multiplyPacked(to, 4 * n, block.at, block.stride, true, packed, block.columns, n, plan.rows, 0)
    to += 4 * block.columns * n
  }
  return machine.copy(at, columns * n)
}

/** The sums of the columns of all blocks, as one new array. */
function sums({ machine, plan }: Pass, blocks: readonly Block[]): Float32Array {
  const columns = blocks.reduce((sum, block) => sum + block.columns, 0)
  const at = machine.take(columns)
  let to = at
  for (const block of blocks) {
    machine.exports.sumRows(to, block.at, block.stride, plan.rows, block.columns)
    to += 4 * block.columns
  }
  return machine.copy(at, columns)
}
