// Scores of quantiles and of the intervals between two of them. Scores of whole distributions are in crps.ts.
import { failIfAny, lengthFaults, levelFaults } from '../check.ts'
import type { Quantiles } from '../forecaster.ts'

/** The bounds of intervals, each `[n]`. */
export interface Bounds {
  readonly lower: ArrayLike<number>
  readonly upper: ArrayLike<number>
}

/**
 * The pinball loss of a quantile, `mean max(τ (y - q), (τ - 1) (y - q))` (Koenker and Bassett 1978, "Regression
 * quantiles"): smallest, on average, for the true quantile. Half of the absolute error for the median.
 *
 * @param actual what happened, `[n]`
 * @param quantile the forecast quantile, `[n]`
 * @param level its level `τ`, between 0 and 1
 * @throws RangeError when the lists differ in length or are empty, or the level lies outside
 * @example
 * ```ts
 * import { pinball } from '@ostinato/forecasting'
 * console.assert(pinball([10, 10], [8, 12], 0.75) === 1)
 * ```
 */
export function pinball(actual: ArrayLike<number>, quantile: ArrayLike<number>, level: number): number {
  failIfAny('pinball', [...lengthFaults({ actual, quantile }), ...levelFaults([level])])
  let sum = 0
  for (let i = 0; i < actual.length; i++) {
    const error = actual[i] - quantile[i]
    sum += Math.max(level * error, (level - 1) * error)
  }
  return sum / actual.length
}

/**
 * The share of values that lie inside their interval, bounds included. For an interval of 80 % it should be 0.8.
 *
 * @param actual what happened, `[n]`
 * @param lower the lower bounds, `[n]`
 * @param upper the upper bounds, `[n]`
 * @throws RangeError when the lists differ in length or are empty
 * @example
 * ```ts
 * import { coverage } from '@ostinato/forecasting'
 * console.assert(coverage([1, 5], [0, 0], [2, 2]) === 0.5)
 * ```
 */
export function coverage(actual: ArrayLike<number>, lower: ArrayLike<number>, upper: ArrayLike<number>): number {
  failIfAny('coverage', lengthFaults({ actual, lower, upper }))
  let inside = 0
  for (let i = 0; i < actual.length; i++) if (actual[i] >= lower[i] && actual[i] <= upper[i]) inside++
  return inside / actual.length
}

/**
 * The mean width of intervals, `mean (u - l)`, in the units of the values. Of two forecasts with the right coverage
 * the narrower is the better.
 *
 * @throws RangeError when the lists differ in length or are empty
 * @example
 * ```ts
 * import { meanWidth } from '@ostinato/forecasting'
 * console.assert(meanWidth([0, 1], [2, 5]) === 3)
 * ```
 */
export function meanWidth(lower: ArrayLike<number>, upper: ArrayLike<number>): number {
  failIfAny('meanWidth', lengthFaults({ lower, upper }))
  let sum = 0
  for (let i = 0; i < lower.length; i++) sum += upper[i] - lower[i]
  return sum / lower.length
}

/**
 * The interval score, `mean (u - l) + 2/α ((l - y)⁺ + (y - u)⁺)`, width and misses in one number (Gneiting and Raftery
 * 2007, "Strictly proper scoring rules", §6.2; Winkler 1972). Smaller is better.
 *
 * @param actual what happened, `[n]`
 * @param interval the bounds, each `[n]`, and `level`, the coverage `1 - α` which the interval claims
 * @throws RangeError when the lists differ in length or are empty, or the level lies outside (0, 1)
 * @example
 * ```ts
 * import { intervalScore } from '@ostinato/forecasting'
 * const score = intervalScore([1, 3], { lower: [0, 0], upper: [2, 2], level: 0.5 })
 * console.assert(score === 4) // widths of 2, and a miss by 1 that costs 4
 * ```
 */
export function intervalScore(
  actual: ArrayLike<number>,
  { lower, upper, level }: Bounds & { readonly level: number },
): number {
  failIfAny('intervalScore', [...lengthFaults({ actual, lower, upper }), ...levelFaults([level])])
  const weight = 2 / (1 - level)
  let sum = 0
  for (let i = 0; i < actual.length; i++) {
    sum += upper[i] - lower[i] + weight * (Math.max(0, lower[i] - actual[i]) + Math.max(0, actual[i] - upper[i]))
  }
  return sum / actual.length
}

/**
 * The bounds of the central interval of a forecast.
 *
 * @param quantiles of a forecast
 * @param level its coverage: 0.8 lies between the quantiles of 0.1 and 0.9
 * @throws RangeError when these two quantiles are not among those given
 * @example
 * ```ts
 * import { centralInterval } from '@ostinato/forecasting'
 * const quantiles = { levels: [0.1, 0.5, 0.9], values: [Float64Array.of(1), Float64Array.of(2), Float64Array.of(4)] }
 * const { lower, upper } = centralInterval(quantiles, 0.8)
 * console.assert(lower[0] === 1 && upper[0] === 4)
 * ```
 */
export function centralInterval(
  { levels, values }: Quantiles,
  level: number,
): { readonly lower: Float64Array; readonly upper: Float64Array } {
  const [lower, upper] = [(1 - level) / 2, (1 + level) / 2].map((wanted) => {
    const at = levels.findIndex((one) => Math.abs(one - wanted) < 1e-9)
    if (at < 0) failIfAny('centralInterval', [`expected the level ${Number(wanted.toFixed(9))} among the quantiles, got ${levels.join(', ')}`])
    return values[at]
  })
  return { lower, upper }
}
