// The Jordan network's cell: what it answered is fed back, not its hidden units. It has no fused form.
import { glorotUniform } from '@ostinato/nn'
import { add, linear, multiply, Parameter, sigmoid, tanh, zeros, type FloatDType, type Tensor } from '@ostinato/tensor'
import { Cell, type StepResult } from './cell.ts'
import { checkSizes, type CellOptions } from './gates.ts'

/** What a Jordan cell carries: `context` `[batch, output]`, the last output or, with a decay, a fading sum of all. */
export type JordanState = { readonly context: Tensor }

/** How a Jordan cell is built. */
export interface JordanOptions extends Omit<CellOptions, 'bias'> {
  /** The number of outputs, which are fed back. */
  readonly outputSize: number
  /** One bias for the hidden units and one for the outputs. Default true. */
  readonly bias?: boolean
  /** What is applied to the outputs. Default `sigmoid`. */
  readonly activation?: 'identity' | 'sigmoid' | 'tanh'
  /** How much of its last value a context unit keeps, from 0 up to but without 1. Default 0: the last output alone. */
  readonly decay?: number
}

const activations: Readonly<Record<'identity' | 'sigmoid' | 'tanh', (x: Tensor) => Tensor>> = {
  identity: (x) => x,
  sigmoid,
  tanh,
}

/**
 * The Jordan network, whose context is its own output:
 *
 *     h_t = tanh(W_ih x_t + b_ih + W_yh s_{t-1})
 *     y_t = activation(W_hy h_t + b_hy)
 *     s_t = decay * s_{t-1} + y_t
 *
 * (Jordan 1986, "Serial order: a parallel distributed processing approach". There the context units feed back on
 * themselves, so that they hold a fading sum of the outputs; without that, `decay = 0`, `s_t` is `y_t`, the form in
 * which the network is mostly described since.) Whatever it is to remember must show in its output.
 *
 * @throws ShapeError when a size is not a positive integer
 * @throws RangeError when the decay is not from 0 up to but without 1
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { JordanCell } from '@ostinato/rnn'
 * const cell = new JordanCell(3, 5, { outputSize: 2, rng: new Rng(1) })
 * const { output, state } = cell.step(zeros([4, 3]), cell.initialState(4))
 * console.assert(output.shape.join() === '4,2' && state.context === output)
 * ```
 */
export class JordanCell extends Cell<JordanState> {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly outputSize: number
  readonly activation: 'identity' | 'sigmoid' | 'tanh'
  readonly decay: number
  /** `[hidden, input]` */
  readonly weightIh: Parameter
  /** `[hidden, output]` */
  readonly weightYh: Parameter
  /** `[output, hidden]` */
  readonly weightHy: Parameter
  /** `[hidden]` */
  readonly biasIh: Parameter | null
  /** `[output]` */
  readonly biasHy: Parameter | null

  constructor(inputSize: number, hiddenSize: number, options: JordanOptions) {
    super()
    const { outputSize, rng, bias = true, dtype = 'float32', activation = 'sigmoid', decay = 0 } = options
    checkSizes('JordanCell', { inputSize, hiddenSize, outputSize })
    if (!(decay >= 0 && decay < 1)) {
      throw new RangeError(`JordanCell: expected a decay from 0 up to but without 1, got ${decay}`)
    }
    const weight = (outputs: number, inputs: number) => new Parameter(glorotUniform([outputs, inputs], { rng, dtype }))
    const zero = (size: number) => (bias ? new Parameter<FloatDType>(zeros([size], { dtype })) : null)
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    this.outputSize = outputSize
    this.activation = activation
    this.decay = decay
    this.weightIh = weight(hiddenSize, inputSize)
    this.weightYh = weight(hiddenSize, outputSize)
    this.weightHy = weight(outputSize, hiddenSize)
    this.biasIh = zero(hiddenSize)
    this.biasHy = zero(outputSize)
  }

  initialState(batch: number): JordanState {
    return { context: zeros([batch, this.outputSize], { dtype: this.weightIh.dtype }) }
  }

  step(x: Tensor, state: JordanState): StepResult<JordanState> {
    const { decay } = this
    const hidden = tanh(add(linear(x, this.weightIh, this.biasIh), linear(state.context, this.weightYh, null)))
    const output = activations[this.activation](linear(hidden, this.weightHy, this.biasHy))
    return { output, state: { context: decay === 0 ? output : add(multiply(state.context, decay), output) } }
  }
}
