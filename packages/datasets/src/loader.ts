// The loader: rows -> batches, epoch by epoch. The order of an epoch is in order.ts, the iterators are in batches.ts;
// what a batch is made of is up to `collate`.
import { Batches, PrefetchedBatches, type Cursor, type Walk } from './batches.ts'
import type { Rows } from './dataset.ts'
import { fail, failIfAny, isCount, show } from './errors.ts'
import { epochOrder, type OrderOptions } from './order.ts'

/** How a loader makes batches. */
export interface DataLoaderOptions<T, B> {
  /** Rows in a batch; the last of an epoch may have fewer. */
  readonly batchSize: number
  /**
   * Rows -> batch, such as padded tensors. `indices` are the numbers of the rows; do not change them. May be
   * asynchronous: see `prefetch`.
   */
  readonly collate: (items: readonly T[], indices: Int32Array) => B
  /** Shuffles each epoch anew with this seed, any whole number. Absent: rows keep their order. */
  readonly seed?: number
  /** Leave out the rows that do not fill a batch. Default false. */
  readonly dropLast?: boolean
  /**
   * The length of a row, a whole number: batches are then made of rows of similar length, which saves padding. Called
   * once a row, at the first epoch.
   */
  readonly bucketBy?: (item: T, index: number) => number
  /**
   * With `bucketBy`: how many batches make a pool that is sorted by length. More: less padding, less chance. Default
   * 100.
   */
  readonly bucketSize?: number
}

/** How `DataLoader.prefetch` runs ahead. */
export interface PrefetchOptions {
  /** How many batches are begun before they are asked for. Default 1. */
  readonly ahead?: number
}

/**
 * Batches of a data set. The order of an epoch is a pure function of the seed and the epoch's number: shuffle; with
 * `bucketBy`, cut into pools of `bucketSize` batches, sort each by length (equal lengths keep the shuffled order),
 * cut into batches and shuffle the batches. Holds row numbers, never rows.
 *
 * @example
 * ```ts
 * import { DataLoader, dataset, padSequences } from '@ostinato/datasets'
 * const texts = dataset([[4, 2], [3], [5, 6, 7], [8]])
 * const loader = new DataLoader(texts, {
 *   batchSize: 2,
 *   collate: (items) => padSequences(items, { paddingId: 0 }),
 *   bucketBy: (ids) => ids.length,
 *   seed: 1,
 * })
 * for (const { ids, lengths } of loader.epoch(0)) console.assert(ids.shape[0] === 2 && lengths.length === 2)
 * ```
 */
export class DataLoader<T, B> {
  readonly #rows: Rows<T>
  readonly #options: DataLoaderOptions<T, B>
  #lengths: Int32Array | undefined

  /** @throws DatasetError when there are no rows, no full batch beside `dropLast`, or an option is out of range */
  constructor(rows: Rows<T>, options: DataLoaderOptions<T, B>) {
    checkOptions(rows.length, options)
    this.#rows = rows
    this.#options = options
  }

  /** The number of batches in an epoch. */
  get length(): number {
    const { batchSize, dropLast = false } = this.#options
    const batches = this.#rows.length / batchSize
    return dropLast ? Math.floor(batches) : Math.ceil(batches)
  }

