// What Adam and AdamW share: options, moments and the change, which is a kernel. They differ only in where the weight
// decay enters. Not exported from the package.
import { adam } from '@ostinato/kernels'
import type { Change } from './optimizer.ts'
import { flag, fractions, nonNegative, positive, rate, type Fields } from './options.ts'
import type { Schedule } from './schedules/schedule.ts'

/** Options of `Adam` and `AdamW`. */
export interface AdamOptions {
  /** η; 0.001 by default. */
  readonly learningRate?: number | Schedule
  /** β₁ and β₂, how much of the first and second moment stays; [0.9, 0.999] by default. */
  readonly betas?: readonly [number, number]
  /** ε, above 0; 1e-8 by default. */
  readonly epsilon?: number
  /** λ; 0 for Adam and 0.01 for AdamW by default. */
  readonly weightDecay?: number
  /** Divides by the largest second moment so far (Reddi et al. 2018); false by default. */
  readonly amsgrad?: boolean
}

/** The fields of `AdamOptions`. */
export const adamFields = (weightDecay: number): Fields<AdamOptions> => ({
  learningRate: rate(1e-3),
  betas: fractions([0.9, 0.999]),
  epsilon: positive(1e-8),
  weightDecay: nonNegative(weightDecay),
  amsgrad: flag(false),
})

/** The moments of Adam: name -> initial value. */
export const adamMoments = (amsgrad: boolean): Record<string, number> =>
  amsgrad ? { firstMoment: 0, secondMoment: 0, largestSecondMoment: 0 } : { firstMoment: 0, secondMoment: 0 }

/** What `adamChange` needs besides the parameter. */
export interface AdamConstants {
  readonly betas: readonly [number, number]
  readonly epsilon: number
}

/**
 * One step of Adam. Of the values, the fraction `shrink` is taken away first (AdamW), and `penalty` times the values is
 * added to the gradient (Adam).
 */
export function adamChange(change: Change, { betas, epsilon }: AdamConstants, penalty: number, shrink: number): void {
  const { values, gradient, moments, step, learningRate } = change
  const [firstMoment, secondMoment, largestSecondMoment] = moments
  adam(
    { values, gradient, firstMoment, secondMoment, largestSecondMoment },
    { learningRate, betas, epsilon, step, penalty, shrink },
  )
}
