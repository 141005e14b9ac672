// Heads that say a distribution: the normal one and Student's t, learned by maximum likelihood. Heads without a
// distribution of a known form are in quantile.ts.
import type { Rng, Tensor } from '@ostinato/tensor'
import { normal, studentT } from '../distributions/distribution.ts'
import { digamma, logGamma } from '../distributions/special.ts'
import type { Head } from './head.ts'
import { rowLoss, sigmoid, softplus, type RowLoss } from './row-loss.ts'

/** No scale falls below this, in units of what the network sees: a value hit exactly would be infinitely likely. */
const leastScale = 1e-3

const scaleOf = (output: number) => leastScale + softplus(output)

const standardNormal = (rng: Rng) => rng.normal([1], { dtype: 'float64' }).data[0]

const gaussianLoss: RowLoss = (outputs, y, slopes) => {
  const sigma = scaleOf(outputs[1])
  const z = (y - outputs[0]) / sigma
  slopes[0] = -z / sigma
  slopes[1] = ((1 - z * z) / sigma) * sigmoid(outputs[1])
  return 0.5 * Math.log(2 * Math.PI) + Math.log(sigma) + 0.5 * z * z
}

/**
 * A normal distribution with `μ` and `σ = softplus(s) + 0.001` from two outputs, learned by its negative log-likelihood
 * `ln σ + z²/2 + ln(2π)/2`, `z = (y - μ)/σ` (Salinas et al. 2020, "DeepAR", §3.1).
 *
 * @example
 * ```ts
 * import { gaussianHead } from '@ostinato/forecasting'
 * const { mean, quantile } = gaussianHead().marginal([2, 0])
 * console.assert(mean === 2 && quantile(0.5) === 2 && quantile(0.9) > 2)
 * ```
 */
export function gaussianHead(): Head {
  const form = { name: 'gaussianHead.loss', size: 2, loss: gaussianLoss }
  return {
    name: 'Gaussian',
    size: 2,
    loss: (outputs: Tensor, target, options) => rowLoss(form, outputs, target, options),
    marginal: ({ 0: mean, 1: output }) => {
      const sigma = scaleOf(output)
      return {
        mean,
        quantile: (level) => mean + sigma * normal.quantile(level),
        sample: (rng) => mean + sigma * standardNormal(rng),
      }
    },
  }
}

/** More than 2, so that there is a variance. */
const degreesOf = (output: number) => 2.01 + softplus(output)

const studentTLoss: RowLoss = (outputs, y, slopes) => {
  const [sigma, nu] = [scaleOf(outputs[1]), degreesOf(outputs[2])]
  const z = (y - outputs[0]) / sigma
  const square = z * z
  const bend = Math.log1p(square / nu)
  const share = ((nu + 1) * square) / (nu + square)
  slopes[0] = (-(nu + 1) * z) / (sigma * (nu + square))
  slopes[1] = ((1 - share) / sigma) * sigmoid(outputs[1])
  const slope = digamma(nu / 2) - digamma((nu + 1) / 2) + 1 / nu + bend - share / nu
  slopes[2] = 0.5 * slope * sigmoid(outputs[2])
  const constant = logGamma(nu / 2) - logGamma((nu + 1) / 2) + 0.5 * Math.log(nu * Math.PI)
  return constant + Math.log(sigma) + 0.5 * (nu + 1) * bend
}

/**
 * Student's t with location `μ`, scale `σ = softplus(s) + 0.001` and `ν = softplus(d) + 2.01` degrees of freedom
 * from three outputs, learned by its negative log-likelihood `ln σ + (ν + 1)/2 ln(1 + z²/ν) + ln Γ(ν/2) - ln Γ((ν +
 * 1)/2) + ln(πν)/2`. For what has heavy tails, such as returns (Bollerslev 1987, "A conditionally heteroskedastic
 * time series model", eq. 1).
 *
 * @example
 * ```ts
 * import { studentTHead } from '@ostinato/forecasting'
 * const { mean, quantile } = studentTHead().marginal([2, 0, 0])
 * console.assert(mean === 2 && quantile(0.5) === 2 && quantile(0.975) > 2)
 * ```
 */
export function studentTHead(): Head {
  const form = { name: 'studentTHead.loss', size: 3, loss: studentTLoss }
  return {
    name: 'Student-t',
    size: 3,
    loss: (outputs: Tensor, target, options) => rowLoss(form, outputs, target, options),
    marginal: ({ 0: mean, 1: spread, 2: tails }) => {
      const [sigma, nu] = [scaleOf(spread), degreesOf(tails)]
      return {
        mean,
        quantile: (level) => mean + sigma * studentT(nu).quantile(level),
        sample: (rng) => mean + (sigma * standardNormal(rng)) / Math.sqrt((2 * gamma(nu / 2, rng)) / nu),
      }
    },
  }
}

/** A draw of the gamma distribution with this shape, above 1 (Marsaglia and Tsang 2000, "A simple method"). */
function gamma(shape: number, rng: Rng): number {
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = standardNormal(rng)
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - rng.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}
