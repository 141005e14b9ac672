// The one-cycle schedule: up to a peak, down to almost nothing. Of the rate only: a momentum stays as it is.
import { flag, oneOf, positive, readOptions, whole, type Complete, type Field, type Fields } from '../options.ts'
import { checked, checkRate, type Schedule } from './schedule.ts'

/** Options of `oneCycle`. */
export interface OneCycleOptions {
  /** The number of steps of the whole course; the rate of the last one is held after it. */
  readonly steps: number
  /** The part of the course in which the rate climbs; 0.3 by default, at most 0.5 with three phases. */
  readonly warmupFraction?: number
  /** How much lower than the peak the first rate is: peak / this; 25 by default. */
  readonly initialDivisor?: number
  /** How much lower than the first rate the last one is: first / this; 10,000 by default. */
  readonly finalDivisor?: number
  /** The form of the way between two rates; 'cosine' by default. */
  readonly anneal?: 'cosine' | 'linear'
  /**
   * Climb, fall back to the first rate in as many steps, then to the last; false by default: climb, then fall to the
   * last.
   */
  readonly threePhases?: boolean
}

const warmupFraction: Field<number> = {
  byDefault: 0.3,
  expected: 'a number from 0 to 1',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1,
}

const fields: Fields<OneCycleOptions> = {
  steps: whole(1),
  warmupFraction,
  initialDivisor: positive(25),
  finalDivisor: positive(1e4),
  anneal: oneOf('cosine', ['linear']),
  threePhases: flag(false),
}

const check = ({ threePhases, warmupFraction }: Complete<OneCycleOptions>) =>
  threePhases && warmupFraction > 0.5
    ? [`expected warmupFraction to be at most 0.5 with three phases, got ${warmupFraction}`]
    : []

const forms = {
  cosine: (from: number, to: number, part: number) => to + ((from - to) / 2) * (1 + Math.cos(Math.PI * part)),
  linear: (from: number, to: number, part: number) => from + (to - from) * part,
}

/**
 * Climbs from peak / initialDivisor to the peak and falls to peak / initialDivisor / finalDivisor, along half cosines
 * or lines. The climb ends at step warmupFraction · steps - 1, the course at step steps - 1.
 *
 * Smith and Topin 2018, "Super-convergence: very fast training of neural networks using large learning rates".
 *
 * @throws RangeError when the rate or an option is out of range
 * @example
 * ```ts
 * import { oneCycle } from '@ostinato/optim'
 * const schedule = oneCycle(1, { steps: 100 })
 * console.assert(schedule(0) < 0.05 && schedule(29) === 1 && schedule(99) < 1e-5)
 * ```
 */
export function oneCycle(peak: number, options: OneCycleOptions): Schedule {
  checkRate('oneCycle', peak)
  const settings = readOptions('oneCycle', options, fields, check)
  const { steps, warmupFraction, initialDivisor, finalDivisor, anneal, threePhases } = settings
  const first = peak / initialDivisor
  const last = first / finalDivisor
  const top = warmupFraction * steps - 1
  const end = steps - 1
  const way = forms[anneal]
  const turns = [
    { at: 0, rate: first },
    { at: top, rate: peak },
    ...(threePhases ? [{ at: 2 * warmupFraction * steps - 2, rate: first }] : []),
    { at: end, rate: last },
  ]
  return checked('oneCycle', (step) => {
    const now = Math.min(step, end)
    // Turns may lie between whole steps, and the first before step 0: then its phase is skipped.
    const next = turns.findIndex(({ at }, i) => i > 0 && now <= at)
    const [from, to] = [turns[next - 1], turns[next]]
    return to.at === from.at ? to.rate : way(from.rate, to.rate, (now - from.at) / (to.at - from.at))
  })
}
