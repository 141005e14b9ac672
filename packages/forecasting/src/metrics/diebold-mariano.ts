// Whether one forecast is better than another by more than chance. Losses come in; how they were made does not matter.
import { countFaults, failIfAny, finiteFaults, lengthFaults } from '../check.ts'
import { studentT } from '../distributions/distribution.ts'

/** What `dieboldMariano` finds. */
export interface DieboldMariano {
  /** The mean of `a - b`: below 0, the first forecast lost less. */
  readonly difference: number
  /** The statistic, with the correction of Harvey, Leybourne and Newbold. NaN where the losses never differ. */
  readonly statistic: number
  /** The two-sided probability of a statistic so far from 0 if neither were better. 1 where the losses never differ. */
  readonly pValue: number
}

/**
 * The test of Diebold and Mariano (1995, "Comparing predictive accuracy", §1.1) of equal expected loss: the mean
 * `d̄` of the loss differences over its standard error, from the autocovariances `γ` of up to `h - 1` lags, since
 * forecasts `h` steps ahead overlap:
 *
 *     DM = d̄ / √((γ₀ + 2 Σ γₖ) / n)
 *
 * corrected for few forecasts (Harvey, Leybourne and Newbold 1997, "Testing the equality of prediction mean squared
 * errors", eq. 9) by `√((n + 1 - 2h + h(h - 1)/n) / n)` and compared with Student's t of `n - 1` degrees of freedom.
 * Where the sum is not positive, which these weights allow, those of Bartlett are taken (Newey and West 1987).
 *
 * @param a the losses of the first forecast, one an origin, in order of time
 * @param b those of the second, for the same origins
 * @param horizon how many forecasts in a row overlap, itself included: the horizon in steps over the stride of the
 * origins, rounded up; 1 for forecasts of the next step at every step
 * @throws RangeError when the lists differ in length, are not finite, or are not longer than 1 and the horizon
 * @example
 * ```ts
 * import { dieboldMariano } from '@ostinato/forecasting'
 * const { difference, pValue } = dieboldMariano([1, 2, 1, 2, 1, 3], [3, 4, 2, 4, 3, 4])
 * console.assert(difference < 0 && pValue < 0.01)
 * ```
 */
export function dieboldMariano(a: ArrayLike<number>, b: ArrayLike<number>, horizon = 1): DieboldMariano {
  const n = a.length
  failIfAny('dieboldMariano', [
    ...lengthFaults({ a, b }),
    ...countFaults('horizon', horizon),
    ...finiteFaults('a', a),
    ...finiteFaults('b', b),
    ...(n > Math.max(1, horizon) ? [] : [`expected more than ${Math.max(1, horizon)} losses, got ${n}`]),
  ])
  const differences = Float64Array.from({ length: n }, (_, i) => a[i] - b[i])
  const mean = differences.reduce((sum, d) => sum + d, 0) / n
  const covariance = (lag: number) => {
    let sum = 0
    for (let i = lag; i < n; i++) sum += (differences[i] - mean) * (differences[i - lag] - mean)
    return sum / n
  }
  const covariances = Array.from({ length: horizon }, (_, lag) => covariance(lag))
  const longRun = (weigh: (lag: number) => number) =>
    covariances.reduce((sum, value, lag) => sum + (lag === 0 ? value : 2 * weigh(lag) * value), 0)
  const plain = longRun(() => 1)
  const variance = plain > 0 ? plain : longRun((lag) => 1 - lag / horizon)
  if (!(variance > 0)) {
    // Every difference is the same: no chance is in it, unless there is none to judge.
    const statistic = mean === 0 ? NaN : Math.sign(mean) * Infinity
    return { difference: mean, statistic, pValue: mean === 0 ? 1 : 0 }
  }
  const correction = Math.sqrt((n + 1 - 2 * horizon + (horizon * (horizon - 1)) / n) / n)
  const statistic = (correction * mean) / Math.sqrt(variance / n)
  return { difference: mean, statistic, pValue: 2 * studentT(n - 1).cumulative(-Math.abs(statistic)) }
}
