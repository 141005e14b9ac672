// The forecasts that cost nothing and that every model has to beat. None has parameters: what they know of the past is
// read from the history itself.
import { countFaults, failIfAny } from '../check.ts'
import { checkHistories, checkTraining, type Forecaster } from '../forecaster.ts'

/** A forecaster without parameters: `step(values, h)` is the forecast `h + 1` steps after the end of `values`. */
function rule(name: string, least: number, start: (values: Float64Array) => (h: number) => number): Forecaster {
  return {
    name,
    fit(training, options) {
      checkTraining(name, training, { ...options, least })
      return {
        predict(histories, horizon) {
          checkHistories(name, histories, { horizon, least })
          return histories.map(({ values }) => {
            const step = start(values)
            return { mean: Float64Array.from({ length: horizon }, (_, h) => step(h)) }
          })
        },
      }
    },
  }
}

/**
 * The last value, for ever: `f[T + h] = y[T]`. The best forecast there is of a random walk, and so nearly of a price.
 *
 * @example
 * ```ts
 * import { persistence } from '@ostinato/forecasting'
 * const history = { values: Float64Array.of(1, 5, 3) }
 * const fitted = await persistence().fit([history], { horizon: 2 })
 * console.assert(fitted.predict([history], 2)[0].mean.join() === '3,3')
 * ```
 */
export function persistence(): Forecaster {
  return rule('persistence', 1, (values) => () => values[values.length - 1])
}

/**
 * A straight line from the first value through the last: `f[T + h] = y[T] + h (y[T] - y[1]) / (T - 1)` (Hyndman and
 * Athanasopoulos 2021, "Forecasting: principles and practice", §5.2).
 *
 * @example
 * ```ts
 * import { drift } from '@ostinato/forecasting'
 * const history = { values: Float64Array.of(1, 5, 3) }
 * const fitted = await drift().fit([history], { horizon: 2 })
 * console.assert(fitted.predict([history], 2)[0].mean.join() === '4,5')
 * ```
 */
export function drift(): Forecaster {
  return rule('drift', 2, (values) => {
    const last = values[values.length - 1]
    const slope = (last - values[0]) / (values.length - 1)
    return (h) => last + (h + 1) * slope
  })
}

/**
 * The value one season before, the last season again and again: `f[T + h] = y[T + h - km]` with the least `k` that
 * leads into the past (Hyndman and Athanasopoulos 2021, §5.2).
 *
 * @param period the length of a season in steps: 7 for days of the week
 * @throws RangeError when it is no integer of 1 or more
 * @example
 * ```ts
 * import { seasonalNaive } from '@ostinato/forecasting'
 * const history = { values: Float64Array.of(9, 1, 5, 3) }
 * const fitted = await seasonalNaive(3).fit([history], { horizon: 4 })
 * console.assert(fitted.predict([history], 4)[0].mean.join() === '1,5,3,1')
 * ```
 */
export function seasonalNaive(period: number): Forecaster {
  failIfAny('seasonalNaive', countFaults('period', period))
  return rule('seasonal naive', period, (values) => (h) => values[values.length - period + (h % period)])
}

/**
 * The mean of the last values, for ever: `f[T + h] = (y[T - k + 1] + … + y[T]) / k`.
 *
 * @param window how many values are averaged, `k`
 * @throws RangeError when it is no integer of 1 or more
 * @example
 * ```ts
 * import { movingAverage } from '@ostinato/forecasting'
 * const history = { values: Float64Array.of(9, 1, 5, 3) }
 * const fitted = await movingAverage(2).fit([history], { horizon: 2 })
 * console.assert(fitted.predict([history], 2)[0].mean.join() === '4,4')
 * ```
 */
export function movingAverage(window: number): Forecaster {
  failIfAny('movingAverage', countFaults('window', window))
  return rule('moving average', window, (values) => {
    const mean = values.subarray(values.length - window).reduce((sum, value) => sum + value, 0) / window
    return () => mean
  })
}
