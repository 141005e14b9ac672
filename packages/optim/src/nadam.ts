// NAdam: Adam that looks ahead along its first moment. Weight decay as a penalty, or decoupled.
import { Optimizer, type Change } from './optimizer.ts'
import { flag, fractions, nonNegative, positive, rate, readOptions, type Complete, type Fields } from './options.ts'
import type { Trainable } from './parameters.ts'
import type { Schedule } from './schedules/schedule.ts'

/** Options of `NAdam`. */
export interface NAdamOptions {
  /** η; 0.002 by default. */
  readonly learningRate?: number | Schedule
  /** β₁ and β₂; [0.9, 0.999] by default. */
  readonly betas?: readonly [number, number]
  /** ε, above 0; 1e-8 by default. */
  readonly epsilon?: number
  /** ψ, how fast the momentum comes up to β₁; 0.004 by default. */
  readonly momentumDecay?: number
  /** λ; 0 by default. */
  readonly weightDecay?: number
  /** Takes the decay from the weights, as `AdamW` does, instead of adding it to the gradient; false by default. */
  readonly decoupled?: boolean
  /**
   * Counts μₜ once more in Πₜ₊₁, as PyTorch did before its version 2.0, to follow runs of that time; false by
   * default.
   */
  readonly repeatedMomentum?: boolean
}

const fields: Fields<NAdamOptions> = {
  learningRate: rate(2e-3),
  betas: fractions([0.9, 0.999]),
  epsilon: positive(1e-8),
  momentumDecay: nonNegative(4e-3),
  weightDecay: nonNegative(0),
  decoupled: flag(false),
  repeatedMomentum: flag(false),
}

/**
 * Adam with Nesterov's momentum: with g = ∇θ + λθ (or, decoupled, θ ← (1 - ηλ) θ and g = ∇θ), at the t-th change of θ,
 *
 *     μₜ = β₁ (1 - 0.96^(tψ) / 2),   m and v as in Adam,   Πₜ = μ₁ μ₂ … μₜ,
 *     θ ← θ - η (μₜ₊₁ m / (1 - Πₜ₊₁) + (1 - μₜ) g / (1 - Πₜ)) / (√(v / (1 - β₂ᵗ)) + ε).
 *
 * Dozat 2016, "Incorporating Nesterov momentum into Adam", algorithm 2 and its schedule of momentum.
 *
 * @throws RangeError when an option is out of range or the parameters are not each there once
 * @example
 * ```ts
 * import { Parameter, tensor } from '@ostinato/tensor'
 * import { NAdam } from '@ostinato/optim'
 * const weight = new Parameter(tensor([1, 2]))
 * new NAdam([weight]).step(new Map([[weight, tensor([4, -4])]]))
 * console.assert(weight.data[0] < 1 && weight.data[1] > 2)
 * ```
 */
export class NAdam extends Optimizer {
  readonly #options: Complete<NAdamOptions>

  constructor(parameters: Trainable, options: NAdamOptions = {}) {
    const settings = readOptions('NAdam', options, fields)
    const moments = { firstMoment: 0, secondMoment: 0 }
    super({ name: 'NAdam', trainable: parameters, settings, moments, scalars: { momentumProduct: 1 } })
    this.#options = settings
  }

  protected override change(change: Change): void {
    const { values, gradient, moments, scalars, step, learningRate, weightDecay } = change
    const { betas, epsilon, momentumDecay, decoupled, repeatedMomentum } = this.#options
    const [beta1, beta2] = betas
    const [first, second] = moments
    const momentum = beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay))
    const next = beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * momentumDecay))
    const product = scalars[0] * momentum
    scalars[0] = product
    const ofGradient = (learningRate * (1 - momentum)) / (1 - product)
    const ofMoment = (learningRate * next) / (1 - product * next * (repeatedMomentum ? momentum : 1))
    const scale = 1 / Math.sqrt(1 - beta2 ** step)
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
      values[i] = kept * w - (ofGradient * g + ofMoment * m) / (scale * Math.sqrt(v) + epsilon)
    }
  }
}
