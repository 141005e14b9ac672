// Which rows come in which batch of an epoch: a pure function of its arguments. Reads no data.
import { Rng } from '@ostinato/tensor'

/** What decides the order of an epoch. */
export interface OrderOptions {
  /** The number of rows. */
  readonly count: number
  readonly batchSize: number
  readonly dropLast: boolean
  /** Absent: rows keep their order. */
  readonly seed: number | undefined
  /** The length of each row, by which batches are bucketed; absent: they are not. */
  readonly lengths: Int32Array | undefined
  /** How many batches make a pool that is sorted by length. */
  readonly bucketSize: number
}

/** The rows of each batch of epoch `epoch`, in the order of the batches. All are views of one array. */
export function epochOrder(epoch: number, options: OrderOptions): Int32Array[] {
  const { count, batchSize, dropLast, seed, lengths, bucketSize } = options
  const rng = seed === undefined ? undefined : epochRng(seed, epoch)
  const all = rng ? rng.permutation(count) : new Int32Array(count).map((_, i) => i)
  // What dropLast leaves out is chosen before sorting, or it would always be the longest rows.
  const rows = all.subarray(0, dropLast ? count - (count % batchSize) : count)
  if (lengths) {
    const pool = batchSize * bucketSize
    for (let at = 0; at < rows.length; at += pool) sortByLength(rows.subarray(at, at + pool), lengths)
  }
  const batches = Math.ceil(rows.length / batchSize)
  // Without buckets, the rows' own order is random enough, and the batch that is not full stays last.
  const order = rng && lengths ? rng.permutation(batches) : new Int32Array(batches).map((_, i) => i)
  return Array.from(order, (batch) => rows.subarray(batch * batchSize, (batch + 1) * batchSize))
}

/** A generator of its own for each epoch. */
function epochRng(seed: number, epoch: number): Rng {
  let rng = new Rng(seed)
  for (let i = 0; i <= epoch; i++) rng = rng.split()
  return rng
}

/** Sorts `rows` in place from short to long; rows of one length keep their order. */
function sortByLength(rows: Int32Array, lengths: Int32Array): void {
  const before = rows.slice()
  const places = before.map((_, i) => i)
  places.sort((a, b) => lengths[before[a]] - lengths[before[b]] || a - b)
  places.forEach((place, i) => {
    rows[i] = before[place]
  })
}
