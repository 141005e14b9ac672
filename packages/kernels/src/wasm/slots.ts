// Which parts of the WebAssembly memory hold what forward passes keep for their backward passes. A slot is given back
// after the backward pass, when its holder is collected, or when others need the room: then the forward pass is run
// again, so that nobody has to dispose of anything. Not here: the memory itself.

/** Bytes that may be kept at a time before the oldest slots are taken back. */
const LIMIT = 2 ** 30

/** A part of the memory that stays laid out between calls, as long as it is `valid`. */
export interface Slot {
  readonly at: number
  valid: boolean
}

interface Entry {
  readonly at: number
  readonly end: number
  readonly age: number
  readonly slot: WeakRef<Slot>
}

export class Slots {
  readonly #base: number
  /** By address. */
  #entries: Entry[] = []
  #age = 0

  constructor(base: number) {
    this.#base = base
  }

  /** Where the last slot ends. */
  get end(): number {
    return this.#entries.at(-1)?.end ?? this.#base
  }

  /** A slot of `bytes`, a multiple of 16: in the first gap that is large enough, or behind all others. */
  keep(bytes: number): Slot {
    this.#entries = this.#entries.filter(({ slot }) => slot.deref()?.valid === true)
    while (this.#entries.length > 0 && this.#held() + bytes > LIMIT) this.#forgetOldest()
    let at = this.#base
    let index = 0
    while (index < this.#entries.length && this.#entries[index].at - at < bytes) {
      at = this.#entries[index].end
      index += 1
    }
    const slot = { at, valid: true }
    this.#age += 1
    this.#entries.splice(index, 0, { at, end: at + bytes, age: this.#age, slot: new WeakRef(slot) })
    return slot
  }

  release(slot: Slot): void {
    slot.valid = false
    this.#entries = this.#entries.filter(({ at }) => at !== slot.at)
  }

  /** Takes every slot back. */
  clear(): void {
    while (this.#entries.length > 0) this.#forgetOldest()
  }

  #held(): number {
    return this.#entries.reduce((sum, { at, end }) => sum + end - at, 0)
  }

  #forgetOldest(): void {
    const oldest = this.#entries.reduce((a, b) => (b.age < a.age ? b : a))
    const slot = oldest.slot.deref()
    if (slot !== undefined) slot.valid = false
    this.#entries = this.#entries.filter(entry => entry !== oldest)
  }
}
