// The parameters that are measured and not trained. How a layer measures them stands in the layer.
import { Parameter, type Tensor } from '@ostinato/tensor'

const brand = Symbol.for('@ostinato/nn/running-statistic')

/**
 * A parameter that is measured and not trained, such as the mean that batch normalisation keeps. It belongs to a
 * model's state, and `unfreeze` leaves it alone.
 *
 * @example
 * ```ts
 * import { Module, RunningStatistic } from '@ostinato/nn'
 * import { zeros } from '@ostinato/tensor'
 * class Average extends Module {
 *   readonly mean = new RunningStatistic(zeros([3]))
 * }
 * const average = new Average().unfreeze()
 * console.assert(!average.mean.trainable && average.state().has('mean'))
 * ```
 */
export class RunningStatistic extends Parameter {
  // Not initialised here: a field with a computed name keeps the class in bundles that do not use it.
  declare readonly [brand]: true

  /** Takes over the values of `initial` (not copied). */
  constructor(initial: Tensor) {
    super(initial, { trainable: false })
    this[brand] = true
  }
}

/** Whether `parameter` is a running statistic, also one from another copy of this package. */
export function isRunningStatistic(parameter: Tensor): parameter is RunningStatistic {
  return brand in parameter
}
