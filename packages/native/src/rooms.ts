// Arrays in which forward passes keep what their backward passes need. They come back after the backward pass and are
// used again, as large new arrays cost much; those that never come back are the garbage collector's.

/** Elements that may lie idle: 256 MB. */
const MOST_IDLE = 2 ** 26

export class Rooms {
  readonly #idle: Float32Array[] = []
  #elements = 0

  /** An array of at least `length` elements, whatever they are. */
  take(length: number): Float32Array {
    let best = -1
    for (let i = 0; i < this.#idle.length; i += 1) {
      const size = this.#idle[i].length
      if (size >= length && size <= 2 * length + 64 && (best < 0 || size < this.#idle[best].length)) best = i
    }
    if (best < 0) return new Float32Array(length)
    const [room] = this.#idle.splice(best, 1)
    this.#elements -= room.length
    return room
  }

  /** Takes an array back that nobody uses any more. */
  give(room: Float32Array): void {
    if (room.length > MOST_IDLE) return
    this.#idle.push(room)
    this.#elements += room.length
    while (this.#elements > MOST_IDLE) this.#elements -= this.#idle.shift()?.length ?? 0
  }
}
