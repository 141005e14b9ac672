// The iterators that a loader hands out, and the cursor that says where one stands. They know how to make a batch by
// its number and nothing about order.

/** A place between two batches: `batch` of `epoch` is the next to come. Plain JSON. */
export interface Cursor {
  readonly epoch: number
  readonly batch: number
}

/** What an iterator walks: the batches of one epoch, from one of them on. */
export interface Walk<B> {
  readonly epoch: number
  readonly start: number
  readonly count: number
  readonly make: (batch: number) => B
}

const cursorAt = ({ epoch, count }: Walk<unknown>, batch: number): Cursor =>
  batch < count ? { epoch, batch } : { epoch: epoch + 1, batch: 0 }

/**
 * The remaining batches of one epoch, each made when it is asked for. Walked once: after a `break`, another `for`
 * goes on with the next batch.
 */
export class Batches<B> implements IterableIterator<B> {
  readonly #walk: Walk<B>
  #next: number

  /** Made by `DataLoader.epoch`. */
  constructor(walk: Walk<B>) {
    this.#walk = walk
    this.#next = walk.start
  }

  /** The batch that comes next; after the last one, the first of the next epoch. */
  cursor(): Cursor {
    return cursorAt(this.#walk, this.#next)
  }

  /** The next batch. When making it fails, the cursor stays before it. */
  next(): IteratorResult<B, undefined> {
    if (this.#next >= this.#walk.count) return { done: true, value: undefined }
    const value = this.#walk.make(this.#next)
    this.#next++
    return { done: false, value }
  }

  [Symbol.iterator](): this {
    return this
  }
}

/** The remaining batches of one epoch, awaited, some begun early. Walked once; ends at a `break` or an error. */
export class PrefetchedBatches<B> implements AsyncIterableIterator<Awaited<B>> {
  readonly #walk: Walk<B>
  readonly #source: AsyncGenerator<Awaited<B>, undefined, undefined>
  #next: number

  /** Made by `DataLoader.prefetch`. */
  constructor(walk: Walk<B>, ahead: number) {
    this.#walk = walk
    this.#next = walk.start
    this.#source = this.#run(ahead)
  }

  /** The batch that comes next: batches that are begun but not handed out yet do not count. */
  cursor(): Cursor {
    return cursorAt(this.#walk, this.#next)
  }

  /** The next batch, once it is ready. */
  next(): Promise<IteratorResult<Awaited<B>, undefined>> {
    return this.#source.next()
  }

  /** Ends the walk. Batches that are begun are dropped when they are ready. */
  return(): Promise<IteratorResult<Awaited<B>, undefined>> {
    return this.#source.return(undefined)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async *#run(ahead: number): AsyncGenerator<Awaited<B>, undefined, undefined> {
    const { start, count, make } = this.#walk
    const begun: Promise<Awaited<B>>[] = []
    for (let next = start; this.#next < count;) {
      while (next < count && begun.length <= ahead) begun.push(begin(make, next++))
      const batch = await begun[0]
      void begun.shift()
      this.#next++
      yield batch
    }
    return undefined
  }
}

/** Starts batch `index`. Its failure is reported where the batch is awaited, or nowhere if it never is. */
function begin<B>(make: (batch: number) => B, index: number): Promise<Awaited<B>> {
  const batch = (async (): Promise<Awaited<B>> => await make(index))()
  batch.catch(() => undefined)
  return batch
}
