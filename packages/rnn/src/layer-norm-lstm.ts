// The long short-term memory with layer norms inside. It has no fused form.
import { LayerNorm } from '@ostinato/nn'
import { add, linear, multiply, sigmoid, split, tanh, zeros, type Tensor } from '@ostinato/tensor'
import type { StepResult } from './cell.ts'
import { GatedCell, type CellOptions } from './gates.ts'
import type { LstmState } from './lstm.ts'

/** How an LSTM cell with layer norms is built. */
export interface LayerNormLstmOptions extends CellOptions {
  /** The initial value of the forget gate's bias, as in `LstmOptions`. Default 1. */
  readonly forgetBias?: number
  /** What is added to each variance. Default 1e-5. */
  readonly epsilon?: number
}

/**
 * The long short-term memory with the sums of input and recurrence, and what is shown of the memory, normalised over
 * their units; gates in the order i, f, g, o in the rows of the weights:
 *
 *     i, f, g, o = LN(W_ih x) + LN(W_hh h)
 *     c' = sigmoid(f) * c + sigmoid(i) * tanh(g)
 *     h' = sigmoid(o) * tanh(LN(c'))
 *
 * (Ba, Kiros & Hinton 2016, "Layer normalization", supplementary material, eq. 20-22.) One norm covers the sums of all
 * gates together, `[4 * hidden]`. The biases are those of the norms; the third one that the source adds to two of them
 * would do nothing more. `c` itself is kept as it is.
 *
 * @throws ShapeError when a size is not a positive integer
 * @throws RangeError when `epsilon` is negative
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { LayerNormLstmCell, Rnn } from '@ostinato/rnn'
 * const layer = new Rnn(new LayerNormLstmCell(3, 5, { rng: new Rng(1) }))
 * console.assert(layer.forward(zeros([2, 7, 3])).output.shape.join() === '2,7,5')
 * ```
 */
export class LayerNormLstmCell extends GatedCell<LstmState> {
  /** Over the input's sums. */
  readonly normIh: LayerNorm
  /** Over the recurrent sums. */
  readonly normHh: LayerNorm
  /** Over the memory. */
  readonly normCell: LayerNorm

  constructor(inputSize: number, hiddenSize: number, options: LayerNormLstmOptions) {
    const { forgetBias = 1, bias = true, epsilon = 1e-5, dtype = 'float32' } = options
    super({ name: 'LayerNormLstmCell', gates: 4, inputSize, hiddenSize }, { ...options, bias: false })
    const norm = (size: number) => new LayerNorm(size, { bias, epsilon, dtype })
    this.normIh = norm(4 * hiddenSize)
    this.normHh = norm(4 * hiddenSize)
    this.normCell = norm(hiddenSize)
    this.normIh.bias?.update((values) => values.fill(forgetBias, hiddenSize, 2 * hiddenSize))
  }

  initialState(batch: number): LstmState {
    const zero = () => zeros([batch, this.hiddenSize], { dtype: this.weightIh.dtype })
    return { hidden: zero(), cell: zero() }
  }

  step(x: Tensor, state: LstmState): StepResult<LstmState> {
    const sum = add(
      this.normIh.forward(linear(x, this.weightIh, null)),
      this.normHh.forward(linear(state.hidden, this.weightHh, null)),
    )
    const [input, forget, candidate, outputGate] = split(sum, 4, { axis: 1 })
    const cell = add(multiply(sigmoid(forget), state.cell), multiply(sigmoid(input), tanh(candidate)))
    const hidden = multiply(sigmoid(outputGate), tanh(this.normCell.forward(cell)))
    return { output: hidden, state: { hidden, cell } }
  }
}
