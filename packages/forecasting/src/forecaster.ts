// What every model of this package is: something that is fitted to a training part and then, and only then, can
// predict. Types, and the checks of what goes in. No model stands here.
import type { TrainingEvent } from '@ostinato/train'
import { countFaults, failIfAny, finiteFaults, levelFaults } from './check.ts'

/**
 * A series up to now, oldest value first, one value a step: all that a forecaster may look at. Repair gaps before.
 */
export interface History {
  /** The target, in its own units: `[time]`. */
  readonly values: Float64Array
  /**
   * Covariates that are known ahead, such as the calendar: each `[time + horizon]` or longer when something is to be
   * predicted, `[time]` or longer in training. Element `t` belongs to element `t` of `values`.
   */
  readonly known?: readonly Float64Array[]
  /** Covariates that are known up to now only, such as another series: each `[time]`. */
  readonly observed?: readonly Float64Array[]
}

/** Quantiles of a forecast: `values[i][h]` is the quantile at `levels[i]` of step `h`. */
export interface Quantiles {
  /** Rising, between 0 and 1. */
  readonly levels: readonly number[]
  /** One `[horizon]` for each level, never crossing. */
  readonly values: readonly Float64Array[]
}

/** What is predicted for the steps after a history, in the units of its values. */
export interface Forecast {
  /** `[horizon]`: the point forecast. */
  readonly mean: Float64Array
  /** Absent: the model says nothing about how sure it is. `@ostinato/forecasting` can calibrate intervals around it. */
  readonly quantiles?: Quantiles
}

/** What a forecaster is fitted for. */
export interface FitOptions {
  /** The number of steps ahead that will be asked for. */
  readonly horizon: number
  /** The levels of the quantiles, for models that have some. Default `defaultLevels`. */
  readonly levels?: readonly number[]
  /** Ends the fitting with the signal's reason. */
  readonly signal?: AbortSignal
  /**
   * Passes on the events of models that are trained step by step, to be shown or logged: `showProgress` of
   * `@ostinato/report/terminal` is such a function.
   */
  readonly watch?: (events: AsyncIterable<TrainingEvent>) => AsyncIterable<TrainingEvent>
}

/** A forecaster that has seen its training part. */
export interface FittedForecaster {
  /**
   * Predicts the steps after the end of each history. Nothing is learned from them: a history may go beyond the
   * training part, and the parameters stay.
   *
   * @returns a forecast for each history
   * @throws RangeError when a history is too short or not finite, or `horizon` is beyond what the model can do
   */
  predict(histories: readonly History[], horizon: number): readonly Forecast[]
}

/** A model that has not seen anything yet: it can only be fitted, to a training part. */
export interface Forecaster {
  /** What tables call it. */
  readonly name: string
  /**
   * @param training one series or many, as far as the model may see them
   * @throws RangeError when they are too short or not finite
   */
  fit(training: readonly History[], options: FitOptions): FittedForecaster | Promise<FittedForecaster>
}

/** The median, and the bounds of the intervals of 50, 80 and 95 %. */
export const defaultLevels: readonly number[] = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]

/** Throws unless there is something to fit, each series at least `least` long and finite with its covariates. */
export function checkTraining(
  where: string,
  training: readonly History[],
  options: FitOptions & { readonly least: number },
): void {
  const { horizon, levels = defaultLevels, least } = options
  failIfAny(where, [
    ...countFaults('horizon', horizon),
    ...levelFaults(levels),
    ...(training.length > 0 ? [] : ['expected at least one series to fit to, got none']),
    ...training.flatMap((history, i) => historyFaults(`training[${i}]`, history, { least, ahead: 0 })),
    ...covariateCountFaults('training', training),
  ])
}

/** Throws unless each history is at least `least` long and finite, its known covariates reaching `horizon` ahead. */
export function checkHistories(
  where: string,
  histories: readonly History[],
  { horizon, least }: { readonly horizon: number; readonly least: number },
): void {
  failIfAny(where, [
    ...countFaults('horizon', horizon),
    ...histories.flatMap((history, i) => historyFaults(`histories[${i}]`, history, { least, ahead: horizon })),
  ])
}

function historyFaults(
  name: string,
  { values, known = [], observed = [] }: History,
  { least, ahead }: { readonly least: number; readonly ahead: number },
): string[] {
  const short = values.length < least ? [`expected ${name} of at least ${least} values, got ${values.length}`] : []
  const covariates = [...known.map((list) => ['known', list, ahead] as const), ...observed.map((list) => ['observed', list, 0] as const)]
  return [
    ...short,
    ...finiteFaults(name, values),
    ...covariates.flatMap(([kind, list, more], i) => {
      const needed = values.length + more
      const place = `${name}.${kind}[${kind === 'known' ? i : i - known.length}]`
      if (list.length < needed) return [`expected ${place} of at least ${needed} values, got ${list.length}`]
      return finiteFaults(place, list.subarray(0, needed))
    }),
  ]
}

function covariateCountFaults(name: string, histories: readonly History[]): string[] {
  const count = ({ known = [], observed = [] }: History) => `${known.length} known and ${observed.length} observed`
  const odd = histories.findIndex((history) => count(history) !== count(histories[0]))
  if (odd < 0) return []
  return [`expected the covariates of ${name}[0], ${count(histories[0])}, in every series, got ${count(histories[odd])} in ${name}[${odd}]`]
}
