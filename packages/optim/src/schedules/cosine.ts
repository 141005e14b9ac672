// Schedules along a cosine: one half wave, or one after another. The one cycle stands in `one-cycle.ts`.
import { nonNegative, readOptions, whole, type Complete, type Fields } from '../options.ts'
import { checked, checkRate, type Schedule } from './schedule.ts'

/** Options of `cosineDecay`. */
export interface CosineDecayOptions {
  /** The step at which the rate is lowest. */
  readonly steps: number
  /** The lowest rate; 0 by default. */
  readonly minimum?: number
}

/** Options of `warmRestarts`. */
export interface WarmRestartsOptions {
  /** The length of the first cycle, in steps. */
  readonly period: number
  /** How much longer each cycle is than the one before: a whole number, 1 by default. */
  readonly growth?: number
  /** The rate that each cycle falls to; 0 by default. */
  readonly minimum?: number
}

const cosineFields: Fields<CosineDecayOptions> = { steps: whole(1), minimum: nonNegative(0) }
const restartFields: Fields<WarmRestartsOptions> = { period: whole(1), growth: whole(1, 1), minimum: nonNegative(0) }

const halfWave = (from: number, to: number, part: number) => to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2

/**
 * Falls along half a cosine: ηₜ = η_min + (η - η_min)(1 + cos(π t / steps)) / 2.
 *
 * Past `steps` the wave goes on and the rate climbs again, as PyTorch's does; to stay low, put `constant` after it with
 * `sequence`. Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm restarts", eq. 5.
 *
 * @throws RangeError when the rate or an option is out of range
 * @example
 * ```ts
 * import { cosineDecay } from '@ostinato/optim'
 * const schedule = cosineDecay(1, { steps: 10 })
 * console.assert(schedule(0) === 1 && schedule(10) === 0)
 * ```
 */
export function cosineDecay(learningRate: number, options: CosineDecayOptions): Schedule {
  checkRate('cosineDecay', learningRate)
  const { steps, minimum } = readOptions('cosineDecay', options, cosineFields)
  return checked('cosineDecay', (step) => halfWave(learningRate, minimum, step / steps))
}

/**
 * Falls along half a cosine, starts again at the top, and so on, each cycle `growth` times as long as the last: ηₜ =
 * η_min + (η - η_min)(1 + cos(π t' / T)) / 2, with t' the steps since the last restart and T the length of the cycle.
 *
 * Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm restarts", §3.
 *
 * @throws RangeError when the rate or an option is out of range
 * @example
 * ```ts
 * import { warmRestarts } from '@ostinato/optim'
 * const schedule = warmRestarts(1, { period: 10, growth: 2 })
 * console.assert(schedule(10) === 1 && schedule(29) < 0.01 && schedule(30) === 1)
 * ```
 */
export function warmRestarts(learningRate: number, options: WarmRestartsOptions): Schedule {
  checkRate('warmRestarts', learningRate)
  const { minimum, ...cycles } = readOptions('warmRestarts', options, restartFields)
  return checked('warmRestarts', (step) => halfWave(learningRate, minimum, partOfCycle(step, cycles)))
}

/** How much of its cycle has gone by at a step, from 0 to below 1. */
function partOfCycle(step: number, { period, growth }: Omit<Complete<WarmRestartsOptions>, 'minimum'>): number {
  if (growth === 1) return (step % period) / period
  let length = period
  let left = step
  while (left >= length) {
    left -= length
    length *= growth
  }
  return left / length
}
