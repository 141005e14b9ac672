// True lengths of the rows of a padded batch, as callers may give them. Layers that run over time are in `@ostinato/rnn`.
import { isTensor, type Tensor } from '@ostinato/tensor'

/** The number of valid steps of each row of a batch padded on the right; zero allowed. */
export type Lengths = readonly number[] | Int32Array | Tensor<'int32'>

/**
 * The lengths as an array (absent: every row is full) and what is wrong with them: their number, or one that is not an integer
 * from 0 to `limit`.
 */
export function readLengths(name: string, lengths: Lengths | undefined, { rows, limit }: {
  readonly rows: number
  readonly limit: number
}): { readonly values: Int32Array; readonly faults: string[] } {
  if (lengths === undefined) return { values: new Int32Array(rows).fill(limit), faults: [] }
  const values: ArrayLike<number> = isTensor(lengths) ? lengths.data : lengths
  if (values.length !== rows) {
    return { values: new Int32Array(rows), faults: [`expected ${rows} ${name}, one for each row, got ${values.length}`] }
  }
  const faults = Array.from(values).flatMap((n, row) =>
    Number.isInteger(n) && n >= 0 && n <= limit ? [] : [`expected ${name} from 0 to ${limit}, got ${n} in row ${row}`])
  return { values: Int32Array.from(values), faults }
}
