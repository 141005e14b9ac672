// True lengths of the rows of a padded batch, as callers may give them. Layers that run over time are in
// `@ostinato/rnn`.
import { isTensor, type Tensor } from '@ostinato/tensor'

/** The number of valid steps of each row of a batch padded on the right; any order, zero allowed. */
export type Lengths = readonly number[] | Int32Array | Tensor<'int32'>

/** What lengths are checked against. */
export interface LengthLimits {
  /** How many rows there are. */
  readonly rows: number
  /** The greatest length. */
  readonly limit: number
}

/**
 * The lengths as an array (absent: every row is full), with what is wrong with them: their number, or those that are
 * not integers from 0 to `limit`. For layers of one's own, which throw the faults beside others.
 *
 * @param name what a fault calls them
 * @example
 * ```ts
 * import { readLengths } from '@ostinato/nn'
 * const { values, faults } = readLengths('lengths', [3, 9], { rows: 2, limit: 5 })
 * console.assert(values[0] === 3 && faults[0] === 'expected lengths from 0 to 5, got 9 in row 1')
 * ```
 */
export function readLengths(name: string, lengths: Lengths | undefined, { rows, limit }: LengthLimits): {
  readonly values: Int32Array
  readonly faults: string[]
} {
  if (lengths === undefined) return { values: new Int32Array(rows).fill(limit), faults: [] }
  const values: ArrayLike<number> = isTensor(lengths) ? lengths.data : lengths
  if (values.length !== rows) {
    return { values: new Int32Array(rows), faults: [`expected ${rows} ${name}, one for each row, got ${values.length}`] }
  }
  const faults = Array.from(values).flatMap((n, row) =>
    Number.isInteger(n) && n >= 0 && n <= limit ? [] : [`expected ${name} from 0 to ${limit}, got ${n} in row ${row}`])
  return { values: Int32Array.from(values), faults }
}
