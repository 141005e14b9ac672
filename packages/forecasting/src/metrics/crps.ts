// The continuous ranked probability score of whole distributions, `∫ (F(x) - 1{x >= y})² dx`: in the units of the
// values, the absolute error of a forecast without any spread. Smaller is better. Each for a single actual value.
import { failIfAny, finiteFaults, lengthFaults, levelFaults } from '../check.ts'
import { normal, studentT, studentTSpread } from '../distributions/distribution.ts'

/** A distribution with a location and a scale. */
export interface LocationScale {
  readonly location: number
  /** Above 0: the standard deviation of a normal distribution. */
  readonly scale: number
}

/** Student's t, moved and stretched. */
export interface LocationScaleT extends LocationScale {
  /** The degrees of freedom, above 1. */
  readonly degrees: number
}

const scaleFaults = (scale: number) =>
  scale > 0 && scale < Infinity ? [] : [`expected a finite scale above 0, got ${scale}`]

/**
 * CRPS of a normal distribution: `σ (z (2Φ(z) - 1) + 2φ(z) - 1/√π)` with `z = (y - μ)/σ` (Gneiting and Raftery 2007,
 * "Strictly proper scoring rules", eq. 21 with its sign turned).
 *
 * @throws RangeError unless the scale is finite and above 0
 * @example
 * ```ts
 * import { crpsGaussian } from '@ostinato/forecasting'
 * const score = crpsGaussian(0, { location: 0, scale: 1 })
 * console.assert(Math.abs(score - (Math.SQRT2 - 1) / Math.sqrt(Math.PI)) < 1e-12)
 * ```
 */
export function crpsGaussian(actual: number, { location, scale }: LocationScale): number {
  failIfAny('crpsGaussian', scaleFaults(scale))
  const z = (actual - location) / scale
  return scale * (z * (2 * normal.cumulative(z) - 1) + 2 * normal.density(z) - 1 / Math.sqrt(Math.PI))
}

/**
 * CRPS of Student's t with `ν > 1` degrees of freedom:
 * `σ (z (2F(z) - 1) + 2 f(z) (ν + z²)/(ν - 1) - 2√ν/(ν - 1) B(1/2, ν - 1/2) / B(1/2, ν/2)²)` with `z = (y - μ)/σ`
 * (Jordan, Krüger and Lerch 2019, "Evaluating probabilistic forecasts with scoringRules", appendix A).
 *
 * @throws RangeError unless the scale is finite and above 0 and there is more than one degree of freedom
 * @example
 * ```ts
 * import { crpsGaussian, crpsStudentT } from '@ostinato/forecasting'
 * const nearlyNormal = crpsStudentT(0.5, { location: 0, scale: 1, degrees: 1e8 })
 * console.assert(Math.abs(nearlyNormal - crpsGaussian(0.5, { location: 0, scale: 1 })) < 1e-6)
 * ```
 */
export function crpsStudentT(actual: number, { location, scale, degrees }: LocationScaleT): number {
  failIfAny('crpsStudentT', [
    ...scaleFaults(scale),
    ...(degrees > 1 ? [] : [`expected more than one degree of freedom, got ${degrees}: with fewer there is no mean`]),
  ])
  if (degrees > 1e12) return crpsGaussian(actual, { location, scale })
  const z = (actual - location) / scale
  const t = studentT(degrees)
  const tails = (2 * t.density(z) * (degrees + z * z)) / (degrees - 1)
  return scale * (z * (2 * t.cumulative(z) - 1) + tails - studentTSpread(degrees))
}

/**
 * CRPS of the empirical distribution of samples: `mean |x - y| - mean |x - x'| / 2` over all pairs (Gneiting and
 * Raftery 2007, eq. 20 with its sign turned).
 *
 * @param samples draws from the forecast, in any order
 * @throws RangeError when there is no sample, or one is not finite
 * @example
 * ```ts
 * import { crpsSamples } from '@ostinato/forecasting'
 * console.assert(crpsSamples(1, [0, 2]) === 0.5)
 * ```
 */
export function crpsSamples(actual: number, samples: ArrayLike<number>): number {
  failIfAny('crpsSamples', [...lengthFaults({ samples }), ...finiteFaults('samples', samples)])
  const sorted = Float64Array.from(samples).sort()
  const n = sorted.length
  let [distance, spread] = [0, 0]
  // Sorted, each value is above i others and below the rest: all pairs in one pass.
  for (let i = 0; i < n; i++) {
    distance += Math.abs(sorted[i] - actual)
    spread += sorted[i] * (2 * i + 1 - n)
  }
  return distance / n - spread / (n * n)
}

/**
 * CRPS from quantiles: `2 ∫ pinball(τ) dτ` (Gneiting and Ranjan 2011, "Comparing density forecasts", eq. 7), by the
 * midpoint of each level's share of (0, 1). The more levels, the nearer; with the median alone it is the absolute
 * error.
 *
 * @param levels rising, between 0 and 1
 * @param values the quantile at each level
 * @throws RangeError when the lists differ in length or the levels do not rise
 * @example
 * ```ts
 * import { crpsQuantiles } from '@ostinato/forecasting'
 * console.assert(crpsQuantiles(3, [0.5], [1]) === 2)
 * ```
 */
export function crpsQuantiles(actual: number, levels: readonly number[], values: ArrayLike<number>): number {
  failIfAny('crpsQuantiles', [...lengthFaults({ levels, values }), ...levelFaults(levels)])
  let [sum, from] = [0, 0]
  for (let i = 0; i < levels.length; i++) {
    const to = i + 1 < levels.length ? (levels[i] + levels[i + 1]) / 2 : 1
    const error = actual - values[i]
    sum += (to - from) * Math.max(levels[i] * error, (levels[i] - 1) * error)
    from = to
  }
  return 2 * sum
}
