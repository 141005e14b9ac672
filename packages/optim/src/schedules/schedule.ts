// What a learning-rate schedule is, and the simplest one. The others stand beside this file; none knows an optimizer.
import { show, throwFaults } from '../faults.ts'

/**
 * The learning rate of each step, counted from 0. A pure function: nothing to save, nothing to advance, the same rate
 * for the same step.
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
  return () => learningRate
}

/** Throws unless `learningRate` is a finite number of 0 or more. */
export function checkRate(where: string, learningRate: unknown): void {
  if (typeof learningRate === 'number' && learningRate >= 0 && learningRate < Infinity) return
  throwFaults(where, [`expected learningRate to be a finite number of 0 or more, got ${show(learningRate)}`])
}
