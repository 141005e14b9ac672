// Losses between numbers.
import { abs, add, minimum, multiply, square, subtract, type Tensor } from '@ostinato/tensor'
import { throwRangeFaults } from '../check.ts'
import { checkPair, reduce, reductionFaults, type ReductionOption } from './reduction.ts'

/**
 * `(prediction - target)²`, reduced.
 *
 * @param prediction any shape
 * @param target the same shape and type
 * @returns a scalar, or with `reduction: 'none'` the shape of `prediction`
 * @throws ShapeError when shapes or types differ (nothing is broadcast)
 * @example
 * ```ts
 * import { meanSquaredError } from '@ostinato/nn'
 * import { tensor } from '@ostinato/tensor'
 * console.assert(meanSquaredError(tensor([1, 2]), tensor([1, 4])).item() === 2)
 * ```
 */
export function meanSquaredError(prediction: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  const { reduction = 'mean' } = options
  throwRangeFaults('meanSquaredError', reductionFaults(reduction))
  checkPair('meanSquaredError', prediction, target)
  return reduce(square(subtract(prediction, target)), reduction)
}

/**
 * `|prediction - target|`, reduced (L1). Its gradient where they are equal is 0.
 *
 * @param prediction any shape
 * @param target the same shape and type
 * @returns a scalar, or with `reduction: 'none'` the shape of `prediction`
 * @throws ShapeError when shapes or types differ (nothing is broadcast)
 * @example
 * ```ts
 * import { meanAbsoluteError } from '@ostinato/nn'
 * import { tensor } from '@ostinato/tensor'
 * console.assert(meanAbsoluteError(tensor([1, 2]), tensor([1, 4])).item() === 1)
 * ```
 */
export function meanAbsoluteError(prediction: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  const { reduction = 'mean' } = options
  throwRangeFaults('meanAbsoluteError', reductionFaults(reduction))
  checkPair('meanAbsoluteError', prediction, target)
  return reduce(abs(subtract(prediction, target)), reduction)
}

/** The options of `huber`. */
export interface HuberOptions extends ReductionOption {
  /** The distance at which the square turns into a straight line. Default 1. */
  readonly delta?: number
}

/**
 * With `d = |prediction - target|`: `d² / 2` where `d <= delta`, else `delta (d - delta / 2)`; reduced. Huber 1964,
 * "Robust estimation of a location parameter", §2.
 *
 * @param prediction any shape
 * @param target the same shape and type
 * @returns a scalar, or with `reduction: 'none'` the shape of `prediction`
 * @throws ShapeError when shapes or types differ (nothing is broadcast)
 * @throws RangeError when `delta` is not above 0 and finite
 * @example
 * ```ts
 * import { huber } from '@ostinato/nn'
 * import { tensor } from '@ostinato/tensor'
 * const losses = huber(tensor([1, 5]), tensor([0, 0]), { delta: 2, reduction: 'none' })
 * console.assert(losses.data[0] === 0.5 && losses.data[1] === 8)
 * ```
 */
export function huber(prediction: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
  const { delta = 1, reduction = 'mean' } = options
  throwRangeFaults('huber', [
    ...reductionFaults(reduction),
    ...(delta > 0 && delta < Infinity ? [] : [`expected delta above 0 and finite, got ${delta}`]),
  ])
  checkPair('huber', prediction, target)
  const distance = abs(subtract(prediction, target))
  const near = minimum(distance, delta)
  // near²/2 + delta (distance - near): the second part is 0 up to delta.
  return reduce(add(multiply(square(near), 0.5), multiply(subtract(distance, near), delta)), reduction)
}
