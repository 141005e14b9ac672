// The gated recurrent unit's cell.
import { gruBackward, gruForward, type FloatArray, type GruSaved } from '@ostinato/kernels'
import { add, multiply, sigmoid, split, subtract, tanh, zeros, type Parameter, type Tensor } from '@ostinato/tensor'
import { Cell, type FusedOptions, type SequenceResult, type StepResult } from './cell.ts'
import { fusedSequence, type SequenceKernel } from './fused.ts'
import { affine, gateParameters, type CellOptions } from './gates.ts'

/** What a GRU carries: `hidden` `[batch, hidden]`. */
export type GruState = { readonly hidden: Tensor }

const kernel: SequenceKernel<GruSaved<FloatArray>> = {
  name: 'GruCell.sequence',
  forward: gruForward,
  backward: gruBackward,
}

/**
 * The gated recurrent unit with the reset gate after the recurrent product, as PyTorch and cuDNN have it; gates in the
 * order
 * r, z, n in the rows of the weights:
 *
 *     r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
 *     z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
 *     n = tanh(W_in x + b_in + r * (W_hn h + b_hn))
 *     h' = (1 - z) * n + z * h
 *
 * (Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder", §2.3, there with the reset before.)
 *
 * @throws ShapeError when a size is not a positive integer
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { GruCell } from '@ostinato/rnn'
 * const cell = new GruCell(3, 5, { rng: new Rng(1) })
 * const { output } = cell.step(zeros([2, 3]), cell.initialState(2))
 * console.assert(output.shape.join() === '2,5')
 * ```
 */
export class GruCell extends Cell<GruState> {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly weightIh: Parameter
  readonly weightHh: Parameter
  readonly biasIh: Parameter | null
  readonly biasHh: Parameter | null

  constructor(inputSize: number, hiddenSize: number, options: CellOptions) {
    super()
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    const parameters = gateParameters({ name: 'GruCell', gates: 3, inputSize, hiddenSize }, options)
    this.weightIh = parameters.weightIh
    this.weightHh = parameters.weightHh
    this.biasIh = parameters.biasIh
    this.biasHh = parameters.biasHh
  }

  get outputSize(): number {
    return this.hiddenSize
  }

  initialState(batch: number): GruState {
    return { hidden: zeros([batch, this.hiddenSize], { dtype: this.weightIh.dtype }) }
  }

  step(x: Tensor, state: GruState): StepResult<GruState> {
    const [inputReset, inputUpdate, inputNew] = split(affine(x, this.weightIh, this.biasIh), 3, { axis: 1 })
    const [hiddenReset, hiddenUpdate, hiddenNew] = split(affine(state.hidden, this.weightHh, this.biasHh), 3, {
      axis: 1,
    })
    const reset = sigmoid(add(inputReset, hiddenReset))
    const update = sigmoid(add(inputUpdate, hiddenUpdate))
    const candidate = tanh(add(inputNew, multiply(reset, hiddenNew)))
    const hidden = add(candidate, multiply(update, subtract(state.hidden, candidate)))
    return { output: hidden, state: { hidden } }
  }

  override sequence(x: Tensor, options: FusedOptions<GruState>): SequenceResult<GruState> {
    return fusedSequence(kernel, this, { x, ...options })
  }
}
