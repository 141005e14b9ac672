// Schedules made of schedules: one after another, or with a gentle start. They only shift and scale.
import { nonNegative, readOptions, whole, type Field, type Fields } from '../options.ts'
import { show, throwFaults } from '../faults.ts'
import { checked, type Schedule } from './schedule.ts'

/** Options of `warmup`. */
export interface WarmupOptions {
  /**
   * The part of the full rate at step 0; 1 / (steps + 1) by default, so that the first step is one of as many equal
   * rises.
   */
  readonly from?: number
}

/** Options of `sequence`. */
export interface SequenceOptions {
  /** The steps at which the next schedule takes over, ascending: one fewer than there are schedules. */
  readonly milestones: readonly number[]
}

const ascending: Field<readonly number[]> = {
  byDefault: undefined,
  expected: 'a list of whole numbers of 0 or more, ascending',
  accepts: (value) => Array.isArray(value)
    && value.every((step, i) => Number.isSafeInteger(step) && step >= (i === 0 ? 0 : value[i - 1])),
}

const warmupFields: Fields<WarmupOptions & { readonly steps: number }> = { steps: whole(1), from: nonNegative() }
const sequenceFields: Fields<SequenceOptions> = { milestones: ascending }

/**
 * Rises along a line to the first rate of `schedule` within `steps` steps; then `schedule` begins, at its own step 0.
 * For t < steps the rate is schedule(0) · (from + (1 - from) t / steps).
 *
 * Goyal et al. 2017, "Accurate, large minibatch SGD: training ImageNet in 1 hour", §2.2.
 *
 * @throws RangeError when `schedule` is no function, `steps` no whole number above 0, or `from` out of range
 * @example
 * ```ts
 * import { cosineDecay, warmup } from '@ostinato/optim'
 * const schedule = warmup(cosineDecay(1, { steps: 90 }), 9)
 * console.assert(schedule(0) === 0.1 && schedule(9) === 1 && schedule(99) === 0)
 * ```
 */
export function warmup(schedule: Schedule, steps: number, options: WarmupOptions = {}): Schedule {
  checkSchedules('warmup', [schedule])
  const { from } = readOptions('warmup', { from: 1 / (steps + 1), ...options, steps }, warmupFields)
  return checked('warmup', (step) =>
    step < steps ? schedule(0) * (from + (1 - from) * (step / steps)) : schedule(step - steps))
}

/**
 * One schedule after another: `schedules[i]` begins, at its own step 0, at step `milestones[i - 1]`.
 *
 * @throws RangeError when an entry is no function, or the milestones do not ascend or do not fit in number
 * @example
 * ```ts
 * import { constant, cosineDecay, sequence } from '@ostinato/optim'
 * const schedule = sequence([cosineDecay(1, { steps: 10, minimum: 0.25 }), constant(0.25)], { milestones: [10] })
 * console.assert(schedule(0) === 1 && schedule(15) === 0.25)
 * ```
 */
export function sequence(schedules: readonly Schedule[], options: SequenceOptions): Schedule {
  checkSchedules('sequence', schedules)
  const { milestones } = readOptions('sequence', options, sequenceFields)
  const expected = schedules.length - 1
  if (milestones.length !== expected) {
    const got = milestones.length
    throwFaults('sequence', [`expected ${expected} milestones for ${schedules.length} schedules, got ${got}`])
  }
  const starts = [0, ...milestones]
  return checked('sequence', (step) => {
    let current = 0
    while (current + 1 < starts.length && step >= starts[current + 1]) current++
    return schedules[current](step - starts[current])
  })
}

function checkSchedules(where: string, schedules: readonly unknown[]): void {
  const faults = schedules
    .filter((schedule) => typeof schedule !== 'function')
    .map((schedule) => `expected a schedule, got ${show(schedule)}: make one with constant(rate)`)
  throwFaults(where, schedules.length === 0 ? ['expected at least one schedule, got none'] : faults)
}
