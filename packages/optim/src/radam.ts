// RAdam: Adam that takes plain momentum steps until its second moment can be trusted. Weight decay as a penalty, or
// decoupled.
import { Optimizer, type Change } from './optimizer.ts'
import { flag, fractions, nonNegative, positive, rate, readOptions, type Complete, type Fields } from './options.ts'
import type { Trainable } from './parameters.ts'
import type { Schedule } from './schedules/schedule.ts'

/** Options of `RAdam`. */
export interface RAdamOptions {
  /** η; 0.001 by default. */
  readonly learningRate?: number | Schedule
  /** β₁ and β₂; [0.9, 0.999] by default. */
  readonly betas?: readonly [number, number]
  /** ε, above 0; 1e-8 by default. */
  readonly epsilon?: number
  /** λ; 0 by default. */
  readonly weightDecay?: number
  /** Takes the decay from the weights, as `AdamW` does, instead of adding it to the gradient; false by default. */
  readonly decoupled?: boolean
}

const fields: Fields<RAdamOptions> = {
  learningRate: rate(1e-3),
  betas: fractions([0.9, 0.999]),
  epsilon: positive(1e-8),
  weightDecay: nonNegative(0),
  decoupled: flag(false),
}

/**
 * Rectified Adam: m, v and g as in Adam; with ρ∞ = 2 / (1 - β₂) - 1 and, at the t-th change of θ,
 * ρ = ρ∞ - 2 t β₂ᵗ / (1 - β₂ᵗ),
 *
 *     r = √((ρ - 4)(ρ - 2) ρ∞ / ((ρ∞ - 4)(ρ∞ - 2) ρ)),
 *     θ ← θ - η r (m / (1 - β₁ᵗ)) √(1 - β₂ᵗ) / (√v + ε)   where ρ > 5,
 *     θ ← θ - η m / (1 - β₁ᵗ)   before.
 *
 * Liu et al. 2020, "On the variance of the adaptive learning rate and beyond", algorithm 2, with the threshold 5 in the
 * place of 4.
 *
 * @throws RangeError when an option is out of range or the parameters are not each there once
 * @example
 * ```ts
 * import { Parameter, tensor } from '@ostinato/tensor'
 * import { RAdam } from '@ostinato/optim'
 * const weight = new Parameter(tensor([1, 2]))
 * new RAdam([weight], { learningRate: 0.25 }).step(new Map([[weight, tensor([2, -2])]]))
 * console.assert(Math.abs(weight.data[0] - 0.5) < 1e-6 && Math.abs(weight.data[1] - 2.5) < 1e-6)
 * ```
 */
export class RAdam extends Optimizer {
  readonly #options: Complete<RAdamOptions>

  constructor(parameters: Trainable, options: RAdamOptions = {}) {
    const settings = readOptions('RAdam', options, fields)
    super({ name: 'RAdam', trainable: parameters, settings, moments: { firstMoment: 0, secondMoment: 0 } })
    this.#options = settings
  }

  protected override change({ values, gradient, moments, step, learningRate, weightDecay }: Change): void {
    const { betas, epsilon, decoupled } = this.#options
    const [beta1, beta2] = betas
    const [first, second] = moments
    const size = learningRate / (1 - beta1 ** step)
    const rectified = rectification(beta2, step)
    const penalty = decoupled ? 0 : weightDecay
    const kept = decoupled ? 1 - learningRate * weightDecay : 1
    const n = values.length
    for (let i = 0; i < n; i++) {
      const w = values[i]
      const g = gradient[i] + penalty * w
      const m = first[i] + (1 - beta1) * (g - first[i])
      const v = beta2 * second[i] + (1 - beta2) * g * g
      first[i] = m
      second[i] = v
      const adapted = rectified === undefined ? 1 : rectified / (Math.sqrt(v) + epsilon)
      values[i] = kept * w - size * m * adapted
    }
  }
}

/** r √(1 - β₂ᵗ), or undefined where the variance of the adaptive rate is not tractable. */
function rectification(beta2: number, step: number): number | undefined {
  const power = beta2 ** step
  const limit = 2 / (1 - beta2) - 1
  const length = limit - (2 * step * power) / (1 - power)
  if (length <= 5) return undefined
  const ratio = ((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length)
  return Math.sqrt(ratio * (1 - power))
}
