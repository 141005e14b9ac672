// The scores of judged cases, and their mean and spread over folds. How cases come about is the business of
// backtest.ts.
import type { Interval } from '../conformal/conformal.ts'
import type { Forecast, History } from '../forecaster.ts'
import { crpsQuantiles } from '../metrics/crps.ts'
import { directionalAccuracy, mae, mape, mase, rmse, smape } from '../metrics/point.ts'
import { centralInterval, coverage, meanWidth, pinball } from '../metrics/quantile.ts'

/** A forecast with what came true. */
export interface JudgedCase {
  readonly fold: number
  /** The number of steps before the first that is forecast. */
  readonly origin: number
  readonly history: History
  readonly forecast: Forecast
  /** `[horizon]`. */
  readonly actual: Float64Array
  /** Intervals made conformal, where cases to calibrate with were held out: of 80 and of 95 %. */
  readonly conformal?: { readonly 80: Interval; readonly 95: Interval }
}

/** Scores by name; those of intervals are there where the model gave quantiles, or cases were held out to calibrate. */
export interface ForecastScores {
  readonly mae: number
  readonly rmse: number
  readonly mape: number
  readonly smape: number
  readonly mase: number
  /** Of the change since the origin, from 0 to 1. */
  readonly directionalAccuracy: number
  /** Over the levels of the forecasts. */
  readonly pinball?: number
  /** From quantiles; the absolute error of a forecast without them. */
  readonly crps: number
  readonly coverage80?: number
  readonly width80?: number
  readonly coverage95?: number
  readonly width95?: number
  readonly conformalCoverage80?: number
  readonly conformalWidth80?: number
  readonly conformalCoverage95?: number
  readonly conformalWidth95?: number
}

/** A score over folds. */
export interface Spread {
  readonly mean: number
  /** The standard deviation from fold to fold (over `n - 1`); 0 for a single fold. */
  readonly deviation: number
}

const flat = (lists: readonly Float64Array[]) => Float64Array.from(lists.flatMap((list) => Array.from(list)))

/** @param scale of MASE, from the training part of these cases */
export function scoreCases(cases: readonly JudgedCase[], scale: number): ForecastScores {
  const actual = flat(cases.map((one) => one.actual))
  const predicted = flat(cases.map(({ forecast }) => forecast.mean))
  const last = flat(cases.map(({ history: { values }, actual }) => actual.map(() => values[values.length - 1])))
  const changes = (values: Float64Array) => values.map((value, i) => value - last[i])
  return {
    mae: mae(actual, predicted),
    rmse: rmse(actual, predicted),
    mape: mape(actual, predicted),
    smape: smape(actual, predicted),
    mase: mase(actual, predicted, scale),
    directionalAccuracy: directionalAccuracy(changes(actual), changes(predicted)),
    crps: crpsOf(cases),
    ...quantileScores(cases),
    ...intervalScores(cases.map(({ conformal }) => conformal?.[80]), actual, ['conformalCoverage80', 'conformalWidth80']),
    ...intervalScores(cases.map(({ conformal }) => conformal?.[95]), actual, ['conformalCoverage95', 'conformalWidth95']),
  }
}

function crpsOf(cases: readonly JudgedCase[]): number {
  let [sum, count] = [0, 0]
  for (const { actual, forecast: { mean, quantiles } } of cases) {
    actual.forEach((y, h) => {
      count++
      const at = quantiles?.values.map((list) => list[h])
      sum += at === undefined ? Math.abs(y - mean[h]) : crpsQuantiles(y, quantiles?.levels ?? [], at)
    })
  }
  return sum / count
}

function quantileScores(cases: readonly JudgedCase[]): Partial<ForecastScores> {
  const all = cases.flatMap(({ forecast: { quantiles } }) => (quantiles ? [quantiles] : []))
  if (all.length < cases.length) return {}
  const actual = flat(cases.map((one) => one.actual))
  const { levels } = all[0]
  const losses = levels.map((level, i) => pinball(actual, flat(all.map(({ values }) => values[i])), level))
  const bounds = (level: number) => [(1 - level) / 2, (1 + level) / 2]
  const has = (level: number) => bounds(level).every((bound) => levels.some((one) => Math.abs(one - bound) < 1e-9))
  const at = (level: number) => all.map((quantiles) => (has(level) ? centralInterval(quantiles, level) : undefined))
  return {
    pinball: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    ...intervalScores(at(0.8), actual, ['coverage80', 'width80']),
    ...intervalScores(at(0.95), actual, ['coverage95', 'width95']),
  }
}

function intervalScores(
  intervals: readonly (Interval | undefined)[],
  actual: Float64Array,
  [covers, width]: readonly [keyof ForecastScores, keyof ForecastScores],
): Partial<ForecastScores> {
  const all = intervals.filter((interval) => interval !== undefined)
  if (all.length < intervals.length) return {}
  const [lower, upper] = [flat(all.map((interval) => interval.lower)), flat(all.map((interval) => interval.upper))]
  return { [covers]: coverage(actual, lower, upper), [width]: meanWidth(lower, upper) }
}

/** Mean and spread of each score over folds; one that a fold lacks is left out. */
export function overFolds(folds: readonly ForecastScores[]): { readonly [K in keyof ForecastScores]: Spread } {
  const all = Object.keys(folds[0]) as (keyof ForecastScores)[]
  const names = all.filter((name) => folds.every((fold) => name in fold))
  const entries = names.map((name): [string, Spread] => {
    const values = folds.map((fold) => fold[name] ?? NaN)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    return [name, { mean, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) }]
  })
  // Every fold has the scores that are not optional.
  return Object.fromEntries(entries) as { readonly [K in keyof ForecastScores]: Spread }
}
