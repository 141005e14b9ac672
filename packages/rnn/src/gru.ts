// The gated recurrent unit's cell.
import { gruBackward, gruForward, type FloatArray, type GruSaved } from '@ostinato/kernels'
import { add, linear, multiply, sigmoid, slice, split, subtract, tanh, zeros, type Tensor } from '@ostinato/tensor'
import type { CellStep, FusedOptions, SequenceResult, StepResult } from './cell.ts'
import { fusedSequence, fusedStep, type SequenceKernel } from './fused.ts'
import { GatedCell, type CellOptions } from './gates.ts'

/** What a GRU carries: `hidden` `[batch, hidden]`. */
export type GruState = { readonly hidden: Tensor }

/** How a GRU cell is built. */
export interface GruOptions extends CellOptions {
  /**
   * Where the reset gate works: on the recurrent product (`after`) or on the hidden state that enters it (`before`),
   * which has no fused form. ONNX calls `after` `linear_before_reset = 1`. Default `after`.
   */
  readonly reset?: 'after' | 'before'
}

const kernel: SequenceKernel<GruSaved<FloatArray>> = {
  name: 'GruCell.sequence',
  forward: gruForward,
  backward: gruBackward,
}

/**
 * The gated recurrent unit with gates in the order r, z, n in the rows of the weights:
 *
 *     r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
 *     z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
 *     n = tanh(W_in x + b_in + r * (W_hn h + b_hn))      with the reset before: W_hn (r * h) + b_hn
 *     h' = (1 - z) * n + z * h
 *
 * Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder", §2.3, has the reset before the
 * recurrent product; PyTorch and cuDNN have it after.
 *
 * @throws ShapeError when a size is not a positive integer
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { GruCell } from '@ostinato/rnn'
 * const cell = new GruCell(3, 5, { reset: 'before', rng: new Rng(1) })
 * const { output } = cell.step(zeros([2, 3]), cell.initialState(2))
 * console.assert(output.shape.join() === '2,5')
 * ```
 */
export class GruCell extends GatedCell<GruState> {
  readonly reset: 'after' | 'before'

  constructor(inputSize: number, hiddenSize: number, options: GruOptions) {
    super({ name: 'GruCell', gates: 3, inputSize, hiddenSize }, options)
    this.reset = options.reset ?? 'after'
  }

  initialState(batch: number): GruState {
    return { hidden: zeros([batch, this.hiddenSize], { dtype: this.weightIh.dtype }) }
  }

  /** @param read what the recurrent weights read; the update gate keeps units of `state` all the same */
  step(x: Tensor, state: GruState, { hidden: read }: GruState = state): StepResult<GruState> {
    const fused = read === state.hidden ? fusedStep(this, x, state) : undefined
    if (fused !== undefined) return fused
    const { weightIh, weightHh, biasIh, biasHh, hiddenSize } = this
    const before = this.reset === 'before'
    const product = (hidden: Tensor, [from, to]: readonly [gate: number, end: number]) => {
      const rows = [[from * hiddenSize, to * hiddenSize]] as const
      return linear(hidden, slice(weightHh, rows), biasHh && slice(biasHh, rows))
    }
    const [inputReset, inputUpdate, inputNew] = split(linear(x, weightIh, biasIh), 3, { axis: 1 })
    const recurrent = before ? product(read, [0, 2]) : linear(read, weightHh, biasHh)
    const [hiddenReset, hiddenUpdate, hiddenNew] = split(recurrent, before ? 2 : 3, { axis: 1 })
    const reset = sigmoid(add(inputReset, hiddenReset))
    const update = sigmoid(add(inputUpdate, hiddenUpdate))
    const kept = before ? product(multiply(reset, read), [2, 3]) : multiply(reset, hiddenNew)
    const candidate = tanh(add(inputNew, kept))
    const hidden = add(candidate, multiply(update, subtract(state.hidden, candidate)))
    return { output: hidden, state: { hidden } }
  }

  override begin(): CellStep<GruState> {
    return (x, state, read) => this.step(x, state, read)
  }

  override sequence(x: Tensor, options: FusedOptions<GruState>): SequenceResult<GruState> | undefined {
    return this.reset === 'after' ? fusedSequence(kernel, this, { x, ...options }) : undefined
  }
}
