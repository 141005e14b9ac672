// A network that says all steps at once, none from another. Networks that feed their own results back are in
// recursive.ts.
import { Linear, Module } from '@ostinato/nn'
import { gru, lstm, type BidirectionalState, type GruState, type LstmState, type SequenceLayer } from '@ostinato/rnn'
import { concat, isTensor, reshape, slice, tanh, type Rng, type Tensor } from '@ostinato/tensor'
import type { Head } from '../heads/head.ts'
import type { ForecastBatch } from './windows.ts'

/** The form of a network. */
export interface NetworkForm {
  readonly cell: 'lstm' | 'gru'
  readonly hiddenSize: number
  /** Covariates known ahead. */
  readonly known: number
  /** Features known up to the origin, beside the target. */
  readonly observed: number
  readonly horizon: number
  readonly head: Head
  readonly rng: Rng
}

/** What all networks of this package can do: learn from a batch. */
export interface ForecastNetwork extends Module {
  readonly head: Head
  /** The mean loss of a batch. */
  loss(batch: ForecastBatch): Tensor
}

type RecurrentState = LstmState | GruState
type EncoderState = RecurrentState | BidirectionalState<RecurrentState>

/**
 * A recurrent encoder reads the input window, in one or both directions; from its last state comes a context for each
 * step ahead, and from context and known covariates of the step, by the same weights for all steps, the outputs of the
 * head (Wen et al. 2017, "A multi-horizon quantile recurrent forecaster", §3.2).
 */
export class DirectNetwork extends Module implements ForecastNetwork {
  readonly head: Head
  readonly horizon: number
  readonly encoder: SequenceLayer<EncoderState>
  readonly context: Linear
  readonly local: Linear
  readonly outputs: Linear

  constructor(form: NetworkForm & { readonly bidirectional: boolean; readonly contextSize: number }) {
    super()
    const { cell, hiddenSize, known, observed, horizon, head, rng, bidirectional, contextSize } = form
    this.head = head
    this.horizon = horizon
    const [inputSize, options] = [1 + observed + known, { rng, bidirectional }]
    this.encoder = (
      cell === 'lstm' ? lstm(inputSize, hiddenSize, options) : gru(inputSize, hiddenSize, options)
    )
    this.context = new Linear(hiddenSize * (bidirectional ? 2 : 1), horizon * contextSize, { rng })
    this.local = new Linear(contextSize + known, hiddenSize, { rng })
    this.outputs = outputLayer(hiddenSize, head, rng)
  }

  /** @returns `[batch, horizon, head.size]` */
  forward({ values, observed, known }: ForecastBatch): Tensor {
    const [batch, inputLength] = values.shape
    const past = slice(known, [undefined, [0, inputLength]])
    const { state } = this.encoder.forward(concat([values, observed, past], { axis: 2 }))
    const context = reshape(tanh(this.context.forward(hiddenOf(state))), [batch, this.horizon, -1])
    const future = slice(known, [undefined, [inputLength]])
    return this.outputs.forward(tanh(this.local.forward(concat([context, future], { axis: 2 }))))
  }

  loss(batch: ForecastBatch): Tensor {
    return this.head.loss(this.forward(batch), batch.direct)
  }
}

/** The last hidden state, of both directions if there are two. */
function hiddenOf(state: EncoderState): Tensor {
  if ('hidden' in state && isTensor(state.hidden)) return state.hidden
  const { forward, backward } = state as BidirectionalState<RecurrentState>
  return concat([forward.hidden, backward.hidden], { axis: 1 })
}

/** Weights of 0, so that a network which has learned nothing says what its scaling takes for granted. */
export function outputLayer(hiddenSize: number, head: Head, rng: Rng): Linear {
  const layer = new Linear(hiddenSize, head.size, { rng })
  layer.weight.data.fill(0)
  layer.bias?.data.fill(0)
  return layer
}
