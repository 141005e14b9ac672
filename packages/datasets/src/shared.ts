// Counts what two data sets have in common: a check for leaks between parts that were cut elsewhere.
import type { Rows } from './dataset.ts'

/** What makes two rows the same. */
export interface SharedOptions<T> {
  readonly by: (item: T) => unknown
}

/**
 * The number of rows of `rows` whose key also occurs in `others`; keys are compared as `Map` does.
 *
 * @example
 * ```ts
 * import { countShared, dataset } from '@ostinato/datasets'
 * const train = dataset(['good', 'bad', 'good'])
 * const test = dataset(['good', 'dull'])
 * console.assert(countShared(test, train, { by: (text) => text }) === 1)
 * ```
 */
export function countShared<T>(rows: Rows<T>, others: Rows<T>, { by }: SharedOptions<T>): number {
  const known = new Set<unknown>()
  for (let i = 0; i < others.length; i++) known.add(by(others.get(i)))
  let count = 0
  for (let i = 0; i < rows.length; i++) if (known.has(by(rows.get(i)))) count++
  return count
}
