// Judging forecasts that have been made, fold by fold: their intervals as time goes on, and their scores. Fitting and
// forecasting are the business of backtest.ts, or of a program that keeps what it has done.
import { failIfAny } from '../check.ts'
import type { Forecast, History } from '../forecaster.ts'
import { naiveScale } from '../metrics/point.ts'
import { WalkingIntervals, type Outcome } from './intervals.ts'
import { overFolds, scoreCases, type ForecastScores, type JudgedCase, type Spread } from './scores.ts'

/** A fold as `walkForward` of `@ostinato/datasets/series` cuts it. */
export interface BacktestFold {
  readonly train: { readonly series: History }
  /** In order of time, each after the training part. */
  readonly cases: readonly { readonly origin: number; readonly history: History; readonly actual: Float64Array }[]
}

/** What a forecaster said of a fold. */
export interface FoldForecasts {
  /** One for each case. */
  readonly forecasts: readonly Forecast[]
  /** Cases that were held out of the training part, to calibrate intervals with. */
  readonly held?: readonly Outcome[]
}

/** What a forecaster said of all folds, each time fitted to what came before. */
export interface MadeForecasts {
  readonly name: string
  readonly folds: readonly FoldForecasts[]
}

/** What conformal intervals are calibrated with. */
export type Calibration =
  /**
   * The last `steps` of each training part are held out, a forecast from every `stride`-th (default 1) of them; the
   * model learns from what lies before.
   */
  | { readonly steps: number; readonly stride?: number }
  /** The first folds, so many of them, are not judged; from then on every outcome counts, whatever model it was of. */
  | { readonly folds: number }

/** How forecasts are judged. */
export interface JudgingOptions {
  readonly horizon: number
  /** The season of MASE's scale, in steps. Default 1. */
  readonly period?: number
  /** Conformal intervals of 80 and 95 % are put around each forecast. Absent: none. */
  readonly calibration?: Calibration
  /** How strongly outcomes correct the intervals as time goes on, see `ConformalIntervals`. Default 0. */
  readonly adaptation?: number
  /** How many of the newest scores count, see `ConformalIntervals`. */
  readonly memory?: number
}

/** How a forecaster did. */
export interface BacktestResult {
  readonly name: string
  /** In order of time. */
  readonly cases: readonly JudgedCase[]
  /** One a judged fold. */
  readonly folds: readonly ForecastScores[]
  readonly scores: { readonly [K in keyof ForecastScores]: Spread }
  /** The mean absolute error of each step ahead, scaled as MASE is: `[horizon]`. */
  readonly errorBySteps: Float64Array
}

/**
 * Scores forecasts that were made elsewhere, as `backtest` does: for programs that keep forecasts as they go, so that a
 * run which is interrupted need not fit anew. Intervals learn from each outcome as soon as it would have been
 * known and not before.
 *
 * @throws RangeError when there is no fold or case, or forecasts do not fit the cases
 * @example
 * ```ts
 * import { TimeSeries, walkForward } from '@ostinato/datasets/series'
 * import { judgeForecasts } from '@ostinato/forecasting'
 * const times = Array.from({ length: 100 }, (_, t) => t)
 * const series = new TimeSeries({ times, values: times.map((t) => Math.sin(t)) })
 * const folds = walkForward(series, { horizon: 2, folds: 3, foldLength: 10 })
 * const zero = { mean: new Float64Array(2) }
 * const made = { name: 'zero', folds: folds.map(({ cases }) => ({ forecasts: cases.map(() => zero) })) }
 * const { folds: judged } = judgeForecasts(made, folds, { horizon: 2, calibration: { folds: 1 } })
 * console.assert(judged.length === 2 && judged[0].conformalCoverage95 !== undefined)
 * ```
 */
export function judgeForecasts(
  made: MadeForecasts,
  folds: readonly BacktestFold[],
  options: JudgingOptions,
): BacktestResult {
  const { horizon, period = 1, calibration, adaptation = 0, memory } = options
  failIfAny('judgeForecasts', [...foldFaults(folds, options), ...forecastFaults(made, folds, horizon)])
  const make = (strength: number) =>
    calibration && new WalkingIntervals({ horizon, adaptation: strength, ...(memory !== undefined && { memory }) })
  const adaptive = make(adaptation)
  // Without adaptation they are the same.
  const plain = adaptation === 0 ? undefined : make(0)
  const walked = folds.map(({ cases }, fold) => {
    const { forecasts, held } = made.folds[fold]
    if (held !== undefined) for (const intervals of [adaptive, plain]) intervals?.calibrate(held)
    return cases.map(({ origin, history, actual }, i): JudgedCase => {
      const outcome = { forecast: forecasts[i], actual }
      const conformal = adaptive?.around(origin, outcome)
      const split = plain === undefined ? conformal : plain.around(origin, outcome)
      return { fold, origin, history, ...outcome, ...(conformal && { conformal }), ...(split && { split }) }
    })
  })
  const skipped = calibratingFolds(options)
  const scales = folds.map(({ train }) => naiveScale(train.series.values, period))
  const judged = walked.slice(skipped)
  const scores = judged.map((cases, i) => scoreCases(cases, scales[skipped + i]))
  const cases = judged.flat()
  const errorBySteps = Float64Array.from({ length: horizon }, (_, h) => {
    const errors = cases.map(({ fold, actual, forecast }) => Math.abs(actual[h] - forecast.mean[h]) / scales[fold])
    return errors.reduce((sum, error) => sum + error, 0) / errors.length
  })
  return { name: made.name, cases, folds: scores, scores: overFolds(scores), errorBySteps }
}

/** How many folds are not judged. */
const calibratingFolds = ({ calibration }: JudgingOptions) =>
  calibration !== undefined && 'folds' in calibration ? calibration.folds : 0

/** What is wrong with folds. */
export function foldFaults(folds: readonly BacktestFold[], options: JudgingOptions): string[] {
  const { horizon } = options
  const odd = folds.flatMap(({ cases }) => cases).find(({ actual }) => actual.length !== horizon)
  const skipped = calibratingFolds(options)
  return [
    ...(folds.length > 0 && folds.every(({ cases }) => cases.length > 0)
      ? []
      : ['expected folds with at least one case each, got none']),
    ...(folds.length === 0 || folds.length > skipped
      ? []
      : [`expected more folds than the ${skipped} that calibrate, got ${folds.length}`]),
    ...(odd === undefined
      ? []
      : [`expected cases of ${horizon} steps, the horizon, got ${odd.actual.length} at ${odd.origin}`]),
  ]
}

function forecastFaults(made: MadeForecasts, folds: readonly BacktestFold[], horizon: number): string[] {
  if (made.folds.length !== folds.length) {
    return [`expected forecasts of ${made.name} for ${folds.length} folds, got ${made.folds.length}`]
  }
  return made.folds.flatMap(({ forecasts }, fold) => {
    const where = `of ${made.name} in fold ${fold}`
    const { length } = folds[fold].cases
    if (forecasts.length !== length) return [`expected ${length} forecasts ${where}, got ${forecasts.length}`]
    const odd = forecasts.find(({ mean }) => mean.length !== horizon)
    return odd === undefined ? [] : [`expected forecasts ${where} of ${horizon} steps, got ${odd.mean.length}`]
  })
}
