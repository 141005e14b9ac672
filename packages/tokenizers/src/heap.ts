// A binary heap: a queue which gives the foremost entry first.

export class Heap<T> {
  readonly #entries: T[] = []

  /** @param before whether the first entry is to come out before the second */
  constructor(readonly before: (a: T, b: T) => boolean) {}

  push(entry: T): void {
    const entries = this.#entries
    let at = entries.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.before(entry, entries[parent])) break
      entries[at] = entries[parent]
      at = parent
    }
    entries[at] = entry
  }

  pop(): T | undefined {
    const entries = this.#entries
    const first = entries[0]
    const entry = entries.pop()
    const length = entries.length
    if (entry === undefined || length === 0) return first
    let at = 0
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && this.before(entries[child + 1], entries[child])) child++
      if (!this.before(entries[child], entry)) break
      entries[at] = entries[child]
      at = child
    }
    entries[at] = entry
    return first
  }
}
