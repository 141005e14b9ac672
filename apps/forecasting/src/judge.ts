// Scores of forecasts, fold by fold, with intervals that learn from earlier errors as time goes on. Every model,
// baselines included, is judged on the same cases in the same way.
import type { Fold, ForecastCase } from '@ostinato/datasets/series'
import {
  centralInterval,
  ConformalIntervals,
  coverage,
  crpsQuantiles,
  dieboldMariano,
  directionalAccuracy,
  mae,
  mape,
  meanWidth,
  naiveScale,
  pinball,
  rmse,
  smape,
  type Forecast,
  type Interval,
} from '@ostinato/forecasting'
import { baselineNames, type ModelName } from './models.ts'
import type { ModelForecasts } from './run.ts'

/** The scores of a model on some cases. */
export interface Scores {
  readonly mase: number
  readonly mae: number
  readonly rmse: number
  /** In percent, as `smape`. */
  readonly mape: number
  readonly smape: number
  /** The share of directions, from the last known value, that were right. */
  readonly direction: number
  readonly pinball: number
  readonly crps: number
  readonly coverage80: number
  readonly width80: number
  readonly coverage95: number
  readonly width95: number
  /** Without adaptation: split-conformal intervals. */
  readonly split80: number
  readonly split95: number
  /** The model's own quantiles; NaN where it has none. */
  readonly own80: number
  readonly own95: number
}

/** A forecast with its intervals, and what came true. */
export interface JudgedCase {
  readonly fold: number
  readonly case: ForecastCase
  readonly forecast: Forecast
  readonly interval80: Interval
  readonly interval95: Interval
}

/** A model with its scores. */
export interface JudgedModel {
  readonly name: ModelName
  readonly baseline: boolean
  readonly cases: readonly JudgedCase[]
  readonly mean: Scores
  /** The standard deviation over folds. */
  readonly spread: Scores
  readonly folds: readonly Scores[]
  /** The mean absolute error, scaled as MASE, of each step ahead: `[horizon]`. */
  readonly byStep: readonly number[]
  /** Against the best baseline, by absolute errors: below 0 is better. Absent for that baseline itself. */
  readonly test?: { readonly against: ModelName; readonly difference: number; readonly pValue: number }
  readonly seconds: number
}

/** How strongly each outcome moves the level of the intervals (Gibbs and Candès 2021, who take 0.005 for days). */
const adaptation = 0.05

/** Scores that count: a year of trading days, so that a quiet decade does not outvote a crisis. */
const memory = 250

/** Judges all models; the first fold calibrates and is not judged. */
export function judgeModels(
  folds: readonly Fold[],
  forecasts: readonly ModelForecasts[],
  { horizon, period, stride }: { readonly horizon: number; readonly period: number; readonly stride: number },
): JudgedModel[] {
  const judged = forecasts.map((one) => judgeModel(folds, one, { horizon, period }))
  const best = bestBaseline(judged)
  if (best === undefined) return judged
  return judged.map((model) => {
    if (model === best) return model
    const losses = (of: JudgedModel) => of.cases.map(({ case: { actual }, forecast }) => mae(actual, forecast.mean))
    const { difference, pValue } = dieboldMariano(losses(model), losses(best), Math.ceil(horizon / stride))
    return { ...model, test: { against: best.name, difference, pValue } }
  })
}

/** The baseline with the least MASE. */
export function bestBaseline(models: readonly JudgedModel[]): JudgedModel | undefined {
  return least(models.filter(({ baseline }) => baseline))
}

/** The network with the least MASE. */
export function bestNetwork(models: readonly JudgedModel[]): JudgedModel | undefined {
  return least(models.filter(({ baseline }) => !baseline))
}

const least = (models: readonly JudgedModel[]) => models.toSorted((a, b) => a.mean.mase - b.mean.mase).at(0)

function judgeModel(
  folds: readonly Fold[],
  { model, folds: forecasts, seconds }: ModelForecasts,
  { horizon, period }: { readonly horizon: number; readonly period: number },
): JudgedModel {
  const all = folds.flatMap(({ index, cases }) =>
    cases.map((one, i) => ({ fold: index, case: one, forecast: forecasts[index][i] })),
  )
  const intervals = [0.8, 0.95].map((level) => ({
    adaptive: walkIntervals(all, { level, horizon, adaptation }),
    split: walkIntervals(all, { level, horizon, adaptation: 0 }),
  }))
  const cases = all.flatMap((one, i) => {
    const [interval80, interval95] = intervals.map(({ adaptive }) => adaptive[i])
    const [split80, split95] = intervals.map(({ split }) => split[i])
    if (
      one.fold === 0 ||
      interval80 === undefined ||
      interval95 === undefined ||
      split80 === undefined ||
      split95 === undefined
    )
      return []
    return [{ ...one, interval80, interval95, split80, split95 }]
  })
  const scales = folds.map(({ train }) => naiveScale(train.series.values, period))
  const scores = folds.slice(1).map(({ index }) =>
    scoresOf(
      cases.filter(({ fold }) => fold === index),
      scales[index],
    ),
  )
  const over = (combine: (values: readonly number[]) => number) =>
    Object.fromEntries(
      Object.keys(scores[0]).map((key) => [key, combine(scores.map((fold) => fold[key as keyof Scores]))]),
    ) as unknown as Scores
  return {
    name: model,
    baseline: (baselineNames as readonly string[]).includes(model),
    cases,
    mean: over(meanOf),
    spread: over((values) => Math.sqrt(meanOf(values.map((value) => (value - meanOf(values)) ** 2)))),
    folds: scores,
    byStep: Array.from({ length: horizon }, (_, h) =>
      meanOf(
        cases.map(({ case: { actual }, forecast, fold }) => Math.abs(actual[h] - forecast.mean[h]) / scales[fold]),
      ),
    ),
    seconds,
  }
}

