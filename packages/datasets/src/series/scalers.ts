// Scalers of whole series: a few numbers learned from a training part, then the same for every value. Those that look
// at one window at a time (returns, a window's own mean) are in window-scalers.ts.
import { fail } from '../errors.ts'
import { checkPart, type TrainingPart } from './training-part.ts'

/** Values to the scale that a network sees, and back. */
export interface Scaling {
  /** A new array of the same length. */
  transform(values: Float64Array): Float64Array
  /** Undoes `transform`. */
  invert(values: Float64Array): Float64Array
}

const scaling = (forward: (value: number) => number, back: (value: number) => number): Scaling =>
  Object.freeze({
    transform: (values: Float64Array) => values.map(forward),
    invert: (values: Float64Array) => values.map(back),
  })

/** `y = (x - centre) / scale`; a part without spread keeps its scale. */
const affine = (centre: number, spread: number): Scaling => {
  const scale = spread > 0 ? spread : 1
  return scaling((value) => (value - centre) / scale, (value) => value * scale + centre)
}

/**
 * To mean 0 and standard deviation 1 over the training part: `y = (x - mean) / deviation`.
 *
 * @throws DatasetError when `part` is no training part
 * @example
 * ```ts
 * import { allForTraining, fitStandardScaler, TimeSeries } from '@ostinato/datasets/series'
 * const part = allForTraining(new TimeSeries({ times: [0, 1, 2, 3], values: [2, 4, 2, 4] }))
 * const scaler = fitStandardScaler(part)
 * console.assert(scaler.transform(Float64Array.of(2, 4, 6)).join() === '-1,1,3')
 * ```
 */
export function fitStandardScaler(part: TrainingPart): Scaling {
  const { centre, spread } = moments(checkPart('fitStandardScaler', part).series.values)
  return affine(centre, spread)
}

/**
 * To 0 and 1 at the smallest and largest value of the training part: `y = (x - min) / (max - min)`. Later values may
 * lie outside.
 *
 * @throws DatasetError when `part` is no training part
 */
export function fitMinMaxScaler(part: TrainingPart): Scaling {
  let [least, most] = [Infinity, -Infinity]
  for (const value of checkPart('fitMinMaxScaler', part).series.values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  return affine(least, most - least)
}

/**
 * To median 0 and interquartile range 1 over the training part, which outliers hardly move:
 * `y = (x - median) / (q75 - q25)`.
 *
 * @throws DatasetError when `part` is no training part
 */
export function fitRobustScaler(part: TrainingPart): Scaling {
  const sorted = checkPart('fitRobustScaler', part).series.values.slice().sort()
  const [low, middle, high] = [0.25, 0.5, 0.75].map((level) => quantile(sorted, level))
  return affine(middle, high - low)
}

/**
 * Logarithms, to mean 0 and standard deviation 1 over the training part: for series that grow by a share of themselves.
 *
 * @throws DatasetError when `part` is no training part or has a value that is not positive; `transform` does for such a
 * value too
 */
export function fitLogScaler(part: TrainingPart): Scaling {
  const where = 'fitLogScaler'
  const { series } = checkPart(where, part)
  const { centre, spread } = moments(logarithms(where, series.values))
  const inner = affine(centre, spread)
  return Object.freeze({
    transform: (values: Float64Array) => inner.transform(logarithms('LogScaler.transform', values)),
    invert: (values: Float64Array) => inner.invert(values).map(Math.exp),
  })
}

/** The logarithm of each value. */
export function logarithms(where: string, values: Float64Array): Float64Array {
  const bad = values.findIndex((value) => !(value > 0))
  if (bad >= 0) fail(where, `expected positive values, got ${values[bad]} in step ${bad}: logarithms and returns need a series above 0`)
  return values.map(Math.log)
}

/** Mean and standard deviation (of the population), in two passes. */
export function moments(values: Float64Array): { readonly centre: number; readonly spread: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { centre: mean, spread: Math.sqrt(squares / values.length) }
}

/** Between the neighbours of the rank `level (n - 1)`, as NumPy and R's type 7. */
function quantile(sorted: Float64Array, level: number): number {
  const rank = level * (sorted.length - 1)
  const below = Math.floor(rank)
  const above = Math.min(sorted.length - 1, below + 1)
  return sorted[below] + (rank - below) * (sorted[above] - sorted[below])
}
