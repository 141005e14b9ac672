// What a learning-rate schedule is, and the simplest one. The others stand beside this file; none knows an optimizer.
import { show, throwFaults } from '../faults.ts'

/**
 * The learning rate of each step, counted from 0. A pure function: nothing to save, nothing to advance, the same rate
 * for the same step. Those of this package throw a `RangeError` for a step that is no whole number of 0 or more.
 */
export type Schedule = (step: number) => number

/**
 * The same rate at every step.
 *
 * @throws RangeError when `learningRate` is negative or not finite
 * @example
 * ```ts
 * import { constant } from '@ostinato/optim'
 * console.assert(constant(0.1)(1000) === 0.1)
 * ```
 */
export function constant(learningRate: number): Schedule {
  checkRate('constant', learningRate)
  return checked('constant', () => learningRate)
}

/** `schedule` for the steps there are: whole numbers of 0 or more; it throws a `RangeError` for any other. */
export function checked(where: string, schedule: Schedule): Schedule {
  return (step) => {
    if (Number.isSafeInteger(step) && step >= 0) return schedule(step)
    throw new RangeError(`${where}: expected step to be a whole number of 0 or more, got ${show(step)}`)
  }
}

/** Throws unless `learningRate` is a finite number of 0 or more. */
export function checkRate(where: string, learningRate: unknown): void {
  if (typeof learningRate === 'number' && learningRate >= 0 && learningRate < Infinity) return
  throwFaults(where, [`expected learningRate to be a finite number of 0 or more, got ${show(learningRate)}`])
}
