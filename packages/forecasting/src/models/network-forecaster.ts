// Recurrent networks as forecasters: windows of the training part, the training run, forecasts from what the network
// says. The networks themselves and their heads are in files of their own.
import { Adam, cosineDecay } from '@ostinato/optim'
import { Rng, tensor, type Tensor } from '@ostinato/tensor'
import { fit, type TrainingEvent } from '@ostinato/train'
import { countFaults, failIfAny } from '../check.ts'
import {
  checkHistories,
  checkTraining,
  defaultLevels,
  type FitOptions,
  type FittedForecaster,
  type Forecast,
  type Forecaster,
  type History,
} from '../forecaster.ts'
import type { Head, Marginal } from '../heads/head.ts'
import { DirectNetwork } from './direct.ts'
import { RecursiveNetwork, type RecursiveStyle } from './recursive.ts'
import { fitScaling, type Moments, type ScalingName } from './scaling.ts'
import { makeBatch, placesIn, WindowBatches, type ForecastBatch, type WindowForm } from './windows.ts'

/** The form of a recurrent forecaster and of its training. */
export interface NetworkOptions {
  /** What tables call it. Default: its style, cell and head. */
  readonly name?: string
  /** What the network says of each step and learns by. */
  readonly head: Head
  /**
   * `direct`: all steps at once. `bidirectional`: the same, and the input is read in both directions.
   * `encoder-decoder` and `autoregressive`: step by step, see `RecursiveStyle`. Default `direct`.
   */
  readonly style?: 'direct' | 'bidirectional' | RecursiveStyle
  /** Default `gru`. */
  readonly cell?: 'lstm' | 'gru'
  /** How many steps before the origin are read. */
  readonly inputLength: number
  /** Default 32. */
  readonly hiddenSize?: number
  /** Default `standard`. */
  readonly scaling?: ScalingName
  /** Default 10; training stops early after `patience` epochs without gain on the last windows of the training part. */
  readonly epochs?: number
  /** Default 3. */
  readonly patience?: number
  /** The part of the windows, the last in time, that early stopping looks at and nothing learns from. Default 0.1. */
  readonly validation?: number
  /** Steps between training windows. Default 1. */
  readonly stride?: number
  /** Default 64. */
  readonly batchSize?: number
  /** The first, which falls along half a cosine. Default 0.003. */
  readonly learningRate?: number
  /** How many paths recursive styles draw for a forecast. Default 100. */
  readonly paths?: number
  /** Weights, order of windows and paths come from it. Default 0. */
  readonly seed?: number
}

type Complete = Required<NetworkOptions>
type Network = DirectNetwork | RecursiveNetwork

/** A trained network with all that it needs to predict. */
export interface FittedNetwork extends FittedForecaster {
  /** Weights and scaling by name, to be saved (`writeSafetensors`) and given to `restore`. */
  state(): Map<string, Tensor>
}

/** A recurrent network that can be fitted, or be brought back as it was saved. */
export interface NetworkForecaster extends Forecaster {
  fit(training: readonly History[], options: FitOptions): Promise<FittedNetwork>
  /**
   * @param state what `FittedNetwork.state` gave
   * @param options the same horizon and levels
   * @throws StateError or RangeError when it is the state of another form
   */
  restore(state: ReadonlyMap<string, Tensor>, options: Pick<FitOptions, 'horizon' | 'levels'>): FittedNetwork
}

/**
 * A recurrent forecaster: an LSTM (Hochreiter and Schmidhuber 1997) or a GRU (Cho et al. 2014) that reads the last
 * `inputLength` steps and says a distribution for each step ahead.
 *
 * @throws RangeError when an option does not fit
 * @example
 * ```ts
 * import { gaussianHead, networkForecaster } from '@ostinato/forecasting'
 * const values = Float64Array.from({ length: 200 }, (_, t) => 10 + Math.sin(t / 2))
 * const forecaster = networkForecaster({ head: gaussianHead(), inputLength: 12, hiddenSize: 8, epochs: 2 })
 * const fitted = await forecaster.fit([{ values }], { horizon: 4, levels: [0.1, 0.5, 0.9] })
 * const [{ mean, quantiles }] = fitted.predict([{ values }], 4)
 * console.assert(mean.length === 4 && quantiles.values[0][3] < quantiles.values[2][3])
 * ```
 */
