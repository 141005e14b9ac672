// Cuts training parts into windows to learn from: an input and what follows it. A window never reaches across the end
// of its part, nor from one series into another. Windows are views: nothing is copied.
import { dataset, type Dataset } from '../dataset.ts'
import { failIfAny, isCount, show } from '../errors.ts'
import { checkPart, type TrainingPart } from './training-part.ts'

/** What is known up to a step and what follows it. */
export interface SeriesWindow {
  /** Which of the parts it is from. */
  readonly part: number
  /** The step of the part that the input begins with. */
  readonly start: number
  /** `[inputLength]` */
  readonly input: Float64Array
  /** What is to be forecast: `[horizon]`. */
  readonly target: Float64Array
  /** Covariates known ahead, each `[inputLength + horizon]`. */
  readonly known: readonly Float64Array[]
  /** Covariates not known ahead, each `[inputLength]`. */
  readonly observed: readonly Float64Array[]
}

/** How windows are cut. */
export interface WindowOptions {
  /** Steps that a model sees. */
  readonly inputLength: number
  /** Steps that it forecasts. */
  readonly horizon: number
  /** Steps from the start of one window to that of the next. Default 1. */
  readonly stride?: number
}

/**
 * All windows of one training part or many, part after part, in order of time within each. Parts that are shorter than
 * a window have none.
 *
 * @throws DatasetError when no part is long enough, or parts differ in their covariates
 * @example
 * ```ts
 * import { allForTraining, TimeSeries, windows } from '@ostinato/datasets/series'
 * const part = allForTraining(new TimeSeries({ times: [0, 1, 2, 3, 4, 5], values: [10, 11, 12, 13, 14, 15] }))
 * const rows = windows(part, { inputLength: 3, horizon: 2 })
 * console.assert(rows.length === 2)
 * console.assert(rows.get(1).input.join() === '11,12,13' && rows.get(1).target.join() === '14,15')
 * ```
 */
export function windows(parts: TrainingPart | readonly TrainingPart[], options: WindowOptions): Dataset<SeriesWindow> {
  const { inputLength, horizon, stride = 1 } = options
  const where = 'windows'
  const all = (Array.isArray(parts) ? (parts as readonly TrainingPart[]) : [parts as TrainingPart]).map(
    (part) => checkPart(where, part).series,
  )
  const faults = Object.entries({ inputLength, horizon, stride }).flatMap(([name, count]) =>
    isCount(count, 1) ? [] : [`expected ${name} of 1 step or more, got ${show(count)}`],
  )
  const covariates = all.map(({ known, observed }) => `${known.length} known and ${observed.length} observed`)
  const odd = covariates.findIndex((count) => count !== covariates[0])
  if (odd > 0) faults.push(`expected the covariates of the first part, ${covariates[0]}, in every part, got ${covariates[odd]} in part ${odd}`)
  failIfAny(where, faults)
  const counts = all.map(({ length }) => Math.max(0, Math.floor((length - inputLength - horizon) / stride) + 1))
  const longest = Math.max(0, ...all.map(({ length }) => length))
  const total = counts.reduce((a, b) => a + b, 0)
  if (total === 0) {
    failIfAny(where, [`expected a part of at least ${inputLength + horizon} steps (input ${inputLength}, horizon ${horizon}), got ${longest} at most: take a shorter input`])
  }
  const get = (index: number): SeriesWindow => {
    let [part, row] = [0, index]
    while (row >= counts[part]) row -= counts[part++]
    const { values, known, observed } = all[part]
    const start = row * stride
    const cut = start + inputLength
    return {
      part,
      start,
      input: values.subarray(start, cut),
      target: values.subarray(cut, cut + horizon),
      known: known.map((list) => list.subarray(start, cut + horizon)),
      observed: observed.map((list) => list.subarray(start, cut)),
    }
  }
  return dataset({ length: total, get })
}