/**
 * The interval of each case, in order of time, calibrated by what was known at its origin: the cases whose outcome lies
 * before it. Undefined as long as there is none.
 */
function walkIntervals(
  cases: readonly { readonly case: ForecastCase; readonly forecast: Forecast }[],
  options: { readonly level: number; readonly horizon: number; readonly adaptation: number },
): (Interval | undefined)[] {
  const intervals = new ConformalIntervals({ ...options, memory })
  let known = 0
  return cases.map(({ case: { origin }, forecast }) => {
    while (cases[known].case.origin + options.horizon <= origin) {
      intervals.observe(cases[known].forecast, cases[known].case.actual)
      known++
    }
    return known === 0 ? undefined : intervals.around(forecast)
  })
}

type ScoredCase = JudgedCase & { readonly split80: Interval; readonly split95: Interval }

function scoresOf(cases: readonly ScoredCase[], scale: number): Scores {
  const flat = (of: (one: ScoredCase) => ArrayLike<number>) => cases.flatMap((one) => Array.from(of(one)))
  const actual = flat((one) => one.case.actual)
  const predicted = flat((one) => one.forecast.mean)
  const last = ({ case: { history } }: ScoredCase) => history.values[history.length - 1]
  const covered = (of: (one: ScoredCase) => Interval) =>
    coverage(
      actual,
      flat((one) => of(one).lower),
      flat((one) => of(one).upper),
    )
  const width = (of: (one: ScoredCase) => Interval) =>
    meanWidth(
      flat((one) => of(one).lower),
      flat((one) => of(one).upper),
    )
  const own = (level: number) =>
    cases[0].forecast.quantiles === undefined
      ? NaN
      : covered(({ forecast: { quantiles } }) => centralInterval(quantiles ?? { levels: [], values: [] }, level))
  const distributions = cases.map(distributionOf)
  return {
    mase: mae(actual, predicted) / scale,
    mae: mae(actual, predicted),
    rmse: rmse(actual, predicted),
    mape: mape(actual, predicted),
    smape: smape(actual, predicted),
    direction: directionalAccuracy(
      flat((one) => one.case.actual.map((value) => value - last(one))),
      flat((one) => one.forecast.mean.map((value) => value - last(one))),
    ),
    pinball: meanOf(
      distributions[0].levels.map((level, i) =>
        pinball(
          actual,
          distributions.flatMap(({ values }) => [...values[i]]),
          level,
        ),
      ),
    ),
    crps: meanOf(
      cases.flatMap((one, c) => {
        const { levels, values } = distributions[c]
        return Array.from(one.case.actual, (value, h) =>
          crpsQuantiles(
            value,
            levels,
            values.map((list) => list[h]),
          ),
        )
      }),
    ),
    coverage80: covered((one) => one.interval80),
    width80: width((one) => one.interval80),
    coverage95: covered((one) => one.interval95),
    width95: width((one) => one.interval95),
    split80: covered((one) => one.split80),
    split95: covered((one) => one.split95),
    own80: own(0.8),
    own95: own(0.95),
  }
}

/** The model's own quantiles; without them, point and intervals. */
function distributionOf({ forecast: { mean, quantiles }, interval80, interval95 }: JudgedCase) {
  const levels = [0.025, 0.1, 0.5, 0.9, 0.975]
  if (quantiles === undefined) {
    return { levels, values: [interval95.lower, interval80.lower, mean, interval80.upper, interval95.upper] }
  }
  // The same levels for all: CRPS from more of them would be another number.
  const { levels: own, values } = quantiles
  return { levels, values: levels.map((level) => values[own.indexOf(level)]) }
}

/** Coverage of the 80 % and 95 % intervals between two dates. */
export function coverageBetween(
  { cases }: JudgedModel,
  from: string,
  to: string,
): { readonly coverage80: number; readonly coverage95: number; readonly count: number } {
  const [start, end] = [Date.parse(from), Date.parse(to)]
  let [count, in80, in95] = [0, 0, 0]
  for (const {
    case: { actual, times },
    interval80,
    interval95,
  } of cases) {
    times.forEach((time, h) => {
      if (time < start || time > end) return
      count++
      if (actual[h] >= interval80.lower[h] && actual[h] <= interval80.upper[h]) in80++
      if (actual[h] >= interval95.lower[h] && actual[h] <= interval95.upper[h]) in95++
    })
  }
  return { coverage80: in80 / count, coverage95: in95 / count, count }
}

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
