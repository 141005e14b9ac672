// How the losses of single elements become one. Every loss takes the same option.
import { formatShape, mean, sameShape, sum, type Tensor } from '@ostinato/tensor'
import { throwFaults } from '../check.ts'

/** `mean`: the average over all elements. `sum`: their sum. `none`: each by itself. */
export type Reduction = 'mean' | 'sum' | 'none'

/** The option that every loss has. */
export interface ReductionOption {
  /** Default `mean`. */
  readonly reduction?: Reduction
}

/** Reduces `losses` to a scalar, or leaves them. */
export function reduce(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'none') return losses
  return reduction === 'sum' ? sum(losses) : mean(losses)
}

/** The faults of a reduction that is none of the three. */
export function reductionFaults(reduction: Reduction): string[] {
  return ['mean', 'sum', 'none'].includes(reduction) ? [] : [`expected reduction 'mean', 'sum' or 'none', got '${reduction}'`]
}

/** Throws unless prediction and target have one shape and type: a silent broadcast would compare every pair. */
export function checkPair(where: string, prediction: Tensor, target: Tensor): void {
  const faults: string[] = []
  if (!sameShape(prediction.shape, target.shape)) {
    faults.push(`expected targets of shape ${formatShape(prediction.shape)}, got ${formatShape(target.shape)}`)
  }
  if (prediction.dtype !== target.dtype) faults.push(`expected targets of type ${prediction.dtype}, got ${target.dtype}`)
  throwFaults(where, faults)
}
