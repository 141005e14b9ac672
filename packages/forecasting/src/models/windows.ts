// From histories to batches of scaled windows for networks: which steps, in which order, in which tensors. Which
// network reads them does not matter.
import { Rng, Tensor } from '@ostinato/tensor'
import type { History } from '../forecaster.ts'
import { scaleWindow, type Moments, type ScalingName, type WindowScale } from './scaling.ts'

/** What a network sees: all scaled, `float32`. */
export interface ForecastBatch {
  /** The target up to the origin, `[batch, inputLength, 1]`. */
  readonly values: Tensor
  /** Covariates known up to the origin, `[batch, inputLength, observed]`, the window's volatility among them. */
  readonly observed: Tensor
  /** Covariates known ahead, for the input and the horizon: `[batch, inputLength + horizon, known]`. */
  readonly known: Tensor
  /** What came true, `[batch, horizon]`, for models that say each step by itself; zeros where it is not known. */
  readonly direct: Tensor
  /** The same for models that go on from their own last step. */
  readonly steps: Tensor
}

/** Everything of the training part that windows need to be scaled. */
export interface WindowForm {
  readonly inputLength: number
  readonly horizon: number
  readonly scaling: ScalingName
  readonly moments: Moments
  /** Of each covariate. */
  readonly known: readonly Moments[]
  readonly observed: readonly Moments[]
}

/** A window: a history and the step at which its horizon begins. */
export interface Place {
  readonly history: History
  readonly origin: number
}

/** The batch of some windows. Where the horizon lies beyond the values, targets are 0. */
export function makeBatch(places: readonly Place[], form: WindowForm): { batch: ForecastBatch; scales: WindowScale[] } {
  const { inputLength, horizon, scaling, moments, known, observed } = form
  const rows = places.length
  const make = (...shape: number[]) => new Tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape, 'float32')
  const batch = {
    values: make(rows, inputLength, 1),
    observed: make(rows, inputLength, observed.length + 1),
    known: make(rows, inputLength + horizon, known.length),
    direct: make(rows, horizon),
    steps: make(rows, horizon),
  }
  const scales = places.map(({ history, origin }, row) => {
    const from = origin - inputLength
    const scale = scaleWindow(scaling, moments, history.values.subarray(from, origin))
    batch.values.data.set(scale.input, row * inputLength)
    const width = observed.length + 1
    for (let t = 0; t < inputLength; t++) {
      batch.observed.data[(row * inputLength + t) * width + observed.length] = scale.volatility
    }
    observed.forEach((of, k) => {
      copyColumn(batch.observed, { row, column: k, list: history.observed?.[k], from, count: inputLength }, of)
    })
    known.forEach((of, k) => {
      copyColumn(batch.known, { row, column: k, list: history.known?.[k], from, count: inputLength + horizon }, of)
    })
    if (history.values.length >= origin + horizon) {
      const target = history.values.subarray(origin, origin + horizon)
      batch.direct.data.set(scale.direct.transform(target), row * horizon)
      batch.steps.data.set(scale.steps.transform(target), row * horizon)
    }
    return scale
  })
  return { batch, scales }
}

interface Column {
  readonly row: number
  readonly column: number
  readonly list: Float64Array | undefined
  readonly from: number
  readonly count: number
}

function copyColumn(into: Tensor, { row, column, list, from, count }: Column, { centre, spread }: Moments): void {
  const [, time, width] = into.shape
  if (list === undefined) return
  for (let t = 0; t < count; t++) into.data[(row * time + t) * width + column] = (list[from + t] - centre) / spread
}

/** Every `stride`-th window of the series that lies in it whole, in order of time; the last one always. */
export function placesIn(training: readonly History[], { inputLength, horizon }: WindowForm, stride: number): Place[] {
  return training.flatMap((history) => {
    const last = history.values.length - horizon
    const count = Math.max(0, Math.floor((last - inputLength) / stride) + 1)
    return Array.from({ length: count }, (_, i) => ({ history, origin: last - (count - 1 - i) * stride }))
  })
}

/** Batches in an order of their own for each epoch; without a seed in the order given. A source for `fit`. */
export class WindowBatches {
  constructor(
    readonly places: readonly Place[],
    readonly form: WindowForm,
    readonly options: { readonly batchSize: number; readonly seed?: number },
  ) {}

  get length(): number {
    return Math.ceil(this.places.length / this.options.batchSize)
  }

  *epoch(at: { readonly epoch: number; readonly batch: number }): Generator<ForecastBatch, void, undefined> {
    const { batchSize, seed } = this.options
    const count = this.places.length
    const inOrder = () => Int32Array.from({ length: count }, (_, i) => i)
    const order = seed === undefined ? inOrder() : new Rng(seed + at.epoch).permutation(count)
    for (let from = at.batch * batchSize; from < count; from += batchSize) {
      const chosen = Array.from(order.subarray(from, from + batchSize), (i) => this.places[i])
      yield makeBatch(chosen, this.form).batch
    }
  }
}
