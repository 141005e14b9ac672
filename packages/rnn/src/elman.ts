// The Elman network's cell.
import { elmanBackward, elmanForward, type ElmanSaved, type FloatArray } from '@ostinato/kernels'
import { add, relu, tanh, zeros, type Parameter, type Tensor } from '@ostinato/tensor'
import { Cell, type FusedOptions, type SequenceResult, type StepResult } from './cell.ts'
import { fusedSequence, type SequenceKernel } from './fused.ts'
import { affine, gateParameters, type CellOptions } from './gates.ts'

/** What an Elman cell carries: `hidden` `[batch, hidden]`. */
export type ElmanState = { readonly hidden: Tensor }

/** How an Elman cell is built. */
export interface ElmanOptions extends CellOptions {
  /** Default `tanh`. */
  readonly nonlinearity?: 'tanh' | 'relu'
}

const kernel = (nonlinearity: 'tanh' | 'relu'): SequenceKernel<ElmanSaved<FloatArray>> => ({
  name: 'ElmanCell.sequence',
  forward: (problem) => elmanForward({ ...problem, nonlinearity }),
  backward: elmanBackward,
})

/**
 * `h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)`, or ReLU (Elman 1990, "Finding structure in time").
 *
 * @throws ShapeError when a size is not a positive integer
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { ElmanCell } from '@ostinato/rnn'
 * const cell = new ElmanCell(3, 5, { rng: new Rng(1) })
 * const { state } = cell.step(zeros([2, 3]), cell.initialState(2))
 * console.assert(state.hidden.shape.join() === '2,5')
 * ```
 */
export class ElmanCell extends Cell<ElmanState> {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly nonlinearity: 'tanh' | 'relu'
  readonly weightIh: Parameter
  readonly weightHh: Parameter
  readonly biasIh: Parameter | null
  readonly biasHh: Parameter | null

  constructor(inputSize: number, hiddenSize: number, options: ElmanOptions) {
    super()
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    this.nonlinearity = options.nonlinearity ?? 'tanh'
    const parameters = gateParameters({ name: 'ElmanCell', gates: 1, inputSize, hiddenSize }, options)
    this.weightIh = parameters.weightIh
    this.weightHh = parameters.weightHh
    this.biasIh = parameters.biasIh
    this.biasHh = parameters.biasHh
  }

  get outputSize(): number {
    return this.hiddenSize
  }

  initialState(batch: number): ElmanState {
    return { hidden: zeros([batch, this.hiddenSize], { dtype: this.weightIh.dtype }) }
  }

  step(x: Tensor, state: ElmanState): StepResult<ElmanState> {
    const sum = add(affine(x, this.weightIh, this.biasIh), affine(state.hidden, this.weightHh, this.biasHh))
    const hidden = this.nonlinearity === 'tanh' ? tanh(sum) : relu(sum)
    return { output: hidden, state: { hidden } }
  }

  override sequence(x: Tensor, options: FusedOptions<ElmanState>): SequenceResult<ElmanState> {
    return fusedSequence(kernel(this.nonlinearity), this, { x, ...options })
  }
}
