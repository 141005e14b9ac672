// RMSprop: gradients divided by a running root mean square. Without bias correction; with it, that is `Adam`.
import { Optimizer, type Change } from './optimizer.ts'
import { flag, fraction, nonNegative, positive, rate, readOptions, type Fields } from './options.ts'
import type { Trainable } from './parameters.ts'
import type { Schedule } from './schedules/schedule.ts'

/** Options of `RMSprop`. */
export interface RMSpropOptions {
  /** η; 0.01 by default. */
  readonly learningRate?: number | Schedule
  /** α, how much of the running mean of squares stays; 0.99 by default. */
  readonly alpha?: number
  /** μ; 0 by default. */
  readonly momentum?: number
  /** Divides by the standard deviation rather than by the root mean square; false by default. */
  readonly centered?: boolean
  /** ε, above 0; 1e-8 by default. */
  readonly epsilon?: number
  /** λ, added to the gradient as λθ; 0 by default. */
  readonly weightDecay?: number
}

const fields: Fields<RMSpropOptions> = {
  learningRate: rate(1e-2),
  alpha: fraction(0.99),
  momentum: nonNegative(0),
  centered: flag(false),
  epsilon: positive(1e-8),
  weightDecay: nonNegative(0),
}

/**
 * RMSprop: with g = ∇θ + λθ,
 *
 *     s ← α s + (1 - α) g²,   m ← α m + (1 - α) g (when centered, else m = 0),
 *     v ← μ v + g / (√(s - m²) + ε),   θ ← θ - η v.
 *
 * Tieleman and Hinton 2012, lecture 6.5 of "Neural networks for machine learning"; centered as in Graves 2013,
 * "Generating sequences with recurrent neural networks", §3.2, with ε outside the root.
 *
 * @throws RangeError when an option is out of range or the parameters are not each there once
 * @example
 * ```ts
 * import { Parameter, tensor } from '@ostinato/tensor'
 * import { RMSprop } from '@ostinato/optim'
 * const weight = new Parameter(tensor([1, 2]))
 * new RMSprop([weight], { alpha: 0.75, learningRate: 0.25 }).step(new Map([[weight, tensor([3, -3])]]))
 * console.assert(Math.abs(weight.data[0] - 0.5) < 1e-6 && Math.abs(weight.data[1] - 2.5) < 1e-6)
 * ```
 */
export class RMSprop extends Optimizer {
  readonly #alpha: number
  readonly #momentum: number
  readonly #centered: boolean
  readonly #epsilon: number

  constructor(parameters: Trainable, options: RMSpropOptions = {}) {
    const settings = readOptions('RMSprop', options, fields)
    const mean = settings.centered ? { mean: 0 } : {}
    const velocity = settings.momentum === 0 ? {} : { velocity: 0 }
    const moments = { meanSquare: 0, ...mean, ...velocity }
    super({ name: 'RMSprop', trainable: parameters, settings, moments })
    this.#alpha = settings.alpha
    this.#momentum = settings.momentum
    this.#centered = settings.centered
    this.#epsilon = settings.epsilon
  }

  protected override change({ values, gradient, moments, learningRate, weightDecay }: Change): void {
    const n = values.length
    const alpha = this.#alpha
    const momentum = this.#momentum
    const epsilon = this.#epsilon
    const meanSquare = moments[0]
    const mean = this.#centered ? moments[1] : undefined
    const velocity = momentum === 0 ? undefined : moments[moments.length - 1]
    for (let i = 0; i < n; i++) {
      const w = values[i]
      const g = gradient[i] + weightDecay * w
      let s = alpha * meanSquare[i] + (1 - alpha) * g * g
      meanSquare[i] = s
      if (mean !== undefined) {
        const m = mean[i] + (1 - alpha) * (g - mean[i])
        mean[i] = m
        // Rounding can carry a variance of 0 just below it.
        s = Math.max(0, s - m * m)
      }
      let v = g / (Math.sqrt(s) + epsilon)
      if (velocity !== undefined) {
        v += momentum * velocity[i]
        velocity[i] = v
      }
      values[i] = w - learningRate * v
    }
  }
}
