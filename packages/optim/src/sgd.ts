// Stochastic gradient descent, plain, with momentum, and with Nesterov's. Nothing adaptive.
import { sgd } from '@ostinato/kernels'
import { Optimizer, type Change } from './optimizer.ts'
import { flag, fraction, nonNegative, rate, readOptions, type Complete, type Fields } from './options.ts'
import type { Trainable } from './parameters.ts'
import type { Schedule } from './schedules/schedule.ts'

/** Options of `SGD`. */
export interface SGDOptions {
  /** η; 0.001 by default. */
  readonly learningRate?: number | Schedule
  /** μ, how much of the velocity stays; 0 by default. */
  readonly momentum?: number
  /** τ, how much less of the gradient enters the velocity; 0 by default. */
  readonly dampening?: number
  /** Looks ahead along the velocity; false by default. Needs a momentum, and no dampening. */
  readonly nesterov?: boolean
  /** λ, added to the gradient as λθ; 0 by default. */
  readonly weightDecay?: number
}

const fields: Fields<SGDOptions> = {
  learningRate: rate(1e-3),
  momentum: nonNegative(0),
  dampening: fraction(0),
  nesterov: flag(false),
  weightDecay: nonNegative(0),
}

const check = ({ nesterov, momentum, dampening }: Complete<SGDOptions>) =>
  nesterov && (momentum === 0 || dampening !== 0)
    ? [`expected a momentum above 0 and no dampening with nesterov, got momentum ${momentum}, dampening ${dampening}`]
    : []

/**
 * Stochastic gradient descent: with g = ∇θ + λθ,
 *
 *     v ← μ v + (1 - τ) g   (v = g the first time),   θ ← θ - η v,
 *
 * with Nesterov's momentum θ ← θ - η (g + μ v), without momentum θ ← θ - η g.
 *
 * Robbins and Monro 1951; momentum and Nesterov's form after Sutskever et al. 2013, "On the importance of
 * initialization and momentum in deep learning".
 *
 * @throws RangeError when an option is out of range or the parameters are not each there once
 * @example
 * ```ts
 * import { Parameter, tensor } from '@ostinato/tensor'
 * import { SGD } from '@ostinato/optim'
 * const weight = new Parameter(tensor([1, 2]))
 * new SGD([weight], { learningRate: 0.5 }).step(new Map([[weight, tensor([1, 1])]]))
 * console.assert(weight.data[0] === 0.5 && weight.data[1] === 1.5)
 * ```
 */
export class SGD extends Optimizer {
  readonly #momentum: number
  readonly #dampening: number
  readonly #nesterov: boolean

  constructor(parameters: Trainable, options: SGDOptions = {}) {
    const settings = readOptions('SGD', options, fields, check)
    const moments = settings.momentum === 0 ? {} : { velocity: 0 }
    super({ name: 'SGD', trainable: parameters, settings, moments })
    this.#momentum = settings.momentum
    this.#dampening = settings.dampening
    this.#nesterov = settings.nesterov
  }

  protected override change({ values, gradient, moments, step, learningRate, weightDecay }: Change): void {
    sgd(
      { values, gradient, velocity: moments.at(0) },
      {
        learningRate,
        penalty: weightDecay,
        momentum: this.#momentum,
        dampening: this.#dampening,
        nesterov: this.#nesterov,
        step,
      },
    )
  }
}
