// A data set: rows that can be read by their number, and the transforms that make one of another. Nothing here splits,
// pads or makes batches, and nothing copies rows: a transform keeps at most row numbers.
import type { Rng } from '@ostinato/tensor'
import { fail, failIfAny, isCount, maximumRows, show } from './errors.ts'

/** Anything whose rows can be read by number, in any order and again and again with the same result. */
export interface Rows<T> {
  readonly length: number
  get(index: number): T
}

/**
 * Rows by number, lazily transformed: a row is computed when it is asked for, each time anew (see `cache`). A data
 * set never changes; each method returns another one.
 *
 * @example
 * ```ts
 * import { dataset } from '@ostinato/datasets'
 * const words = dataset(['an', 'absorbing', 'film']).map((word) => ({ word, size: word.length }))
 * const long = words.filter((row) => row.size > 2)
 * console.assert(long.length === 2 && long.get(0).word === 'absorbing')
 * ```
 */
export class Dataset<out T> implements Rows<T>, Iterable<T> {
  readonly #rows: Rows<T>
  #length: number | undefined

  /** Wraps `rows`, which must not change from now on. Prefer `dataset`. */
  constructor(rows: Rows<T>) {
    this.#rows = rows
  }

  /** The number of rows. */
  get length(): number {
    this.#length ??= checkLength(this.#rows.length)
    return this.#length
  }

  /**
   * Row `index`.
   * @throws DatasetError when there is no such row
   */
  get(index: number): T {
    if (!(index >= 0 && index < this.length && Number.isInteger(index))) {
      fail('Dataset.get', `expected a row number from 0 to ${this.length - 1}, got ${show(index)}`)
    }
    return this.#rows.get(index)
  }

  /** All rows, in order. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    const { length } = this
    for (let i = 0; i < length; i++) yield this.#rows.get(i)
  }

  /** All rows as an array: reads them all. */
  toArray(): T[] {
    return Array.from(this)
  }

  /** Each row through `change`, which must give the same for the same row: it runs whenever the row is read. */
  map<U>(change: (item: T, index: number) => U): Dataset<U> {
    return this.#derive(() => this.length, (i) => change(this.#rows.get(i), i))
  }

  /**
   * The rows for which `keep` holds. The first use of the result runs `keep` once over all rows; their numbers are
   * kept.
   */
  filter<U extends T>(keep: (item: T, index: number) => item is U): Dataset<U>
  filter(keep: (item: T, index: number) => boolean): Dataset<T>
  filter(keep: (item: T, index: number) => boolean): Dataset<T> {
    const kept = once(() => {
      const out: number[] = []
      for (let i = 0; i < this.length; i++) if (keep(this.#rows.get(i), i)) out.push(i)
      return Int32Array.from(out)
    })
    return this.#derive(() => kept().length, (i) => this.#rows.get(kept()[i]))
  }

  /**
   * The rows in a random order, drawn from `rng` at once: what is drawn next from `rng` does not depend on what is
   * read.
   */
  shuffle(rng: Rng): Dataset<T> {
    return this.#pick(rng.permutation(this.length))
  }

  /**
   * The rows of the given numbers in the given order; a number may come more than once. The numbers are copied.
   * @throws DatasetError when there is no row of such a number
   */
  select(indices: ArrayLike<number>): Dataset<T> {
    const { length } = this
    const bad: string[] = []
    for (let at = 0; at < indices.length; at++) {
      const index = indices[at]
      if (!(isCount(index) && index < length)) bad.push(`${show(index)} at place ${at}`)
    }
    if (bad.length > 0) {
      const shown = bad.slice(0, 5).join(', ')
      fail('Dataset.select', `expected row numbers from 0 to ${length - 1}, got ${bad.length} others: ${shown}`)
    }
    return this.#pick(Int32Array.from(indices))
  }

  /**
   * The first `count` rows, or all when there are fewer.
   * @throws DatasetError when `count` is negative or not whole
   */
  take(count: number): Dataset<T> {
    checkCount('Dataset.take', count)
    return this.#derive(() => Math.min(count, this.length), (i) => this.#rows.get(i))
  }

  /**
   * All but the first `count` rows; none when there are no more.
   * @throws DatasetError when `count` is negative or not whole
   */
  skip(count: number): Dataset<T> {
    checkCount('Dataset.skip', count)
    return this.#derive(() => Math.max(0, this.length - count), (i) => this.#rows.get(i + count))
  }

  /** These rows, then those of `others`. */
  concat<U>(...others: readonly Rows<U>[]): Dataset<T | U> {
    const parts: readonly Rows<T | U>[] = [this, ...others]
    const starts = once(() => {
      let total = 0
      return Float64Array.from([...parts.map((part) => (total += part.length) - part.length), total])
    })
    const find = (i: number): T | U => {
      let part = parts.length - 1
      while (starts()[part] > i) part--
      return parts[part].get(i - starts()[part])
    }
    return new Dataset({ get length() { return starts()[parts.length] }, get: find })
  }

  /**
   * Pairs of the rows of equal number.
   * @throws DatasetError when the lengths differ
   */
  zip<U>(other: Rows<U>): Dataset<readonly [T, U]> {
    if (this.length !== other.length) {
      fail('Dataset.zip', `expected two data sets of one length, got ${this.length} and ${other.length}: take() of the longer`)
    }
    return this.map((item, i) => [item, other.get(i)] as const)
  }

  /**
   * Keeps each row once it has been read, so that what lies before is computed once a row. Costs the memory of the
   * rows.
   */
  cache(): Dataset<T> {
    const items: T[] = []
    const filled = once(() => new Uint8Array(this.length))
    return this.#derive(() => this.length, (i) => {
      if (filled()[i] === 0) {
        items[i] = this.#rows.get(i)
        filled()[i] = 1
      }
      return items[i]
    })
  }

  /** `indices` are known to be good. */
  #pick(indices: Int32Array): Dataset<T> {
    return this.#derive(() => indices.length, (i) => this.#rows.get(indices[i]))
  }

  #derive<U>(length: () => number, get: (index: number) => U): Dataset<U> {
    return new Dataset({ get length() { return length() }, get })
  }
}

/**
 * A data set of the elements of an array, or of whatever has a `length` and `get(index)`. Copies nothing: the source
 * must not change afterwards.
 *
 * @throws DatasetError when `source` is neither
 * @example
 * ```ts
 * import { dataset } from '@ostinato/datasets'
 * const squares = dataset({ length: 1000, get: (index) => index * index })
 * console.assert(squares.skip(10).take(3).toArray().join() === '100,121,144')
 * ```
 */
export function dataset<T>(source: Rows<T> | ArrayLike<T>): Dataset<T> {
  if (source instanceof Dataset) return source as Dataset<T>
  if (typeof source !== 'object' || source === null || !('length' in source)) {
    fail('dataset', `expected an array or { length, get(index) }, got ${source === null ? 'null' : typeof source}`)
  }
  if ('get' in source && typeof source.get === 'function') return new Dataset(source)
  const items = source as ArrayLike<T>
  return new Dataset({ length: items.length, get: (i) => items[i] })
}

function checkLength(length: number): number {
  if (!isCount(length)) fail('Dataset', `expected a length from 0 to ${maximumRows}, got ${show(length)}`)
  return length
}

function checkCount(where: string, count: number): void {
  failIfAny(where, isCount(count) ? [] : [`expected a whole number of rows from 0, got ${show(count)}`])
}

/** `compute`, run at the first call only. A failed run is not kept. */
function once<V>(compute: () => V): () => V {
  let result: { readonly value: V } | undefined
  return () => (result ??= { value: compute() }).value
}