export function networkForecaster(options: NetworkOptions): NetworkForecaster {
  const form = complete(options)
  const { name, inputLength } = form
  failIfAny(name, optionFaults(form))
  return {
    name,
    async fit(training, fitOptions) {
      const { horizon, levels = defaultLevels } = fitOptions
      checkTraining(name, training, { ...fitOptions, least: inputLength + horizon + 1 })
      checkLogarithms(form, training)
      const windows: WindowForm = {
        inputLength,
        horizon,
        scaling: form.scaling,
        moments: fitScaling(form.scaling, training),
        known: covariateMoments(training.map(({ known = [] }) => known)),
        observed: covariateMoments(training.map(({ observed = [] }) => observed)),
      }
      const network = buildNetwork(form, windows)
      await train(network, { form, windows, training, fitOptions })
      return fittedNetwork({ form, windows, network, levels })
    },
    restore(state, { horizon, levels = defaultLevels }) {
      const weights = new Map(state)
      const read = (part: string) => {
        const found = weights.get(`scaling.${part}`)
        weights.delete(`scaling.${part}`)
        return momentsFrom(found?.data ?? missing(`${name}.restore`, `scaling.${part}`))
      }
      const [[moments], known, observed] = [read('values'), read('known'), read('observed')]
      const windows: WindowForm = { inputLength, horizon, scaling: form.scaling, moments, known, observed }
      const network = buildNetwork(form, windows)
      network.loadState(weights)
      return fittedNetwork({ form, windows, network, levels })
    },
  }
}

function missing(where: string, part: string): never {
  throw new RangeError(`${where}: expected '${part}' in the state, got none: it is not of a forecaster`)
}

function complete(options: NetworkOptions): Complete {
  const { style = 'direct', cell = 'gru', head } = options
  return {
    name: `${style} ${cell.toUpperCase()}, ${head.name}`,
    style,
    cell,
    hiddenSize: 32,
    scaling: 'standard',
    epochs: 10,
    patience: 3,
    validation: 0.1,
    stride: 1,
    batchSize: 64,
    learningRate: 0.003,
    paths: 100,
    seed: 0,
    ...options,
  }
}

function optionFaults(form: Complete): string[] {
  const { inputLength, hiddenSize, epochs, patience, stride, batchSize, paths, validation, learningRate } = form
  const counts = { hiddenSize, epochs, patience, stride, batchSize, paths }
  return [
    ...countFaults('inputLength', inputLength, 2),
    ...Object.entries(counts).flatMap(([name, value]) => countFaults(name, value)),
    ...(validation > 0 && validation < 1 ? [] : [`expected validation between 0 and 1, got ${validation}`]),
    ...(learningRate > 0 && learningRate < 1 ? [] : [`expected learningRate between 0 and 1, got ${learningRate}`]),
  ]
}

function checkLogarithms({ name, scaling }: Complete, histories: readonly History[]): void {
  if (scaling !== 'log-returns' || histories.every(({ values }) => values.every((value) => value > 0))) return
  failIfAny(name, ["expected values above 0 for the scaling 'log-returns', got others: take 'standard' or 'window'"])
}

function buildNetwork(form: Complete, { horizon, known, observed }: WindowForm): Network {
  const { style, cell, hiddenSize, head, seed } = form
  const features = { known: known.length, observed: observed.length + 1 }
  const common = { cell, hiddenSize, ...features, horizon, head, rng: new Rng(seed) }
  return style === 'direct' || style === 'bidirectional'
    ? new DirectNetwork({ ...common, bidirectional: style === 'bidirectional', contextSize: 8 })
    : new RecursiveNetwork({ ...common, style })
}

interface Training {
  readonly form: Complete
  readonly windows: WindowForm
  readonly training: readonly History[]
  readonly fitOptions: FitOptions
}

async function train(network: Network, { form, windows, training, fitOptions }: Training): Promise<void> {
  const { validation, stride, batchSize, learningRate, epochs, patience, seed } = form
  const { signal, watch = (events) => events } = fitOptions
  // The last windows of each series; between the two parts none whose targets overlap.
  const parts = training.map((history) => {
    const places = placesIn([history], windows, stride)
    const held = Math.floor(validation * places.length)
    const gap = Math.min(Math.ceil(windows.horizon / stride), Math.max(0, places.length - held - 1))
    return held === 0 ? { learn: places, hold: [] } : { learn: places.slice(0, -held - gap), hold: places.slice(-held) }
  })
  const source = new WindowBatches(parts.flatMap(({ learn }) => learn), windows, { batchSize, seed })
  const held = parts.flatMap(({ hold }) => hold)
  const schedule = cosineDecay(learningRate, { steps: epochs * source.length, minimum: learningRate / 100 })
  const run = fit<ForecastBatch>({
    model: network,
    optimizer: new Adam(network.parameters(), { learningRate: schedule }),
    train: source,
    step: (batch) => ({ loss: network.loss(batch), count: batch.values.shape[0] }),
    epochs,
    clipNorm: 1,
    ...(held.length > 0 && {
      validation: new WindowBatches(held, windows, { batchSize }),
      earlyStopping: { patience },
    }),
    ...(signal && { signal }),
  })
  await drain(watch(run))
  signal?.throwIfAborted()
}

