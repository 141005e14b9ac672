// Distributions of one real number: the normal one and Student's t, standardised. Location and scale are the business
// of those who use them.
import { erfc, logBeta, logGamma, regularizedBeta } from './special.ts'

/** A standardised distribution, symmetric about 0. */
export interface Distribution {
  /** The density at `x`. */
  density(x: number): number
  /** The probability of a value of at most `x`. */
  cumulative(x: number): number
  /** The value at which `cumulative` is `level`. @throws RangeError unless `level` is inside (0, 1) */
  quantile(level: number): number
}

/** The standard normal distribution. */
export const normal: Distribution = {
  density: (x) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI),
  cumulative: (x) => 0.5 * erfc(-x / Math.SQRT2),
  quantile: (level) => quantileOf('normal.quantile', normal, level),
}

/**
 * Student's t with `degrees` of freedom, location 0 and scale 1 (its variance is `degrees / (degrees - 2)`).
 * `F(x) = 1 - I(ν / (ν + x²); ν/2, 1/2) / 2` for x > 0 (Abramowitz & Stegun 26.7.1).
 *
 * @throws RangeError unless `degrees` is above 0
 */
export function studentT(degrees: number): Distribution {
  if (!(degrees > 0)) throw new RangeError(`studentT: expected degrees of freedom above 0, got ${degrees}`)
  // Beyond, the two cannot be told apart in float64.
  if (degrees > 1e12) return normal
  const logScale = logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - 0.5 * Math.log(degrees * Math.PI)
  const t: Distribution = {
    density: (x) => Math.exp(logScale - ((degrees + 1) / 2) * Math.log1p((x * x) / degrees)),
    cumulative: (x) => {
      const tail = 0.5 * regularizedBeta(degrees / (degrees + x * x), degrees / 2, 0.5)
      return x > 0 ? 1 - tail : tail
    },
    quantile: (level) => quantileOf('studentT.quantile', t, level),
  }
  return t
}

/** `2 √ν / (ν - 1) · B(1/2, ν - 1/2) / B(1/2, ν/2)²`: half the mean distance of two draws of Student's t. */
export function studentTSpread(degrees: number): number {
  const ratio = logBeta(0.5, degrees - 0.5) - 2 * logBeta(0.5, degrees / 2)
  return ((2 * Math.sqrt(degrees)) / (degrees - 1)) * Math.exp(ratio)
}

/** Newton's method on the cumulative probability, within brackets that shrink. */
function quantileOf(where: string, distribution: Distribution, level: number): number {
  if (!(level > 0 && level < 1)) throw new RangeError(`${where}: expected a level between 0 and 1, got ${level}`)
  if (level === 0.5) return 0
  // By symmetry the lower tail, in which small probabilities keep their digits.
  if (level > 0.5) return -quantileOf(where, distribution, 1 - level)
  let [low, high] = [-1, 0]
  while (distribution.cumulative(low) > level) [low, high] = [2 * low, low]
  let x = (low + high) / 2
  for (let i = 0; i < 200; i++) {
    const excess = distribution.cumulative(x) - level
    if (excess > 0) high = x
    else low = x
    const step = excess / distribution.density(x)
    const next = x - step
    const inside = next > low && next < high ? next : (low + high) / 2
    if (Math.abs(inside - x) <= 1e-14 * Math.abs(x)) return inside
    x = inside
  }
  return x
}
