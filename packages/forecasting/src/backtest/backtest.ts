// Judging a forecaster as if time went by: fit to the past, forecast what came after, move on. Folds are cut elsewhere
// (`walkForward` of `@ostinato/datasets/series`); the scores are in scores.ts.
import { failIfAny } from '../check.ts'
import { ConformalIntervals } from '../conformal/conformal.ts'
import type { FitOptions, FittedForecaster, Forecast, Forecaster, History } from '../forecaster.ts'
import { dieboldMariano, type DieboldMariano } from '../metrics/diebold-mariano.ts'
import { naiveScale } from '../metrics/point.ts'
import { overFolds, scoreCases, type ForecastScores, type JudgedCase, type Spread } from './scores.ts'

/** A fold as `walkForward` of `@ostinato/datasets/series` cuts it. */
export interface BacktestFold {
  readonly train: { readonly series: History }
  /** In order of time, each after the training part. */
  readonly cases: readonly { readonly origin: number; readonly history: History; readonly actual: Float64Array }[]
}

/** How forecasters are judged. */
export interface BacktestOptions extends FitOptions {
  /** The season of MASE's scale, in steps. Default 1. */
  readonly period?: number
  /**
   * Conformal intervals: the last `steps` of each training part are held out to calibrate with, a forecast from every
   * `stride`-th (default 1) of them; the model learns from what lies before. Absent: none.
   */
  readonly calibration?: { readonly steps: number; readonly stride?: number }
  /** How strongly outcomes correct the intervals as time goes on, see `ConformalIntervals`. Default 0. */
  readonly adaptation?: number
}

/** How a forecaster did. */
export interface BacktestResult {
  readonly name: string
  /** In order of time. */
  readonly cases: readonly JudgedCase[]
  /** One a fold. */
  readonly folds: readonly ForecastScores[]
  readonly scores: { readonly [K in keyof ForecastScores]: Spread }
  /** The mean absolute error of each step ahead, `[horizon]`. */
  readonly errorBySteps: Float64Array
}

/**
 * Walks forward: in each fold the forecaster is fitted anew to the training part, then forecasts each case from all
 * that was known at its origin (Tashman 2000, "Out-of-sample tests of forecasting accuracy"). With `calibration`
 * there are conformal intervals of 80 and 95 % around each forecast, and with `adaptation` they learn from outcomes,
 * each as soon as it would have been known and not before; what was learned of the level is kept from fold to fold.
 *
 * @throws RangeError when there is no fold or case, horizons differ, or a training part is too short to calibrate
 * @example
 * ```ts
 * import { TimeSeries, walkForward } from '@ostinato/datasets/series'
 * import { backtest, compareForecasts, persistence, seasonalNaive } from '@ostinato/forecasting'
 * const times = Array.from({ length: 200 }, (_, t) => t)
 * const series = new TimeSeries({ times, values: times.map((t) => [1, 5, 2, 8][t % 4] + Math.sin(t) / 4) })
 * const folds = walkForward(series, { horizon: 4, folds: 3, foldLength: 20 })
 * const options = { horizon: 4, calibration: { steps: 60 } }
 * const naive = await backtest(persistence(), folds, options)
 * const seasonal = await backtest(seasonalNaive(4), folds, options)
 * console.assert(seasonal.scores.mase.mean < 0.2 * naive.scores.mase.mean)
 * console.assert(compareForecasts(seasonal, naive).pValue < 0.01)
 * ```
 */
export async function backtest(
  forecaster: Forecaster,
  folds: readonly BacktestFold[],
  options: BacktestOptions,
): Promise<BacktestResult> {
  const { horizon, period = 1, calibration, adaptation = 0 } = options
  failIfAny('backtest', foldFaults(folds, options))
  const conformal = calibration && new Intervals(horizon, adaptation)
  const judged: JudgedCase[][] = []
  for (const [fold, { train, cases }] of folds.entries()) {
    const { learn, held } = holdOut(train.series, options)
    const fitted = await forecaster.fit([learn], options)
    const histories = held.map(({ history }) => history)
    conformal?.calibrate(held.length > 0 ? fitted.predict(histories, horizon) : [], held.map(({ actual }) => actual))
    judged.push(judge({ fold, fitted, cases, horizon }, conformal))
  }
  const scores = judged.map((cases, i) => scoreCases(cases, naiveScale(folds[i].train.series.values, period)))
  const all = judged.flat()
  const errorBySteps = Float64Array.from({ length: horizon }, (_, h) =>
    all.reduce((sum, { actual, forecast }) => sum + Math.abs(actual[h] - forecast.mean[h]), 0) / all.length)
  return { name: forecaster.name, cases: all, folds: scores, scores: overFolds(scores), errorBySteps }
}

