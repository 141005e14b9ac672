// The models by the names of `--models`, with settings that suit a series. What they do is in `@ostinato/forecasting`.
import type { TimeSeries } from '@ostinato/datasets/series'
import {
  boostedTrees,
  drift,
  gaussianHead,
  holtWinters,
  movingAverage,
  networkForecaster,
  persistence,
  quantileHead,
  ridgeAutoregression,
  seasonalNaive,
  studentTHead,
  type Forecaster,
  type NetworkForecaster,
  type NetworkOptions,
} from '@ostinato/forecasting'
import type { LoadedSeries } from './data.ts'
import { dayOf } from './days.ts'
import { CommandError } from './errors.ts'
import type { RunSettings } from './settings.ts'

/** What a model's settings follow from. */
export interface ModelContext {
  readonly settings: RunSettings
  readonly loaded: Pick<LoadedSeries, 'period' | 'walk' | 'sibling'>
}

/** The baselines, from those that know nothing to those that learn. */
const baselineNames = [
  'persistence',
  'drift',
  'seasonal-naive',
  'moving-average',
  'holt-winters',
  'ridge',
  'trees',
] as const

/** The recurrent networks. */
const networkNames = ['gru', 'lstm', 'bidirectional', 'encoder-decoder', 'deepar', 'gaussian', 'gru-transfer'] as const

export type NetworkName = (typeof networkNames)[number]
export type ModelName = (typeof baselineNames)[number] | NetworkName
export const modelNames: readonly ModelName[] = [...baselineNames, ...networkNames]

/** What is run unless `--models` says otherwise: all baselines that suit the series, and a GRU. */
export function defaultModels({ period }: Pick<LoadedSeries, 'period'>): ModelName[] {
  return [...baselineNames.filter((name) => name !== 'seasonal-naive' || period > 1), 'gru']
}

/**
 * What a model learns from: `series`, the training part. A model that is transferred sees none of it, but its sibling
 * as far as the same day.
 *
 * @throws CommandError when the sibling has nothing to learn from by then, or there is none
 */
export function lessonsFor(name: ModelName, series: TimeSeries, { sibling }: Pick<LoadedSeries, 'sibling'>): TimeSeries {
  if (name !== 'gru-transfer') return series
  if (sibling === undefined) throw new CommandError(`${name} needs a sibling to learn from: only sp500 and nasdaq have one`)
  const { times } = series
  const last = times[times.length - 1]
  const known = sibling.times.findLastIndex((time) => time <= last) + 1
  if (known < leastLessons) {
    throw new CommandError(
      `${name} cannot be fitted: ${sibling.name} has ${known} steps up to ${dayOf(last)}, ` +
      `expected ${leastLessons} or more; give fewer --folds`,
    )
  }
  return sibling.until(known)
}

/** Two years of trading days. */
const leastLessons = 500

export const isNetwork = (name: ModelName): name is NetworkName => (networkNames as readonly string[]).includes(name)

/** @returns a forecaster that has not seen anything yet */
export function createForecaster(name: ModelName, context: ModelContext): Forecaster {
  const {
    loaded: { period, walk },
  } = context
  const lags = Math.max(10, 2 * period)
  switch (name) {
    case 'persistence':
      return persistence()
    case 'drift':
      return drift()
    case 'seasonal-naive':
      return seasonalNaive(period)
    case 'moving-average':
      return movingAverage(Math.max(5, period))
    case 'holt-winters':
      return holtWinters({ period })
    case 'ridge':
      return ridgeAutoregression({ lags, anchor: walk ? 'last' : 'mean' })
    case 'trees':
      return boostedTrees({ lags, anchor: walk ? 'last' : 'mean', trees: context.settings.quick ? 50 : 200 })
    default:
      return createNetwork(name, context)
  }
}

/** @returns a network that has not seen anything yet, or that `restore` brings back as it was saved */
export function createNetwork(
  name: NetworkName,
  { settings: { quick, seed }, loaded: { period, walk } }: ModelContext,
): NetworkForecaster {
  const common = {
    name,
    seed,
    inputLength: walk ? 40 : Math.max(28, 8 * period),
    scaling: walk ? 'log-returns' : 'window',
    hiddenSize: walk ? 16 : 48,
    epochs: quick ? 4 : walk ? 6 : 8,
    stride: 2,
    learningRate: walk ? 0.002 : 0.004,
  } as const satisfies Omit<NetworkOptions, 'head'>
  switch (name) {
    case 'gru':
    case 'gru-transfer':
      return networkForecaster({ ...common, head: quantileHead() })
    case 'lstm':
      return networkForecaster({ ...common, cell: 'lstm', head: quantileHead() })
    case 'bidirectional':
      return networkForecaster({ ...common, style: 'bidirectional', head: quantileHead() })
    case 'encoder-decoder':
      return networkForecaster({ ...common, style: 'encoder-decoder', head: gaussianHead() })
    case 'deepar':
      return networkForecaster({ ...common, style: 'autoregressive', head: studentTHead() })
    case 'gaussian':
      return networkForecaster({ ...common, head: gaussianHead() })
  }
}
