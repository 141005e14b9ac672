// The scores of judged cases, and their mean and spread over folds. How cases come about is the business of judge.ts.
import type { Interval } from '../conformal/conformal.ts'
import type { Forecast, History, Quantiles } from '../forecaster.ts'
import { crpsQuantiles } from '../metrics/crps.ts'
import { directionalAccuracy, mae, mape, mase, rmse, smape } from '../metrics/point.ts'
import { centralInterval, coverage, meanWidth, pinball } from '../metrics/quantile.ts'
import type { Intervals } from './intervals.ts'

/** A forecast with what came true. */
export interface JudgedCase {
  readonly fold: number
  /** The number of steps before the first that is forecast. */
  readonly origin: number
  readonly history: History
  readonly forecast: Forecast
  /** `[horizon]`. */
  readonly actual: Float64Array
  /** Conformal intervals, where there was something to calibrate them with; adaptive, if that was asked for. */
  readonly conformal?: Intervals
  /** The same without adaptation: plain split-conformal intervals. */
  readonly split?: Intervals
}

/**
 * Scores by name; those of intervals are there where the model gave quantiles, or where there was something to
 * calibrate conformal intervals with.
 */
export interface ForecastScores {
  readonly mae: number
  readonly rmse: number
  readonly mape: number
  readonly smape: number
  readonly mase: number
  /** Of the change since the origin, from 0 to 1. */
  readonly directionalAccuracy: number
  /**
   * Over the levels of the forecasts. With conformal intervals over the median and the bounds of 80 and 95 %, those of
   * the intervals for a model without quantiles: then all models can be compared.
   */
  readonly pinball?: number
  /** From the quantiles that `pinball` takes; the absolute error where there are none. */
  readonly crps: number
  readonly coverage80?: number
  readonly width80?: number
  readonly coverage95?: number
  readonly width95?: number
  readonly conformalCoverage80?: number
  readonly conformalWidth80?: number
  readonly conformalCoverage95?: number
  readonly conformalWidth95?: number
  readonly splitCoverage80?: number
  readonly splitWidth80?: number
  readonly splitCoverage95?: number
  readonly splitWidth95?: number
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
    ...distributionScores(cases, actual),
    ...intervalScores(cases.map((one) => ownInterval(one, 0.8)), actual, ['coverage80', 'width80']),
    ...intervalScores(cases.map((one) => ownInterval(one, 0.95)), actual, ['coverage95', 'width95']),
    ...intervalScores(cases.map(({ conformal }) => conformal?.[80]), actual, ['conformalCoverage80', 'conformalWidth80']),
    ...intervalScores(cases.map(({ conformal }) => conformal?.[95]), actual, ['conformalCoverage95', 'conformalWidth95']),
    ...intervalScores(cases.map(({ split }) => split?.[80]), actual, ['splitCoverage80', 'splitWidth80']),
    ...intervalScores(cases.map(({ split }) => split?.[95]), actual, ['splitCoverage95', 'splitWidth95']),
  }
}

function distributionScores(cases: readonly JudgedCase[], actual: Float64Array): Pick<ForecastScores, 'pinball' | 'crps'> {
  const comparable = cases.every(({ conformal }) => conformal !== undefined)
  const all = cases.flatMap((one) => (comparable ? sharedQuantiles(one) : one.forecast.quantiles) ?? [])
  if (all.length < cases.length) return { crps: mae(actual, flat(cases.map(({ forecast }) => forecast.mean))) }
  const { levels } = all[0]
  const losses = levels.map((level, i) => pinball(actual, flat(all.map(({ values }) => values[i])), level))
  const crps = flat(all.map(({ values }, c) =>
    cases[c].actual.map((y, h) => crpsQuantiles(y, levels, values.map((list) => list[h])))))
  return { pinball: sum(losses) / losses.length, crps: sum(crps) / crps.length }
}

const shared = [0.025, 0.1, 0.5, 0.9, 0.975] as const

/** Quantiles at levels that all models have; of a model without any, from its conformal intervals. */
function sharedQuantiles({ forecast: { mean, quantiles }, conformal }: JudgedCase): Quantiles | undefined {
  if (quantiles === undefined) {
    if (conformal === undefined) return undefined
    const { 80: eighty, 95: ninetyFive } = conformal
    return { levels: shared, values: [ninetyFive.lower, eighty.lower, mean, eighty.upper, ninetyFive.upper] }
  }
  const places = shared.map((level) => quantiles.levels.findIndex((one) => near(one, level)))
  return places.includes(-1) ? quantiles : { levels: shared, values: places.map((place) => quantiles.values[place]) }
}

/** The interval that the model itself gives, if it gives such quantiles. */
function ownInterval({ forecast: { quantiles } }: JudgedCase, level: number): Interval | undefined {
  const bounds = [(1 - level) / 2, (1 + level) / 2]
  const has = bounds.every((bound) => quantiles?.levels.some((one) => near(one, bound)))
  return quantiles !== undefined && has ? centralInterval(quantiles, level) : undefined
}

const near = (a: number, b: number) => Math.abs(a - b) < 1e-9

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0)

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
    const mean = sum(values) / values.length
    const squares = sum(values.map((value) => (value - mean) ** 2))
    return [name, { mean, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) }]
  })
  // Every fold has the scores that are not optional.
  return Object.fromEntries(entries) as { readonly [K in keyof ForecastScores]: Spread }
}
