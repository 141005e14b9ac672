// Adagrad: gradients divided by the root of the sum of all their squares so far. Nothing is forgotten.
import { Optimizer, type Change } from './optimizer.ts'
import { nonNegative, positive, rate, readOptions, type Fields } from './options.ts'
import type { Trainable } from './parameters.ts'
import type { Schedule } from './schedules/schedule.ts'

/** Options of `Adagrad`. */
export interface AdagradOptions {
  /** η; 0.01 by default. */
  readonly learningRate?: number | Schedule
  /** δ: at the t-th change the rate is η / (1 + (t - 1) δ); 0 by default. */
  readonly learningRateDecay?: number
  /** The sum of squares before the first step; 0 by default. */
  readonly initialSum?: number
  /** ε, above 0; 1e-10 by default. */
  readonly epsilon?: number
  /** λ, added to the gradient as λθ; 0 by default. */
  readonly weightDecay?: number
}

const fields: Fields<AdagradOptions> = {
  learningRate: rate(1e-2),
  learningRateDecay: nonNegative(0),
  initialSum: nonNegative(0),
  epsilon: positive(1e-10),
  weightDecay: nonNegative(0),
}

/**
 * Adagrad: with g = ∇θ + λθ, at the t-th change of θ,
 *
 *     s ← s + g²,   θ ← θ - η / (1 + (t - 1) δ) · g / (√s + ε).
 *
 * Duchi, Hazan and Singer 2011, "Adaptive subgradient methods for online learning and stochastic optimization", the
 * diagonal form of §1.
 *
 * @throws RangeError when an option is out of range or the parameters are not each there once
 * @example
 * ```ts
 * import { Parameter, tensor } from '@ostinato/tensor'
 * import { Adagrad } from '@ostinato/optim'
 * const weight = new Parameter(tensor([1, 2]))
 * new Adagrad([weight], { learningRate: 0.5 }).step(new Map([[weight, tensor([4, -4])]]))
 * console.assert(weight.data[0] === 0.5 && weight.data[1] === 2.5)
 * ```
 */
export class Adagrad extends Optimizer {
  readonly #learningRateDecay: number
  readonly #epsilon: number

  constructor(parameters: Trainable, options: AdagradOptions = {}) {
    const settings = readOptions('Adagrad', options, fields)
    const moments = { sumOfSquares: settings.initialSum }
    super({ name: 'Adagrad', trainable: parameters, settings, moments })
    this.#learningRateDecay = settings.learningRateDecay
    this.#epsilon = settings.epsilon
  }

  protected override change({ values, gradient, moments, step, learningRate, weightDecay }: Change): void {
    const n = values.length
    const [sumOfSquares] = moments
    const epsilon = this.#epsilon
    const size = learningRate / (1 + (step - 1) * this.#learningRateDecay)
    for (let i = 0; i < n; i++) {
      const w = values[i]
      const g = gradient[i] + weightDecay * w
      const s = sumOfSquares[i] + g * g
      sumOfSquares[i] = s
      values[i] = w - (size * g) / (Math.sqrt(s) + epsilon)
    }
  }
}
