// Schedules of scheduled sampling: how the probability of the given token falls as training goes on.
import { throwRangeFaults } from '../checks.ts'

/** From a training step, counted from 0, to the probability of teacher forcing. */
export type TeacherSchedule = (step: number) => number

/**
 * Linear decay, `max(minimum, start - slope step)` (Bengio et al. 2015, "Scheduled sampling for sequence prediction
 * with recurrent neural networks", §2.4).
 *
 * @throws RangeError unless `start` and `minimum` are probabilities and `slope` is 0 or more
 * @example
 * ```ts
 * import { linearTeacherDecay } from '@ostinato/rnn'
 * const teacher = linearTeacherDecay({ slope: 0.01, minimum: 0.2 })
 * console.assert(teacher(0) === 1 && teacher(50) === 0.5 && teacher(500) === 0.2)
 * ```
 */
export function linearTeacherDecay({
  start = 1,
  slope,
  minimum = 0,
}: {
  readonly start?: number
  readonly slope: number
  readonly minimum?: number
}): TeacherSchedule {
  throwRangeFaults('linearTeacherDecay', [
    ...rangeFaults('start', start, [0, 1]),
    ...rangeFaults('minimum', minimum, [0, 1]),
    ...rangeFaults('slope', slope, [0, Infinity]),
  ])
  return (step) => Math.max(minimum, start - slope * step)
}

/**
 * Exponential decay, `base ** step` (Bengio et al. 2015, §2.4).
 *
 * @throws RangeError unless `base` is from 0 to 1
 */
export function exponentialTeacherDecay({ base }: { readonly base: number }): TeacherSchedule {
  throwRangeFaults('exponentialTeacherDecay', rangeFaults('base', base, [0, 1]))
  return (step) => base ** step
}

/**
 * Inverse sigmoid decay, `k / (k + exp(step / k))`: near 1 for long, 0.5 at `k ln k`, then to 0 (Bengio et al. 2015,
 * §2.4).
 *
 * @throws RangeError unless `k` is 1 or more
 */
export function inverseSigmoidTeacherDecay({ k }: { readonly k: number }): TeacherSchedule {
  throwRangeFaults('inverseSigmoidTeacherDecay', rangeFaults('k', k, [1, Number.MAX_VALUE]))
  return (step) => k / (k + Math.exp(step / k))
}

const rangeFaults = (name: string, value: number, [low, high]: readonly [number, number]): string[] =>
  value >= low && value <= high ? [] : [`expected ${name} from ${low} to ${high}, got ${value}`]
