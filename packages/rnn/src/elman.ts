// The Elman network's cell.
import { elmanBackward, elmanForward, type ElmanSaved, type FloatArray } from '@ostinato/kernels'
import { orthogonal, type Initialiser } from '@ostinato/nn'
import { add, identity, linear, relu, tanh, zeros, type Tensor } from '@ostinato/tensor'
import type { FusedOptions, SequenceResult, StepResult } from './cell.ts'
import { fusedSequence, type SequenceKernel } from './fused.ts'
import { GatedCell, type CellOptions } from './gates.ts'

/** What an Elman cell carries: `hidden` `[batch, hidden]`. */
export type ElmanState = { readonly hidden: Tensor }

/** How an Elman cell is built. */
export interface ElmanOptions extends CellOptions {
  /** Default `tanh`. */
  readonly nonlinearity?: 'tanh' | 'relu'
  /**
   * How the recurrent weight begins. `identity` is for ReLU: units that hear nothing keep their value, and gradients
   * pass unchanged (Le, Jaitly & Hinton 2015, "A simple way to initialize recurrent networks of rectified linear
   * units"). Default `orthogonal`.
   */
  readonly recurrent?: 'orthogonal' | 'identity'
}

const initialisers: Readonly<Record<'orthogonal' | 'identity', Initialiser>> = {
  orthogonal,
  identity: ([size], { dtype = 'float32' }) => identity(size, { dtype }),
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
export class ElmanCell extends GatedCell<ElmanState> {
  readonly nonlinearity: 'tanh' | 'relu'

  constructor(inputSize: number, hiddenSize: number, options: ElmanOptions) {
    const { nonlinearity = 'tanh', recurrent = 'orthogonal' } = options
    super({ name: 'ElmanCell', gates: 1, inputSize, hiddenSize }, options, initialisers[recurrent])
    this.nonlinearity = nonlinearity
  }

  initialState(batch: number): ElmanState {
    return { hidden: zeros([batch, this.hiddenSize], { dtype: this.weightIh.dtype }) }
  }

  step(x: Tensor, state: ElmanState): StepResult<ElmanState> {
    const sum = add(linear(x, this.weightIh, this.biasIh), linear(state.hidden, this.weightHh, this.biasHh))
    const hidden = this.nonlinearity === 'tanh' ? tanh(sum) : relu(sum)
    return { output: hidden, state: { hidden } }
  }

  override sequence(x: Tensor, options: FusedOptions<ElmanState>): SequenceResult<ElmanState> {
    return fusedSequence(kernel(this.nonlinearity), this, { x, ...options })
  }
}
