// Scalers that start from a window's own input: returns, and a window's own mean and deviation. They see an input and
// nothing after it. Scalers with one scale for all values are in scalers.ts.
import { fail } from '../errors.ts'
import { logarithms, moments, type Scaling } from './scalers.ts'
import { checkPart, type TrainingPart } from './training-part.ts'

/** Gives each window a scaling, from its input alone. */
export interface WindowScaler {
  /**
   * @param input what is known, `[inputLength]`
   * @returns a scaling for the input and for what follows it
   */
  of(input: Float64Array): WindowScaling
}

/** The scaling of one window: the input and what follows it. */
export interface WindowScaling {
  /** The input as a network sees it: `[inputLength]`. */
  readonly input: Float64Array
  /** What follows the input: `[horizon]` -> `[horizon]`. */
  readonly target: Scaling
}

/**
 * Log returns over the standard deviation of the training part's: `y_t = log(x_t / x_(t-1)) / deviation`. The first
 * return of an input is 0, as the value before is not known; what follows goes on from the last value of the input.
 * Returns have hardly a mean, so none is taken away: 0 stays "no change".
 *
 * @throws DatasetError when `part` is no training part, has fewer than two values or one that is not positive
 * @example
 * ```ts
 * import { allForTraining, fitReturnScaler, TimeSeries } from '@ostinato/datasets/series'
 * const part = allForTraining(new TimeSeries({ times: [0, 1, 2], values: [100, 110, 100] }))
 * const { input, target } = fitReturnScaler(part).of(Float64Array.of(100, 110))
 * console.assert(input[0] === 0 && input[1] > 0)
 * console.assert(Math.abs(target.invert(target.transform(Float64Array.of(121, 100)))[1] - 100) < 1e-9)
 * console.assert(target.invert(Float64Array.of(0, 0)).every((price) => Math.abs(price - 110) < 1e-9))
 * ```
 */
export function fitReturnScaler(part: TrainingPart): WindowScaler {
  const where = 'fitReturnScaler'
  const { values } = checkPart(where, part).series
  if (values.length < 2) fail(where, `expected two values or more, got ${values.length}`)
  const logs = logarithms(where, values)
  const squares = logs.reduce((sum, value, i) => (i === 0 ? 0 : sum + (value - logs[i - 1]) ** 2), 0)
  const scale = Math.sqrt(squares / (values.length - 1)) || 1
  const differences = (list: Float64Array, before: number) =>
    list.map((value, i) => (value - (i === 0 ? before : list[i - 1])) / scale)
  return Object.freeze({
    of(input: Float64Array): WindowScaling {
      const known = logarithms('ReturnScaler.of', input)
      const last = known[known.length - 1]
      return {
        input: differences(known, known[0]),
        target: {
          transform: (following) => differences(logarithms('ReturnScaler.transform', following), last),
          invert: (returns) => {
            let price = last
            return returns.map((value) => Math.exp((price += value * scale)))
          },
        },
      }
    },
  })
}

/**
 * A window's own mean and deviation, so that a network sees shapes and not levels. Nothing is learned from training; a
 * window without spread keeps its scale.
 *
 * @example
 * ```ts
 * import { windowStandardScaler } from '@ostinato/datasets/series'
 * const { input, target } = windowStandardScaler.of(Float64Array.of(2, 4, 2, 4))
 * console.assert(input.join() === '-1,1,-1,1' && target.invert(Float64Array.of(3))[0] === 6)
 * ```
 */
export const windowStandardScaler: WindowScaler = Object.freeze({
  of(input: Float64Array): WindowScaling {
    const { centre, spread } = moments(input)
    const scale = spread > 0 ? spread : 1
    const transform = (values: Float64Array) => values.map((value) => (value - centre) / scale)
    const invert = (values: Float64Array) => values.map((value) => value * scale + centre)
    return { input: transform(input), target: { transform, invert } }
  },
})
