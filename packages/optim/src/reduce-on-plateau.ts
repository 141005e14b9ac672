// A learning rate that falls when a metric stops getting better. The one rate with a state; schedules proper are
// functions.
import { show, throwFaults } from './faults.ts'
import { fraction, nonNegative, oneOf, readOptions, whole, type Complete, type Field, type Fields } from './options.ts'
import type { Schedule } from './schedules/schedule.ts'

/** Options of `ReduceOnPlateau`. */
export interface ReduceOnPlateauOptions {
  /** The first rate. */
  readonly learningRate: number
  /** Whether a lower or a higher metric is better; 'minimum' by default. */
  readonly goal?: 'minimum' | 'maximum'
  /** What the rate is multiplied by, below 1; 0.1 by default. */
  readonly factor?: number
  /** How many observations in a row may be no better before the rate falls; 10 by default. */
  readonly patience?: number
  /** By how much an observation must be better than the best so far to count as better; 1e-4 by default. */
  readonly threshold?: number
  /** Whether `threshold` is a part of the best so far or an absolute difference; 'relative' by default. */
  readonly thresholdMode?: 'relative' | 'absolute'
  /** For how many observations after a fall nothing is counted; 0 by default. */
  readonly cooldown?: number
  /** The rate does not fall below this; 0 by default. */
  readonly minimum?: number
  /** A fall by no more than this is left out; 1e-8 by default. */
  readonly smallestChange?: number
}

/** The state of a `ReduceOnPlateau`: plain JSON. */
export interface PlateauState {
  readonly learningRate: number
  /** The best metric so far; null before the first observation that is better than none. */
  readonly best: number | null
  /** Observations in a row that were no better. */
  readonly waited: number
  /** Observations left during which nothing is counted. */
  readonly cooldownLeft: number
}

const fields: Fields<ReduceOnPlateauOptions> = {
  learningRate: nonNegative(),
  goal: oneOf('minimum', ['maximum']),
  factor: fraction(0.1),
  patience: whole(0, 10),
  threshold: nonNegative(1e-4),
  thresholdMode: oneOf('relative', ['absolute']),
  cooldown: whole(0, 0),
  minimum: nonNegative(0),
  smallestChange: nonNegative(1e-8),
}

const best: Field<number | null> = {
  byDefault: undefined,
  expected: 'a finite number or null',
  accepts: (value) => value === null || Number.isFinite(value),
}

const stateFields: Fields<PlateauState> = {
  learningRate: nonNegative(),
  best,
  waited: whole(0),
  cooldownLeft: whole(0),
}

/**
 * Multiplies the learning rate by `factor` when `patience` observations in a row were no better than the best before
 * them. Give an optimizer its `schedule`, and tell it the metric after each epoch with `observe`.
 *
 * With the goal 'minimum', better means metric < best (1 - threshold), or metric < best - threshold when absolute; with
 * 'maximum', metric > best (1 + threshold), or metric > best + threshold.
 *
 * @throws RangeError when an option is out of range
 * @example
 * ```ts
 * import { ReduceOnPlateau } from '@ostinato/optim'
 * const plateau = new ReduceOnPlateau({ learningRate: 1, factor: 0.5, patience: 1 })
 * const rates = [3, 2, 2, 2].map((loss) => plateau.observe(loss))
 * console.assert(rates.join() === '1,1,1,0.5' && plateau.schedule(0) === 0.5)
 * ```
 */
export class ReduceOnPlateau {
  /** The present rate, whatever the step; to be given to an optimizer, or to `warmup`. */
  readonly schedule: Schedule = () => this.learningRate
  readonly #options: Complete<ReduceOnPlateauOptions>
  #state: PlateauState

  constructor(options: ReduceOnPlateauOptions) {
    this.#options = readOptions('ReduceOnPlateau', options, fields)
    this.#state = { learningRate: this.#options.learningRate, best: null, waited: 0, cooldownLeft: 0 }
  }

  /** The present learning rate. */
  get learningRate(): number {
    return this.#state.learningRate
  }

  /**
   * Takes note of a metric and returns the learning rate from now on.
   * @throws RangeError when the metric is NaN or infinitely good
   */
  observe(metric: number): number {
    const { patience, cooldown, goal } = this.#options
    if (typeof metric !== 'number' || !(goal === 'minimum' ? metric > -Infinity : metric < Infinity)) {
      const expected = 'expected a metric that is finite, or infinitely bad'
      throwFaults('ReduceOnPlateau.observe', [`${expected}, got ${show(metric)}: has training diverged?`])
    }
    const { learningRate, cooldownLeft } = this.#state
    const better = this.#isBetter(metric)
    const best = better ? metric : this.#state.best
    const waited = better || cooldownLeft > 0 ? 0 : this.#state.waited + 1
    this.#state = waited > patience
      ? { best, learningRate: this.#reduced(learningRate), waited: 0, cooldownLeft: cooldown }
      : { best, learningRate, waited, cooldownLeft: Math.max(0, cooldownLeft - 1) }
    return this.learningRate
  }

  /** The state as plain JSON. */
  state(): PlateauState {
    return { ...this.#state }
  }

  /**
   * Goes on from a state that `state()` gave.
   * @throws RangeError when it is not such a state; then nothing has changed
   */
  loadState(state: PlateauState): void {
    this.#state = readOptions<PlateauState>('ReduceOnPlateau.loadState', state, stateFields)
  }

  #isBetter(metric: number): boolean {
    const { goal, threshold, thresholdMode } = this.#options
    const sign = goal === 'minimum' ? -1 : 1
    const { best } = this.#state
    if (best === null) return sign * metric > -Infinity
    const bar = thresholdMode === 'relative' ? best * (1 + sign * threshold) : best + sign * threshold
    return sign * metric > sign * bar
  }

  #reduced(learningRate: number): number {
    const { factor, minimum, smallestChange } = this.#options
    const reduced = Math.max(learningRate * factor, minimum)
    return learningRate - reduced > smallestChange ? reduced : learningRate
  }
}
