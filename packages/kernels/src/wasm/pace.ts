// Finds out whether threads are of use just now: where the cores have other work to do they are not. Compares the time
// of jobs done together with what they take alone, and tries again after a while. Not here: the jobs.

const { performance } = globalThis as unknown as { readonly performance?: { now(): number } }

/** Milliseconds since some time. */
export function now(): number {
  return performance?.now() ?? 0
}

/** Milliseconds of jobs that are compared at a time. */
const WINDOW = 20
/** Milliseconds for which jobs are done together before what they take alone is measured anew. */
const TERM = 3000
/** Milliseconds for which they are done alone when that was no slower: each time four times as long. */
const SHORTEST_REST = 50
const LONGEST_REST = 4000
/** Together they are to take less than this share of the time. */
const GAIN = 0.9

/** One job that could be shared. */
interface Job {
  readonly together: boolean
  /** In multiply-adds. */
  readonly work: number
  /** Milliseconds. */
  readonly start: number
  readonly end: number
}

export class Pace {
  /** By kernel: what a multiply-add takes alone. */
  readonly #alone: number[] = []
  #together = false
  /** When this way ends, if it is not a trial. */
  #until = 0
  #rest = SHORTEST_REST
  /** Of the window: time in all, and for jobs done together what they would have taken alone. */
  #time = 0
  #expected = 0

  /** Whether the next job is to be done together. */
  together(now: number): boolean {
    if (this.#time >= WINDOW) this.#turn(now)
    return this.#together
  }

  note(kernel: number, { together, work, start, end }: Job): void {
    const time = end - start
    if (together) {
      const rate = this.#alone[kernel]
      // What has never been seen alone says nothing.
      if (rate === undefined) return
      this.#expected += rate * work
    } else {
      const rate = time / work
      const before = this.#alone[kernel] as number | undefined
      this.#alone[kernel] = before === undefined ? rate : before + (rate - before) / 8
    }
    this.#time += time
  }

  #turn(now: number): void {
    if (this.#together) {
      const gain = this.#time < GAIN * this.#expected
      if (gain) this.#rest = SHORTEST_REST
      if (gain && now < this.#until) {
        this.#time = 0
        this.#expected = 0
        return
      }
      this.#until = gain ? now : now + this.#rest
      if (!gain) this.#rest = Math.min(LONGEST_REST, 4 * this.#rest)
      this.#together = false
    } else if (now >= this.#until) {
      this.#together = true
      this.#until = now + TERM
    }
    this.#time = 0
    this.#expected = 0
  }
}
