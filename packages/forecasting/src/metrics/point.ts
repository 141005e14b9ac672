// Errors of point forecasts: how far the predicted values lie from the actual ones. All take lists of numbers of one
// length, whatever the horizons and origins are they come from.
import { countFaults, failIfAny, finiteFaults, lengthFaults } from '../check.ts'

type Loss = (actual: number, predicted: number) => number

function meanOf(where: string, actual: ArrayLike<number>, predicted: ArrayLike<number>, loss: Loss): number {
  failIfAny(where, lengthFaults({ actual, predicted }))
  let sum = 0
  for (let i = 0; i < actual.length; i++) sum += loss(actual[i], predicted[i])
  return sum / actual.length
}

/**
 * The mean absolute error, `mean |y - f|`, in the units of the values.
 *
 * @param actual what happened, `[n]`
 * @param predicted what was forecast, `[n]`
 * @throws RangeError when the lists differ in length or are empty
 * @example
 * ```ts
 * import { mae } from '@ostinato/forecasting'
 * console.assert(mae([1, 2, 4], [1, 3, 2]) === 1)
 * ```
 */
export function mae(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  return meanOf('mae', actual, predicted, (y, f) => Math.abs(y - f))
}

/**
 * The root mean squared error, `√ mean (y - f)²`, in the units of the values.
 *
 * @param actual what happened, `[n]`
 * @param predicted what was forecast, `[n]`
 * @throws RangeError when the lists differ in length or are empty
 * @example
 * ```ts
 * import { rmse } from '@ostinato/forecasting'
 * console.assert(rmse([1, 2], [4, 6]) === Math.sqrt(12.5))
 * ```
 */
export function rmse(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  return Math.sqrt(meanOf('rmse', actual, predicted, (y, f) => (y - f) ** 2))
}

/**
 * The mean absolute percentage error, `100 mean |y - f| / |y|`, in percent. Infinite (or NaN) where an actual value is
 * 0; it punishes forecasts that are too high more than those too low (Hyndman and Koehler 2006, "Another look at
 * measures of forecast accuracy", §2.2).
 *
 * @param actual what happened, `[n]`
 * @param predicted what was forecast, `[n]`
 * @throws RangeError when the lists differ in length or are empty
 * @example
 * ```ts
 * import { mape } from '@ostinato/forecasting'
 * console.assert(mape([100, 200], [110, 180]) === 10)
 * ```
 */
export function mape(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  return 100 * meanOf('mape', actual, predicted, (y, f) => Math.abs((y - f) / y))
}

/**
 * The symmetric mean absolute percentage error, `200 mean |y - f| / (|y| + |f|)`, from 0 to 200 percent; a pair of
 * zeros is no error. As in the M4 competition (Makridakis, Spiliotis and Assimakopoulos 2020, §3.1).
 *
 * @param actual what happened, `[n]`
 * @param predicted what was forecast, `[n]`
 * @throws RangeError when the lists differ in length or are empty
 * @example
 * ```ts
 * import { smape } from '@ostinato/forecasting'
 * console.assert(smape([100, 0], [300, 0]) === 50)
 * ```
 */
export function smape(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  return 200 * meanOf('smape', actual, predicted, (y, f) => (y === f ? 0 : Math.abs(y - f) / (Math.abs(y) + Math.abs(f))))
}

/**
 * The scale of MASE: the mean absolute error of the seasonal naive forecast inside the training part,
 * `mean |y[t] - y[t - m]|` (Hyndman and Koehler 2006, §3). 0 for a series that repeats exactly.
 *
 * @param training the training part, `[time]`
 * @param period the length of a season `m` in steps; 1 (the default) scales by persistence
 * @throws RangeError when the training part is not longer than a season, or not finite
 * @example
 * ```ts
 * import { naiveScale } from '@ostinato/forecasting'
 * console.assert(naiveScale([1, 5, 2, 7], 2) === 1.5)
 * ```
 */
export function naiveScale(training: ArrayLike<number>, period = 1): number {
  failIfAny('naiveScale', [...countFaults('period', period), ...finiteFaults('training', training)])
  const count = training.length - period
  if (count < 1) failIfAny('naiveScale', [`expected more than ${period} values, a season, got ${training.length}`])
  let sum = 0
  for (let t = period; t < training.length; t++) sum += Math.abs(training[t] - training[t - period])
  return sum / count
}

/**
 * The mean absolute scaled error, `mae / scale` (Hyndman and Koehler 2006, §3): below 1 is better than the seasonal
 * naive forecast, one step or season ahead, was inside the training part.
 *
 * @param actual what happened, `[n]`
 * @param predicted what was forecast, `[n]`
 * @param scale what `naiveScale` says of the training part
 * @throws RangeError when the lists differ in length or are empty, or `scale` is not above 0
 * @example
 * ```ts
 * import { mase, naiveScale } from '@ostinato/forecasting'
 * console.assert(mase([9, 8], [8, 8], naiveScale([1, 2, 4, 6])) === 0.3)
 * ```
 */
export function mase(actual: ArrayLike<number>, predicted: ArrayLike<number>, scale: number): number {
  if (!(scale > 0)) failIfAny('mase', [`expected a scale above 0, got ${scale}: a training part that repeats exactly has none`])
  return mae(actual, predicted) / scale
}

/**
 * The share of changes whose direction was forecast. Where nothing changed there is no direction to forecast, so the
 * pair is left out; a forecast without change takes no side and counts one half, as a coin would.
 *
 * @param actual the changes that happened since the forecast was made, `[n]`
 * @param predicted the changes that were forecast, `[n]`
 * @returns from 0 to 1; NaN when nothing ever changed
 * @throws RangeError when the lists differ in length or are empty
 * @example
 * ```ts
 * import { directionalAccuracy } from '@ostinato/forecasting'
 * console.assert(directionalAccuracy([2, -1, 0, 3], [1, 1, 1, 0]) === 0.5)
 * ```
 */
export function directionalAccuracy(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  failIfAny('directionalAccuracy', lengthFaults({ actual, predicted }))
  let [right, count] = [0, 0]
  for (let i = 0; i < actual.length; i++) {
    if (actual[i] === 0) continue
    count++
    if (predicted[i] === 0) right += 0.5
    else if (actual[i] > 0 === predicted[i] > 0) right++
  }
  return count === 0 ? NaN : right / count
}
