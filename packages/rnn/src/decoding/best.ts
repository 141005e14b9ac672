// The best of many scores, without sorting them all: one, or k by a binary heap with the worst of the kept at its root.

/** The token with the highest score, the first of equal ones; -1 when all are -Infinity. */
export function highest(scores: Float64Array): number {
  let best = -1
  let value = -Infinity
  for (let token = 0; token < scores.length; token++) {
    if (scores[token] > value) {
      value = scores[token]
      best = token
    }
  }
  return best
}

/** Keeps the `limit` highest of the values that it is offered; of equal ones those with the lower ids. */
export class Best {
  #values = new Float64Array(16)
  #ids = new Float64Array(16)
  #limit = 0
  #size = 0

  /** Forgets everything and keeps at most `limit` from now on. */
  reset(limit: number): void {
    this.#limit = limit
    this.#size = 0
    if (this.#values.length >= limit) return
    this.#values = new Float64Array(limit)
    this.#ids = new Float64Array(limit)
  }

  /** -Infinity is never kept. */
  offer(value: number, id: number): void {
    if (value === -Infinity) return
    if (this.#size < this.#limit) {
      this.#rise(this.#size++, value, id)
    } else if (value > this.#values[0] || (value === this.#values[0] && id < this.#ids[0])) {
      this.#sink(value, id)
    }
  }

  /** What was kept, best first; it is forgotten. The arrays are views that the next `reset` or `offer` changes. */
  take(): { readonly values: Float64Array; readonly ids: Float64Array } {
    const [values, ids, count] = [this.#values, this.#ids, this.#size]
    // The worst goes to the end of what is left, again and again.
    while (this.#size > 1) {
      const at = --this.#size
      const [value, id] = [values[at], ids[at]]
      values[at] = values[0]
      ids[at] = ids[0]
      this.#sink(value, id)
    }
    this.#size = 0
    return { values: values.subarray(0, count), ids: ids.subarray(0, count) }
  }

  /** Whether (value, id) comes before the entry at `at` in the heap: is worse. */
  #worse(value: number, id: number, at: number): boolean {
    return value < this.#values[at] || (value === this.#values[at] && id > this.#ids[at])
  }

  /** Puts an entry into the free place `at`, and up as long as it is worse than what is above. */
  #rise(at: number, value: number, id: number): void {
    let place = at
    while (place > 0) {
      const above = (place - 1) >> 1
      if (!this.#worse(value, id, above)) break
      this.#move(above, place)
      place = above
    }
    this.#values[place] = value
    this.#ids[place] = id
  }

  /** Puts an entry in the root's place, and down as long as something below is worse. */
  #sink(value: number, id: number): void {
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      if (below >= this.#size) break
      const other = below + 1
      if (other < this.#size && this.#worse(this.#values[other], this.#ids[other], below)) below = other
      if (!(this.#values[below] < value || (this.#values[below] === value && this.#ids[below] > id))) break
      this.#move(below, place)
      place = below
    }
    this.#values[place] = value
    this.#ids[place] = id
  }

  #move(from: number, to: number): void {
    this.#values[to] = this.#values[from]
    this.#ids[to] = this.#ids[from]
  }
}
