// Schedules that only fall: in steps, by a factor each step, or along a line. Cosines stand in `cosine.ts`.
import { nonNegative, positive, readOptions, whole, type Field, type Fields } from '../options.ts'
import { checked, checkRate, type Schedule } from './schedule.ts'

/** Options of `stepDecay`. */
export interface StepDecayOptions {
  /** After how many steps the rate falls, again and again. */
  readonly every: number
  /** What it is multiplied by; 0.1 by default. */
  readonly factor?: number
}

/** Options of `multiStepDecay`. */
export interface MultiStepDecayOptions {
  /** The steps at which the rate falls; one that is listed twice counts twice. */
  readonly milestones: readonly number[]
  /** What it is multiplied by; 0.1 by default. */
  readonly factor?: number
}

/** Options of `exponentialDecay`. */
export interface ExponentialDecayOptions {
  /** What the rate is multiplied by each step. */
  readonly factor: number
}

/** Options of `linearDecay`. */
export interface LinearDecayOptions {
  /** The step from which on the rate is `final`. */
  readonly steps: number
  /** The last rate; 0 by default. It may be above the first. */
  readonly final?: number
}

const milestones: Field<readonly number[]> = {
  byDefault: undefined,
  expected: 'a list of whole numbers of 0 or more',
  accepts: (value) => Array.isArray(value) && value.every((step) => Number.isSafeInteger(step) && step >= 0),
}

const stepFields: Fields<StepDecayOptions> = { every: whole(1), factor: positive(0.1) }
const multiStepFields: Fields<MultiStepDecayOptions> = { milestones, factor: positive(0.1) }
const exponentialFields: Fields<ExponentialDecayOptions> = { factor: positive() }
const linearFields: Fields<LinearDecayOptions> = { steps: whole(1), final: nonNegative(0) }

/**
 * Falls by `factor` every so many steps: ηₜ = η · factor^⌊t / every⌋.
 *
 * @throws RangeError when the rate or an option is out of range
 * @example
 * ```ts
 * import { stepDecay } from '@ostinato/optim'
 * const schedule = stepDecay(0.5, { every: 10, factor: 0.5 })
 * console.assert(schedule(9) === 0.5 && schedule(10) === 0.25)
 * ```
 */
export function stepDecay(learningRate: number, options: StepDecayOptions): Schedule {
  checkRate('stepDecay', learningRate)
  const { every, factor } = readOptions('stepDecay', options, stepFields)
  return checked('stepDecay', (step) => learningRate * factor ** Math.floor(step / every))
}

/**
 * Falls by `factor` at each of some steps: ηₜ = η · factor^(number of milestones ≤ t).
 *
 * @throws RangeError when the rate or an option is out of range
 * @example
 * ```ts
 * import { multiStepDecay } from '@ostinato/optim'
 * const schedule = multiStepDecay(0.5, { milestones: [10, 15], factor: 0.5 })
 * console.assert(schedule(10) === 0.25 && schedule(15) === 0.125)
 * ```
 */
export function multiStepDecay(learningRate: number, options: MultiStepDecayOptions): Schedule {
  checkRate('multiStepDecay', learningRate)
  const { milestones, factor } = readOptions('multiStepDecay', options, multiStepFields)
  const sorted = Float64Array.from(milestones).sort()
  const passed = (step: number) => {
    const next = sorted.findIndex((milestone) => !(milestone <= step))
    return next < 0 ? sorted.length : next
  }
  return checked('multiStepDecay', (step) => learningRate * factor ** passed(step))
}

/**
 * Falls by `factor` every step: ηₜ = η · factorᵗ.
 *
 * @throws RangeError when the rate or an option is out of range
 * @example
 * ```ts
 * import { exponentialDecay } from '@ostinato/optim'
 * console.assert(exponentialDecay(0.5, { factor: 0.5 })(2) === 0.125)
 * ```
 */
export function exponentialDecay(learningRate: number, options: ExponentialDecayOptions): Schedule {
  checkRate('exponentialDecay', learningRate)
  const { factor } = readOptions('exponentialDecay', options, exponentialFields)
  return checked('exponentialDecay', (step) => learningRate * factor ** step)
}

/**
 * Goes along a line to `final` and stays there: ηₜ = η + (final - η) · min(t / steps, 1).
 *
 * @throws RangeError when the rate or an option is out of range
 * @example
 * ```ts
 * import { linearDecay } from '@ostinato/optim'
 * const schedule = linearDecay(1, { steps: 4 })
 * console.assert(schedule(1) === 0.75 && schedule(9) === 0)
 * ```
 */
export function linearDecay(learningRate: number, options: LinearDecayOptions): Schedule {
  checkRate('linearDecay', learningRate)
  const { steps, final } = readOptions('linearDecay', options, linearFields)
  return checked('linearDecay', (step) =>
    step >= steps ? final : learningRate + (final - learningRate) * (step / steps))
}
