// How the models did: each judged on the same cases in the same way, baselines included, and tested against the best
// of these. The judging itself is in `@ostinato/forecasting`.
import type { Fold } from '@ostinato/datasets/series'
import { compareForecasts, judgeForecasts, type BacktestResult, type JudgedCase } from '@ostinato/forecasting'
import { isNetwork, type ModelName } from './models.ts'
import type { ModelForecasts } from './run.ts'

/** A model and how it did. */
export interface JudgedModel extends BacktestResult {
  readonly name: ModelName
  readonly baseline: boolean
  /** Against the best baseline, by absolute errors: below 0 is better. Absent for that baseline itself. */
  readonly test?: { readonly against: ModelName; readonly difference: number; readonly pValue: number }
  /** Of fitting and forecasting. */
  readonly seconds: number
}

/**
 * How intervals learn as outcomes come in: after one fold that is not judged, strongly (Gibbs and Candès 2021 take
 * 0.005 for days), from the scores of a year of trading days, so that a quiet decade does not outvote a crisis.
 */
const learning = { calibration: { folds: 1 }, adaptation: 0.05, memory: 250 } as const

/** Judges all models; the first fold calibrates and is not judged. */
export function judgeModels(
  folds: readonly Fold[],
  forecasts: readonly ModelForecasts[],
  options: { readonly horizon: number; readonly period: number },
): JudgedModel[] {
  const judged = forecasts.map(({ seconds, ...made }): JudgedModel => ({
    ...judgeForecasts(made, folds, { ...options, ...learning }),
    name: made.name,
    baseline: !isNetwork(made.name),
    seconds,
  }))
  const best = bestBaseline(judged)
  if (best === undefined) return judged
  return judged.map((model) => {
    if (model === best) return model
    const { difference, pValue } = compareForecasts(model, best)
    return { ...model, test: { against: best.name, difference, pValue } }
  })
}

/** The models, the best first. */
export const byMase = (models: readonly JudgedModel[]): JudgedModel[] =>
  models.toSorted((a, b) => a.scores.mase.mean - b.scores.mase.mean)

/** The baseline with the least MASE. */
export const bestBaseline = (models: readonly JudgedModel[]): JudgedModel | undefined =>
  byMase(models).find(({ baseline }) => baseline)

/** The network with the least MASE. */
export const bestNetwork = (models: readonly JudgedModel[]): JudgedModel | undefined =>
  byMase(models).find(({ baseline }) => !baseline)

/** Days of which the outcome was forecast, from one date to another, and the shares of them that intervals covered. */
export function coverageBetween(
  { cases }: JudgedModel,
  { times, from, to }: { readonly times: Float64Array; readonly from: string; readonly to: string },
): { readonly coverage80: number; readonly coverage95: number; readonly count: number } {
  const [start, end] = [Date.parse(from), Date.parse(to)]
  const days = cases.flatMap((one) => daysOf(one).filter(({ day }) => times[day] >= start && times[day] <= end))
  const share = (level: 80 | 95) => days.filter(({ within }) => within(level)).length / days.length
  return { coverage80: share(80), coverage95: share(95), count: days.length }
}

const daysOf = ({ origin, actual, conformal }: JudgedCase) =>
  Array.from(actual, (value, h) => ({
    day: origin + h,
    within: (level: 80 | 95) => {
      const interval = conformal?.[level]
      return interval !== undefined && value >= interval.lower[h] && value <= interval.upper[h]
    },
  }))
