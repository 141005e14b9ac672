// Networks that say one step, feed it back and say the next: training all steps at once with the true values, and
// predicting by paths drawn from their own distribution. Networks that say all steps at once are in direct.ts.
import { Module, type Linear } from '@ostinato/nn'
import { gatherRows, gru, lstm, type GruState, type LstmState, type SequenceLayer } from '@ostinato/rnn'
import { concat, expandAxis, slice, tensor, type Rng, type Tensor } from '@ostinato/tensor'
import type { Head } from '../heads/head.ts'
import { outputLayer, type ForecastNetwork, type NetworkForm } from './direct.ts'
import type { ForecastBatch } from './windows.ts'

type RecurrentState = LstmState | GruState

/**
 * `encoder-decoder`: an encoder reads the input, a decoder with weights of its own goes on from its state
 * (Sutskever, Vinyals and Le 2014; Cho et al. 2014). `autoregressive`: one network reads and goes on, and learns
 * from every step of the input too (Salinas, Flunkert, Gasthaus and Januschowski 2020, "DeepAR", §3).
 */
export type RecursiveStyle = 'encoder-decoder' | 'autoregressive'

/**
 * Each step is said from the value before it, the known covariates of the step and the state; the values before are the
 * true ones in training (teacher forcing) and drawn ones when predicting.
 */
export class RecursiveNetwork extends Module implements ForecastNetwork {
  readonly head: Head
  readonly style: RecursiveStyle
  readonly encoder: SequenceLayer<RecurrentState> | null
  readonly decoder: SequenceLayer<RecurrentState>
  readonly outputs: Linear

  constructor(form: NetworkForm & { readonly style: RecursiveStyle }) {
    super()
    const { cell, hiddenSize, known, observed, head, rng, style } = form
    this.head = head
    this.style = style
    const make = (inputSize: number) =>
      (cell === 'lstm'
        ? lstm(inputSize, hiddenSize, { rng })
        : gru(inputSize, hiddenSize, { rng })) as SequenceLayer<RecurrentState>
    this.encoder = style === 'encoder-decoder' ? make(1 + observed + known) : null
    this.decoder = make(1 + 1 + known)
    this.outputs = outputLayer(hiddenSize, head, rng)
  }

  loss(batch: ForecastBatch): Tensor {
    const { values, steps } = batch
    const [, inputLength] = values.shape
    const truth = expandAxis(steps, 2)
    if (this.encoder === null) {
      const all = concat([values, truth], { axis: 1 })
      const inputs = this.#inputs(slice(all, [undefined, [0, -1]]), batch, 0)
      const target = slice(all, [undefined, [1], 0])
      return this.head.loss(this.outputs.forward(this.decoder.forward(inputs).output), target)
    }
    const last = slice(values, [undefined, [inputLength - 1]])
    const before = concat([last, slice(truth, [undefined, [0, -1]])], { axis: 1 })
    const inputs = this.#inputs(before, batch, inputLength - 1)
    const { output } = this.decoder.forward(inputs, { initialState: this.#read(batch) })
    return this.head.loss(this.outputs.forward(output), steps)
  }

  /**
   * Draws paths.
   *
   * @returns `[batch, paths, horizon]`, in the scale of the network
   */
  sample(batch: ForecastBatch, { paths, rng }: { readonly paths: number; readonly rng: Rng }): Float64Array[][] {
    const { values, known, steps } = batch
    const [[rows, inputLength], [, horizon], { size }] = [values.shape, steps.shape, this.head]
    const repeated = Int32Array.from({ length: rows * paths }, (_, i) => Math.floor(i / paths))
    let state = gatherRows(this.#read(batch), repeated)
    const wide = { ...batch, ...gatherRows({ known, observed: batch.observed }, repeated) }
    const drawn = Array.from({ length: repeated.length }, () => new Float64Array(horizon))
    let last = Float32Array.from(repeated, (row) => values.data[(row + 1) * inputLength - 1])
    for (let h = 0; h < horizon; h++) {
      const inputs = this.#inputs(tensor(last, { shape: [repeated.length, 1, 1] }), wide, inputLength - 1 + h)
      const step = this.decoder.forward(inputs, { initialState: state })
      state = step.state
      const { data } = this.outputs.forward(step.output)
      last = last.map((_, i) => (drawn[i][h] = this.head.marginal(data.subarray(i * size, (i + 1) * size)).sample(rng)))
    }
    return Array.from({ length: rows }, (_, row) => drawn.slice(row * paths, (row + 1) * paths))
  }

  /** The state before the first step of the horizon. */
  #read(batch: ForecastBatch): RecurrentState {
    const { values, observed, known } = batch
    const [, inputLength] = values.shape
    if (this.encoder === null) {
      return this.decoder.forward(this.#inputs(slice(values, [undefined, [0, -1]]), batch, 0)).state
    }
    const past = slice(known, [undefined, [0, inputLength]])
    return this.encoder.forward(concat([values, observed, past], { axis: 2 })).state
  }

  /** The value before each step beside its known covariates, and the volatility: `before[t]` stands at `from + t`. */
  #inputs(before: Tensor, { known, observed }: ForecastBatch, from: number): Tensor {
    const time = before.shape[1]
    const width = observed.shape[2]
    const volatility = slice(observed, [undefined, [0, 1], [width - 1]])
    const steady = concat(Array.from({ length: time }, () => volatility), { axis: 1 })
    return concat([before, steady, slice(known, [undefined, [from + 1, from + 1 + time]])], { axis: 2 })
  }
}
