// Cuts a series in order of time: once, or again and again as time goes on (walk-forward, rolling origin). A fold hands
// out its training part and the cases to forecast; nothing of a case's outcome is in either. Scores are elsewhere.
import { failIfAny, isCount, show } from '../errors.ts'
import type { TimeSeries } from './time-series.ts'
import { trainingPart, type TrainingPart } from './training-part.ts'

/** One forecast to make, with what came true. */
export interface ForecastCase {
  /** The step that is forecast first: the number of steps before it. */
  readonly origin: number
  /** All that is known at the origin, with times and known covariates for `horizon` steps more. */
  readonly history: TimeSeries
  /** What came true: `[horizon]`. For scores alone. */
  readonly actual: Float64Array
  /** When: `[horizon]`. */
  readonly times: Float64Array
}

/** A model is fitted to `train` and then forecasts each of `cases`, all of which lie after it. */
export interface Fold {
  /** From 0, in order of time. */
  readonly index: number
  readonly train: TrainingPart
  readonly cases: readonly ForecastCase[]
}

/** How a series is walked through. */
export interface WalkForwardOptions {
  /** Steps that each case forecasts. */
  readonly horizon: number
  /** How often a model is fitted anew. */
  readonly folds: number
  /**
   * Steps after each fitting in which cases lie; the last fold ends with the series. Default: `horizon`, one case a
   * fold.
   */
  readonly foldLength?: number
  /** Steps from one case to the next. Default: `horizon`, so that no step is judged twice. */
  readonly stride?: number
  /** Steps left out between a training part and its first case. Default 0. */
  readonly gap?: number
  /**
   * `'expanding'` trains on everything before the cut; a number trains on so many steps before it (rolling). Default
   * `'expanding'`.
   */
  readonly training?: 'expanding' | number
}

/**
 * Folds that walk forward through the series: fold after fold the cut moves on by `foldLength`, a model is fitted to
 * what lies before and forecasts what lies after (Tashman 2000, "Out-of-sample tests of forecasting accuracy").
 *
 * @throws DatasetError with every fault, also when there are too few steps for so many folds
 * @example
 * ```ts
 * import { fitStandardScaler, TimeSeries, walkForward, windows } from '@ostinato/datasets/series'
 * const steps = Array.from({ length: 100 }, (_, i) => i)
 * const series = new TimeSeries({ times: steps, values: steps.map((i) => Math.sin(i)) })
 * for (const { train, cases } of walkForward(series, { horizon: 5, folds: 3, foldLength: 20 })) {
 *   const scaler = fitStandardScaler(train) // takes a training part and nothing else
 *   const rows = windows(train, { inputLength: 10, horizon: 5 })
 *   console.assert(cases.length === 4 && cases[0].origin === train.series.length)
 *   console.assert(scaler.invert(scaler.transform(cases[0].history.values)).length >= rows.length)
 * }
 * ```
 */
export function walkForward(series: TimeSeries, options: WalkForwardOptions): Fold[] {
  const { horizon, folds, foldLength = horizon, stride = horizon, gap = 0, training = 'expanding' } = options
  const where = 'walkForward'
  failIfAny(where, [
    ...countFaults({ horizon, folds, foldLength, stride }),
    ...(isCount(gap) ? [] : [`expected a gap of whole steps from 0, got ${show(gap)}`]),
    ...(training === 'expanding' || isCount(training, 1) ? [] : [`expected training 'expanding' or a number of steps, got ${show(training)}`]),
  ])
  const first = series.length - folds * foldLength
  const least = gap + (training === 'expanding' ? 1 : training)
  failIfAny(where, [
    ...(foldLength >= horizon ? [] : [`expected a foldLength of at least the horizon, ${horizon}, got ${foldLength}`]),
    ...(first >= least ? [] : [`expected at least ${folds * foldLength + least} steps for ${folds} folds of ${foldLength}, ${least} before the first included, got ${series.length}: take fewer or shorter folds`]),
  ])
  return Array.from({ length: folds }, (_, index) => {
    const start = first + index * foldLength
    const cut = start - gap
    const cases = Array.from({ length: Math.floor((foldLength - horizon) / stride) + 1 }, (_, i) =>
      forecastCase(series, start + i * stride, horizon),
    )
    return { index, train: trainingPart(series, training === 'expanding' ? 0 : cut - training, cut), cases }
  })
}

/** The forecast to make at `origin`. */
function forecastCase(series: TimeSeries, origin: number, horizon: number): ForecastCase {
  return {
    origin,
    history: series.until(origin, { ahead: horizon }),
    actual: series.values.slice(origin, origin + horizon),
    times: series.times.slice(origin, origin + horizon),
  }
}

/** A series cut in order of time. */
export interface SeriesSplit {
  readonly train: TrainingPart
  readonly validation: TimeSeries
  readonly test: TimeSeries
}

/**
 * Cuts a series once: `test` steps at the end, `validation` steps before them, the rest for training, `gap` steps left
 * out at each cut.
 *
 * @throws DatasetError when a part would be empty
 * @example
 * ```ts
 * import { splitSeries, TimeSeries } from '@ostinato/datasets/series'
 * const steps = Array.from({ length: 20 }, (_, i) => i)
 * const series = new TimeSeries({ times: steps, values: steps })
 * const { train, test } = splitSeries(series, { validation: 3, test: 4, gap: 2 })
 * console.assert(train.series.length === 9 && test.values[0] === 16)
 * ```
 */
export function splitSeries(
  series: TimeSeries,
  { validation, test, gap = 0 }: { readonly validation: number; readonly test: number; readonly gap?: number },
): SeriesSplit {
  const where = 'splitSeries'
  failIfAny(where, [
    ...countFaults({ validation, test }),
    ...(isCount(gap) ? [] : [`expected a gap of whole steps from 0, got ${show(gap)}`]),
  ])
  const { length } = series
  const [testStart, validationStart] = [length - test, length - test - gap - validation]
  const cut = validationStart - gap
  if (cut < 1) failIfAny(where, [`expected more than ${length - cut} steps, got ${length}: nothing is left to train on`])
  return {
    train: trainingPart(series, 0, cut),
    validation: series.slice(validationStart, validationStart + validation),
    test: series.slice(testStart, length),
  }
}

function countFaults(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).flatMap(([name, count]) =>
    isCount(count, 1) ? [] : [`expected ${name} of 1 step or more, got ${show(count)}`],
  )
}
