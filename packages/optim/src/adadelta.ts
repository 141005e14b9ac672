// Adadelta: steps as long as recent steps were, so that units agree. Hardly needs a learning rate.
import { Optimizer, type Change } from './optimizer.ts'
import { fraction, nonNegative, positive, rate, readOptions, type Fields } from './options.ts'
import type { Trainable } from './parameters.ts'
import type { Schedule } from './schedules/schedule.ts'

/** Options of `Adadelta`. */
export interface AdadeltaOptions {
  /** η; 1 by default. */
  readonly learningRate?: number | Schedule
  /** ρ, how much of both running means stays; 0.9 by default. */
  readonly rho?: number
  /** ε, above 0: the first step comes from it alone; 1e-6 by default. */
  readonly epsilon?: number
  /** λ, added to the gradient as λθ; 0 by default. */
  readonly weightDecay?: number
}

const fields: Fields<AdadeltaOptions> = {
  learningRate: rate(1),
  rho: fraction(0.9),
  epsilon: positive(1e-6),
  weightDecay: nonNegative(0),
}

/**
 * Adadelta: with g = ∇θ + λθ,
 *
 *     s ← ρ s + (1 - ρ) g²,   d = g √(u + ε) / √(s + ε),   u ← ρ u + (1 - ρ) d²,   θ ← θ - η d.
 *
 * Zeiler 2012, "ADADELTA: an adaptive learning rate method", algorithm 1.
 *
 * @throws RangeError when an option is out of range or the parameters are not each there once
 * @example
 * ```ts
 * import { Parameter, tensor } from '@ostinato/tensor'
 * import { Adadelta } from '@ostinato/optim'
 * const weight = new Parameter(tensor([1, 2]))
 * new Adadelta([weight]).step(new Map([[weight, tensor([4, -4])]]))
 * console.assert(weight.data[0] < 1 && weight.data[1] > 2)
 * ```
 */
export class Adadelta extends Optimizer {
  readonly #rho: number
  readonly #epsilon: number

  constructor(parameters: Trainable, options: AdadeltaOptions = {}) {
    const settings = readOptions('Adadelta', options, fields)
    const moments = { meanSquare: 0, meanSquareChange: 0 }
    super({ name: 'Adadelta', trainable: parameters, settings, moments })
    this.#rho = settings.rho
    this.#epsilon = settings.epsilon
  }

  protected override change({ values, gradient, moments, learningRate, weightDecay }: Change): void {
    const n = values.length
    const [meanSquare, meanSquareChange] = moments
    const rho = this.#rho
    const epsilon = this.#epsilon
    for (let i = 0; i < n; i++) {
      const w = values[i]
      const g = gradient[i] + weightDecay * w
      const s = rho * meanSquare[i] + (1 - rho) * g * g
      const u = meanSquareChange[i]
      const d = g * Math.sqrt((u + epsilon) / (s + epsilon))
      meanSquare[i] = s
      meanSquareChange[i] = rho * u + (1 - rho) * d * d
      values[i] = w - learningRate * d
    }
  }
}
