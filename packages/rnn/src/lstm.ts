// The long short-term memory's cell, with an optional projection of what it passes on.
import { lstmBackward, lstmForward, type FloatArray, type LstmSaved } from '@ostinato/kernels'
import { glorotUniform } from '@ostinato/nn'
import { add, multiply, Parameter, sigmoid, split, tanh, zeros, type Tensor } from '@ostinato/tensor'
import { Cell, type FusedOptions, type SequenceResult, type StepResult } from './cell.ts'
import { fusedSequence, type SequenceKernel } from './fused.ts'
import { affine, gateParameters, type CellOptions } from './gates.ts'

/** What an LSTM carries: `hidden` `[batch, output]` and `cell` `[batch, hidden]`. */
export type LstmState = { readonly hidden: Tensor; readonly cell: Tensor }

/** How an LSTM cell is built. */
export interface LstmOptions extends CellOptions {
  /**
   * The initial value of the forget gate's bias, which keeps the memory open at first (Gers et al. 2000; Jozefowicz et
   * al. 2015). Default 1.
   */
  readonly forgetBias?: number
  /**
   * Projects the hidden state to this size before it is passed on (Sak et al. 2014). Absent: no projection. Has no
   * fused form.
   */
  readonly projectionSize?: number
}

const kernel: SequenceKernel<LstmSaved<FloatArray>> = {
  name: 'LstmCell.sequence',
  forward: ({ initialCell, ...problem }) => {
    if (initialCell === undefined) throw new Error('LstmCell.sequence: expected a state with a cell')
    return lstmForward({ ...problem, initialCell })
  },
  backward: lstmBackward,
}

/**
 * The long short-term memory with gates in the order i, f, g, o in the rows of the weights:
 *
 *     i, f, o = sigmoid(W_i. x + b_i. + W_h. h + b_h.)
 *     g  = tanh(W_ig x + b_ig + W_hg h + b_hg)
 *     c' = f * c + i * g
 *     h' = o * tanh(c')        with a projection: W_hr (o * tanh(c'))
 *
 * (Hochreiter & Schmidhuber 1997, "Long short-term memory"; the forget gate is from Gers et al. 2000, "Learning to
 * forget".)
 *
 * @throws ShapeError when a size is not a positive integer
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { LstmCell } from '@ostinato/rnn'
 * const cell = new LstmCell(3, 5, { rng: new Rng(1) })
 * const { state } = cell.step(zeros([2, 3]), cell.initialState(2))
 * console.assert(state.cell.shape.join() === '2,5')
 * ```
 */
export class LstmCell extends Cell<LstmState> {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly outputSize: number
  readonly weightIh: Parameter
  readonly weightHh: Parameter
  readonly biasIh: Parameter | null
  readonly biasHh: Parameter | null
  /** `[output, hidden]` where there is a projection. */
  readonly weightHr: Parameter | null

  constructor(inputSize: number, hiddenSize: number, options: LstmOptions) {
    super()
    const { projectionSize, forgetBias = 1, rng, dtype = 'float32' } = options
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    this.outputSize = projectionSize ?? hiddenSize
    const parameters = gateParameters({ name: 'LstmCell', gates: 4, inputSize, hiddenSize, projectionSize }, options)
    this.weightIh = parameters.weightIh
    this.weightHh = parameters.weightHh
    this.biasIh = parameters.biasIh
    this.biasHh = parameters.biasHh
    this.biasIh?.update((bias) => bias.fill(forgetBias, hiddenSize, 2 * hiddenSize))
    this.weightHr =
      projectionSize === undefined ? null : new Parameter(glorotUniform([projectionSize, hiddenSize], { rng, dtype }))
  }

  initialState(batch: number): LstmState {
    const { dtype } = this.weightIh
    return { hidden: zeros([batch, this.outputSize], { dtype }), cell: zeros([batch, this.hiddenSize], { dtype }) }
  }

  step(x: Tensor, state: LstmState): StepResult<LstmState> {
    const sum = add(affine(x, this.weightIh, this.biasIh), affine(state.hidden, this.weightHh, this.biasHh))
    const [input, forget, candidate, outputGate] = split(sum, 4, { axis: 1 })
    const cell = add(multiply(sigmoid(forget), state.cell), multiply(sigmoid(input), tanh(candidate)))
    const exposed = multiply(sigmoid(outputGate), tanh(cell))
    const hidden = this.weightHr === null ? exposed : affine(exposed, this.weightHr, null)
    return { output: hidden, state: { hidden, cell } }
  }

  override sequence(x: Tensor, options: FusedOptions<LstmState>): SequenceResult<LstmState> | undefined {
    return this.weightHr === null ? fusedSequence(kernel, this, { x, ...options }) : undefined
  }
}