function foldFaults(folds: readonly BacktestFold[], { horizon, calibration }: BacktestOptions): string[] {
  const odd = folds.flatMap(({ cases }) => cases).find(({ actual }) => actual.length !== horizon)
  const shortest = Math.min(...folds.map(({ train }) => train.series.values.length))
  const needed = (calibration?.steps ?? 0) + 2
  return [
    ...(folds.length > 0 && folds.every(({ cases }) => cases.length > 0) ? [] : ['expected folds with at least one case each, got none']),
    ...(odd === undefined ? [] : [`expected cases of ${horizon} steps, the horizon, got ${odd.actual.length} at ${odd.origin}`]),
    ...(calibration === undefined || calibration.steps >= horizon
      ? []
      : [`expected at least ${horizon} steps to calibrate with, the horizon, got ${calibration.steps}`]),
    ...(shortest >= needed ? [] : [`expected training parts of at least ${needed} values, got ${shortest}`]),
  ]
}

const until = ({ values, known, observed }: History, end: number, ahead: number): History => ({
  values: values.subarray(0, end),
  ...(known && { known: known.map((list) => list.subarray(0, end + ahead)) }),
  ...(observed && { observed: observed.map((list) => list.subarray(0, end)) }),
})

/** The part to learn from, and the cases after it to calibrate with. */
function holdOut(series: History, { horizon, calibration }: BacktestOptions) {
  if (calibration === undefined) return { learn: series, held: [] }
  const { steps, stride = 1 } = calibration
  const { length } = series.values
  const cut = length - steps
  const held = Array.from({ length: Math.floor((steps - horizon) / stride) + 1 }, (_, i) => {
    const origin = cut + i * stride
    return { history: until(series, origin, horizon), actual: series.values.subarray(origin, origin + horizon) }
  })
  return { learn: until(series, cut, 0), held }
}

interface Judging {
  readonly fold: number
  readonly fitted: FittedForecaster
  readonly cases: BacktestFold['cases']
  readonly horizon: number
}

function judge({ fold, fitted, cases, horizon }: Judging, conformal: Intervals | undefined): JudgedCase[] {
  const forecasts = fitted.predict(cases.map(({ history }) => history), horizon)
  return cases.map(({ origin, history, actual }, i) => {
    const forecast = forecasts[i]
    const around = conformal?.around(forecast, origin, actual)
    return { fold, origin, history, forecast, actual, ...(around && { conformal: around }) }
  })
}

interface Pending {
  readonly forecast: Forecast
  readonly origin: number
  readonly actual: Float64Array
  /** Steps that have been observed. */
  seen: number
}

/** Intervals of 80 and 95 %, to which outcomes come with the delay that they have in life. */
class Intervals {
  readonly #both: readonly [ConformalIntervals, ConformalIntervals]
  #pending: Pending[] = []

  constructor(horizon: number, adaptation: number) {
    const make = (level: number) => new ConformalIntervals({ level, horizon, adaptation })
    this.#both = [make(0.8), make(0.95)]
  }

  /** A new model: its scores replace those of the one before. */
  calibrate(forecasts: readonly Forecast[], actuals: readonly Float64Array[]): void {
    this.#pending = []
    for (const intervals of this.#both) {
      intervals.forget()
      forecasts.forEach((forecast, i) => { intervals.observe(forecast, actuals[i], { adapt: false }) })
    }
  }

  /** The intervals of a forecast made at `origin`; `actual` is looked at when later origins come. */
  around(forecast: Forecast, origin: number, actual: Float64Array): NonNullable<JudgedCase['conformal']> {
    for (const one of this.#pending) {
      const to = Math.min(one.actual.length, origin - one.origin)
      for (const intervals of this.#both) intervals.observe(one.forecast, one.actual, { from: one.seen, to })
      one.seen = to
    }
    this.#pending = this.#pending.filter(({ seen, actual: { length } }) => seen < length)
    this.#pending.push({ forecast, origin, actual, seen: 0 })
    const [eighty, ninetyFive] = this.#both
    return { 80: eighty.around(forecast), 95: ninetyFive.around(forecast) }
  }
}

/**
 * Whether one forecaster did better than another on the same cases by more than chance: `dieboldMariano` of their mean
 * absolute errors, case by case; cases that overlap count as the steps they share.
 *
 * @throws RangeError when their cases are not the same
 */
export function compareForecasts(a: BacktestResult, b: BacktestResult): DieboldMariano {
  const same = a.cases.length === b.cases.length && a.cases.every(({ origin }, i) => origin === b.cases[i].origin)
  failIfAny('compareForecasts', same ? [] : [`expected results on the same cases, got others of '${a.name}' and '${b.name}'`])
  const losses = ({ cases }: BacktestResult) => cases.map(({ actual, forecast: { mean } }) =>
    actual.reduce((sum, y, h) => sum + Math.abs(y - mean[h]), 0) / actual.length)
  const strides = a.cases.slice(1).map(({ origin }, i) => origin - a.cases[i].origin)
  const overlap = Math.ceil(a.cases[0].actual.length / Math.max(1, Math.min(...strides)))
  return dieboldMariano(losses(a), losses(b), Math.min(Math.max(1, overlap), a.cases.length - 1))
}
