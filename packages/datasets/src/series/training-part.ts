// The part of a series that may be learned from. Scalers are fitted to it and windows are cut from it and from nothing
// else, and it ends at its cut: what comes after is not in it. How parts are cut is the business of folds.ts.
import { fail, isCount, show } from '../errors.ts'
import type { TimeSeries } from './time-series.ts'

const brand: unique symbol = Symbol.for('@ostinato/datasets.TrainingPart')

/** A stretch of a series that may be learned from: made by `walkForward`, `splitSeries` and `allForTraining`. */
export interface TrainingPart {
  readonly [brand]: true
  /** The stretch itself, without anything after its cut: not even what is known ahead. */
  readonly series: TimeSeries
}

/** Internal: steps `from` to `end - 1` as a training part. */
export function trainingPart(series: TimeSeries, from: number, end: number): TrainingPart {
  return Object.freeze({ [brand]: true, series: series.slice(from, end) } as const)
}

/**
 * Takes a whole series for training, when a model has been judged and is fitted once more to everything there is. What
 * is judged on a part of this series afterwards is not honest.
 *
 * @example
 * ```ts
 * import { allForTraining, fitStandardScaler, TimeSeries } from '@ostinato/datasets/series'
 * const scaler = fitStandardScaler(allForTraining(new TimeSeries({ times: [0, 1, 2], values: [1, 2, 3] })))
 * console.assert(scaler.transform(Float64Array.of(2))[0] === 0)
 * ```
 */
export function allForTraining(series: TimeSeries): TrainingPart {
  return trainingPart(series, 0, series.length)
}

/**
 * Cuts the last `rows` steps off a training part, to stop early by or to calibrate with; `gap` steps before them are
 * left out of the first part.
 *
 * @throws DatasetError when nothing would be left to train on
 * @example
 * ```ts
 * import { allForTraining, holdOut, TimeSeries } from '@ostinato/datasets/series'
 * const series = new TimeSeries({ times: [0, 1, 2, 3, 4], values: [1, 2, 3, 4, 5] })
 * const { train, validation } = holdOut(allForTraining(series), { rows: 2, gap: 1 })
 * console.assert(train.series.values.join() === '1,2' && validation.series.values.join() === '4,5')
 * ```
 */
export function holdOut(
  part: TrainingPart,
  { rows, gap = 0 }: { readonly rows: number; readonly gap?: number },
): { readonly train: TrainingPart; readonly validation: TrainingPart } {
  const { series } = checkPart('holdOut', part)
  if (!isCount(rows, 1) || !isCount(gap) || rows + gap >= series.length) {
    fail('holdOut', `expected 1 to ${series.length - 1} rows with their gap, got ${show(rows)} and a gap of ${show(gap)}: something has to be left to train on`)
  }
  const cut = series.length - rows
  return { train: trainingPart(series, 0, cut - gap), validation: trainingPart(series, cut, series.length) }
}

/** @throws DatasetError unless `part` is a training part: plain arrays would let the future in */
export function checkPart(where: string, part: TrainingPart): TrainingPart {
  if ((part as Partial<TrainingPart> | undefined)?.[brand] === true) return part
  return fail(where, 'expected a training part, as walkForward, splitSeries or allForTraining give it, got something else: what is learned from must end at its cut')
}
