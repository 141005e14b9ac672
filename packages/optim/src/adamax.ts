// Adamax: Adam with the largest recent gradient in the place of the root mean square.
import { Optimizer, type Change } from './optimizer.ts'
import { fractions, nonNegative, positive, rate, readOptions, type Complete, type Fields } from './options.ts'
import type { Trainable } from './parameters.ts'
import type { Schedule } from './schedules/schedule.ts'

/** Options of `Adamax`. */
export interface AdamaxOptions {
  /** η; 0.002 by default. */
  readonly learningRate?: number | Schedule
  /** β₁ and β₂; [0.9, 0.999] by default. */
  readonly betas?: readonly [number, number]
  /** ε, above 0; 1e-8 by default. */
  readonly epsilon?: number
  /** λ, added to the gradient as λθ; 0 by default. */
  readonly weightDecay?: number
}

const fields: Fields<AdamaxOptions> = {
  learningRate: rate(2e-3),
  betas: fractions([0.9, 0.999]),
  epsilon: positive(1e-8),
  weightDecay: nonNegative(0),
}

/**
 * Adamax: with g = ∇θ + λθ, at the t-th change of θ,
 *
 *     m ← β₁ m + (1 - β₁) g,   u ← max(β₂ u, |g| + ε),   θ ← θ - η / (1 - β₁ᵗ) · m / u.
 *
 * Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 2, with ε against a division by 0.
 *
 * @throws RangeError when an option is out of range or the parameters are not each there once
 * @example
 * ```ts
 * import { Parameter, tensor } from '@ostinato/tensor'
 * import { Adamax } from '@ostinato/optim'
 * const weight = new Parameter(tensor([1, 2]))
 * new Adamax([weight], { learningRate: 0.5 }).step(new Map([[weight, tensor([8, -8])]]))
 * console.assert(Math.abs(weight.data[0] - 0.5) < 1e-6 && Math.abs(weight.data[1] - 2.5) < 1e-6)
 * ```
 */
export class Adamax extends Optimizer {
  readonly #options: Complete<AdamaxOptions>

  constructor(parameters: Trainable, options: AdamaxOptions = {}) {
    const settings = readOptions('Adamax', options, fields)
    super({ name: 'Adamax', trainable: parameters, settings, moments: { firstMoment: 0, largest: 0 } })
    this.#options = settings
  }

  protected override change({ values, gradient, moments, step, learningRate, weightDecay }: Change): void {
    const { betas, epsilon } = this.#options
    const [beta1, beta2] = betas
    const [first, largest] = moments
    const size = learningRate / (1 - beta1 ** step)
    const n = values.length
    for (let i = 0; i < n; i++) {
      const w = values[i]
      const g = gradient[i] + weightDecay * w
      const m = first[i] + (1 - beta1) * (g - first[i])
      const u = Math.max(beta2 * largest[i], Math.abs(g) + epsilon)
      first[i] = m
      largest[i] = u
      values[i] = w - (size * m) / u
    }
  }
}