  /**
   * The batches of an epoch, or those that remain after a cursor.
   *
   * @param at the epoch's number from 0, or what `cursor()` gave, from another run as well
   * @throws DatasetError when `at` is not a place in this loader
   * @example
   * ```ts
   * import { DataLoader, dataset } from '@ostinato/datasets'
   * const rows = dataset({ length: 10, get: (index) => index })
   * const loader = new DataLoader(rows, { batchSize: 4, seed: 3, collate: (items) => items.join() })
   * const batches = loader.epoch(0)
   * batches.next()
   * const saved = JSON.stringify(batches.cursor())
   * console.assert([...batches].join(' ') === [...loader.epoch(JSON.parse(saved))].join(' '))
   * ```
   */
  epoch(at: number | Cursor): Batches<B> {
    return new Batches(this.#walk('DataLoader.epoch', at))
  }

  /**
   * The same batches, the next `ahead` of them begun before they are asked for. Gains time only where `collate` waits
   * for something (a file, a worker): on one thread, work done ahead takes as long as work done later.
   *
   * @param at as for `epoch`
   * @throws DatasetError when `at` is not a place in this loader, or `ahead` is not a whole number from 0
   * @example
   * ```ts
   * import { DataLoader, dataset } from '@ostinato/datasets'
   * const rows = dataset([1, 2, 3])
   * const loader = new DataLoader(rows, { batchSize: 2, collate: async (items) => items.length })
   * const sizes: number[] = []
   * for await (const size of loader.prefetch(0)) sizes.push(size)
   * console.assert(sizes.join() === '2,1')
   * ```
   */
  prefetch(at: number | Cursor, { ahead = 1 }: PrefetchOptions = {}): PrefetchedBatches<B> {
    const where = 'DataLoader.prefetch'
    if (!isCount(ahead)) fail(where, `expected a whole number of batches ahead from 0, got ${show(ahead)}`)
    return new PrefetchedBatches(this.#walk(where, at), ahead)
  }

  #walk(where: string, at: number | Cursor): Walk<B> {
    // A cursor that was read from a file may be anything.
    const { epoch, batch }: Partial<Cursor> = typeof at === 'number' ? { epoch: at, batch: 0 } : (at ?? {})
    const count = this.length
    const faults: string[] = []
    if (!isCount(epoch)) faults.push(`expected an epoch from 0, got ${show(epoch)}`)
    if (!isCount(batch) || batch >= count) {
      faults.push(`expected a batch from 0 to ${count - 1}, got ${show(batch)}: is the cursor of another loader?`)
    }
    failIfAny(where, faults)
    const place = { epoch, batch } as Cursor
    const order = epochOrder(place.epoch, this.#orderOptions())
    const make = (i: number) => this.#options.collate(Array.from(order[i], (row) => this.#rows.get(row)), order[i])
    return { epoch: place.epoch, start: place.batch, count, make }
  }

  #orderOptions(): OrderOptions {
    const { batchSize, dropLast = false, seed, bucketBy, bucketSize = 100 } = this.#options
    if (bucketBy) this.#lengths ??= measure(this.#rows, bucketBy)
    return { count: this.#rows.length, batchSize, dropLast, seed, lengths: this.#lengths, bucketSize }
  }
}

function measure<T>(rows: Rows<T>, bucketBy: (item: T, index: number) => number): Int32Array {
  const lengths = new Int32Array(rows.length)
  for (let i = 0; i < lengths.length; i++) {
    const length = bucketBy(rows.get(i), i)
    if (!isCount(length)) fail('DataLoader', `expected bucketBy to give a whole number from 0, got ${show(length)} for row ${i}`)
    lengths[i] = length
  }
  return lengths
}

function checkOptions(count: number, options: DataLoaderOptions<never, unknown>): void {
  const { batchSize, dropLast = false, seed, bucketBy, bucketSize } = options
  const faults: string[] = []
  if (count === 0) faults.push('expected rows to make batches of, got an empty data set: did a filter or a split leave none?')
  if (!isCount(batchSize, 1)) faults.push(`expected a batchSize of a whole number from 1, got ${show(batchSize)}`)
  else if (dropLast && count > 0 && batchSize > count) {
    faults.push(`expected a full batch beside dropLast, got ${count} rows for a batchSize of ${batchSize}: nothing would be left`)
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    faults.push(`expected a seed that is a whole number, got ${show(seed)}`)
  }
  if (bucketSize !== undefined && !isCount(bucketSize, 1)) {
    faults.push(`expected a bucketSize of a whole number of batches from 1, got ${show(bucketSize)}`)
  }
  if (bucketSize !== undefined && !bucketBy) faults.push('expected bucketBy beside bucketSize, got none')
  failIfAny('DataLoader', faults)
}