async function drain(events: AsyncIterable<TrainingEvent>): Promise<void> {
  const iterator = events[Symbol.asyncIterator]()
  while (!(await iterator.next()).done);
}

interface Fitted {
  readonly form: Complete
  readonly windows: WindowForm
  readonly network: Network
  readonly levels: readonly number[]
}

function fittedNetwork(fitted: Fitted): FittedNetwork {
  const { form, windows, network } = fitted
  const { name, inputLength } = form
  return {
    predict(histories, horizon) {
      checkHistories(name, histories, { horizon, least: inputLength })
      checkLogarithms(form, histories.map(({ values }) => ({ values: values.subarray(-inputLength) })))
      const faults = histories.flatMap(({ known = [], observed = [] }, i) =>
        known.length === windows.known.length && observed.length === windows.observed.length
          ? []
          : [`expected ${windows.known.length} known and ${windows.observed.length} observed covariates as in training, got ${known.length} and ${observed.length} in histories[${i}]`])
      failIfAny(name, faults)
      if (network instanceof DirectNetwork && horizon > windows.horizon) {
        failIfAny(name, [`expected a horizon of at most ${windows.horizon}, which it was fitted for, got ${horizon}`])
      }
      const forecasts: Forecast[] = []
      for (let from = 0; from < histories.length; from += form.batchSize) {
        forecasts.push(...predictBatch(fitted, histories.slice(from, from + form.batchSize), horizon))
      }
      return forecasts
    },
    state() {
      const numbers = (list: readonly Moments[]) =>
        tensor(list.flatMap(({ centre, spread }) => [centre, spread]), { shape: [list.length, 2], dtype: 'float64' })
      return new Map<string, Tensor>([
        ...network.state(),
        ['scaling.values', numbers([windows.moments])],
        ['scaling.known', numbers(windows.known)],
        ['scaling.observed', numbers(windows.observed)],
      ])
    },
  }
}

const momentsFrom = (numbers: ArrayLike<number>): Moments[] =>
  Array.from({ length: numbers.length / 2 }, (_, i) => ({ centre: numbers[2 * i], spread: numbers[2 * i + 1] }))

function predictBatch(fitted: Fitted, histories: readonly History[], horizon: number): Forecast[] {
  const { form, windows, network, levels } = fitted
  // A direct network says all the steps it was made for; one that goes on says as many as are asked for.
  const said = network instanceof DirectNetwork ? windows.horizon : horizon
  const places = histories.map((history) => ({ history: reaching(history, said), origin: history.values.length }))
  const { batch, scales } = makeBatch(places, { ...windows, horizon: said })
  if (network instanceof RecursiveNetwork) {
    const drawn = network.sample(batch, { paths: form.paths, rng: new Rng(form.seed + 1) })
    return drawn.map((paths, row) =>
      fromPaths(paths.map((path) => scales[row].steps.invert(path)), levels))
  }
  const { data } = network.forward(batch)
  const { size } = network.head
  return scales.map(({ direct }, row) => {
    const marginals = Array.from({ length: said }, (_, h) => {
      const at = (row * said + h) * size
      return network.head.marginal(data.subarray(at, at + size))
    })
    const read = (value: (of: Marginal) => number) =>
      direct.invert(Float64Array.from(marginals, value)).slice(0, horizon)
    return {
      mean: read(({ mean }) => mean),
      quantiles: { levels, values: levels.map((level) => read((one) => one.quantile(level))) },
    }
  })
}

/** Known covariates that end before the steps the network says are held: the steps beyond are thrown away. */
function reaching({ values, known, observed }: History, horizon: number): History {
  const length = values.length + horizon
  const longer = known?.map((list) =>
    list.length >= length ? list : Float64Array.from({ length }, (_, t) => list[Math.min(t, list.length - 1)]))
  return { values, ...(longer && { known: longer }), ...(observed && { observed }) }
}

/** Median and quantiles of paths, step by step; the point is the mean. */
function fromPaths(paths: readonly Float64Array[], levels: readonly number[]): Forecast {
  const horizon = paths[0].length
  const mean = new Float64Array(horizon)
  const values = levels.map(() => new Float64Array(horizon))
  for (let h = 0; h < horizon; h++) {
    const drawn = Float64Array.from(paths, (path) => path[h]).sort()
    mean[h] = drawn.reduce((sum, value) => sum + value, 0) / drawn.length
    levels.forEach((level, i) => {
      const at = level * (drawn.length - 1)
      const low = drawn[Math.floor(at)]
      values[i][h] = low + (at % 1) * (drawn[Math.ceil(at)] - low)
    })
  }
  return { mean, quantiles: { levels, values } }
}

function covariateMoments(lists: readonly (readonly Float64Array[])[]): Moments[] {
  return lists[0].map((_, k) => fitScaling('standard', lists.map((list) => ({ values: list[k] }))))
}
