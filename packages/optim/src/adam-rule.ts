// The loop that Adam and AdamW share; they differ only in where the weight decay enters. Not exported from the package.
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
 * One step of Adam. Of `values`, the fraction `shrink` is taken away first (AdamW), and `penalty` times `values` is
 * added to the gradient (Adam).
 */
export function adamChange(change: Change, { betas, epsilon }: AdamConstants, penalty: number, shrink: number): void {
  const { values, gradient, moments, step, learningRate } = change
  const [beta1, beta2] = betas
  const [first, second, largest] = moments
  const entering1 = 1 - beta1
  const entering2 = 1 - beta2
  const kept = 1 - shrink
  const size = learningRate / (1 - beta1 ** step)
  const scale = 1 / Math.sqrt(1 - beta2 ** step)
  const n = values.length
  if (largest === undefined) {
    for (let i = 0; i < n; i++) {
      const w = values[i]
      const g = gradient[i] + penalty * w
      // A row of an embedding that no batch has named yet, say: without moments it does not move.
      if (g === 0 && first[i] === 0 && second[i] === 0) {
        if (shrink !== 0) values[i] = kept * w
        continue
      }
      const m = first[i] + entering1 * (g - first[i])
      const v = beta2 * second[i] + entering2 * g * g
      first[i] = m
      second[i] = v
      values[i] = kept * w - (size * m) / (scale * Math.sqrt(v) + epsilon)
    }
    return
  }
  for (let i = 0; i < n; i++) {
    const w = values[i]
    const g = gradient[i] + penalty * w
    const m = first[i] + entering1 * (g - first[i])
    const v = beta2 * second[i] + entering2 * g * g
    const top = Math.max(largest[i], v)
    first[i] = m
    second[i] = v
    largest[i] = top
    values[i] = kept * w - (size * m) / (scale * Math.sqrt(top) + epsilon)
  }
}
