// Finds out whether threads are of use just now: where the cores have other work to do they are not. Now and then comes
// a trial, in which a coin says of each job whether it is done together or alone: both ways then see the same machine,
// whose speed can change by half from one moment to the next. Not here: the jobs, and what a trial says (trial.ts).
import { Trial } from './trial.ts'
import type { JobTime } from './trial.ts'

const { performance } = globalThis as unknown as { readonly performance?: { now(): number } }

/** Milliseconds since some time. */
export function now(): number {
  return performance?.now() ?? 0
}

/** Milliseconds from one trial to the next: at first, and where every trial says the same in the end. */
const SHORTEST = 100
const LONGEST = 4000
/** Jobs that take so many times what they took in the trial, over so many milliseconds, call for the next one. */
const SLOWER = 1.8
const WINDOW = 100

export class Pace {
  #together = false
  /** When the next trial begins. */
  #until = 0
  #length = SHORTEST
  #trial: Trial | undefined
  #coin = 1
  /** By kind of job: milliseconds of a multiply-add in the last trial, together. */
  #usual: ReadonlyMap<number, number> = new Map()
  /** Since the last look: what jobs took, and what they would have taken in that trial. */
  #time = 0
  #expected = 0

  /** Whether the next job is to be done together. */
  together(now: number): boolean {
    if (this.#trial === undefined && now >= this.#until) this.#trial = new Trial()
    return this.#trial === undefined ? this.#together : this.#toss()
  }

  /** Whether the next job belongs to a trial. */
  tries(): boolean {
    return this.#trial !== undefined || now() >= this.#until
  }

  /** Whether all jobs are done alone for a while. */
  rests(): boolean {
    return !this.#together && !this.tries()
  }

  /** `kind` is a number for jobs of the same kernels. */
  note(kind: number, job: JobTime): void {
    if (this.#trial === undefined) {
      if (this.#together) this.#watch(kind, job)
      return
    }
    const gain = this.#trial.note(kind, job)
    if (gain === undefined) return
    this.#length = gain === this.#together ? Math.min(LONGEST, 2 * this.#length) : SHORTEST
    this.#together = gain
    this.#until = job.end + this.#length
    this.#usual = this.#trial.rates()
    this.#trial = undefined
    this.#time = 0
    this.#expected = 0
  }

  /** Brings the next trial forward where jobs take much longer than in the last one. */
  #watch(kind: number, { work, start, end }: JobTime): void {
    const rate = this.#usual.get(kind)
    if (rate === undefined) return
    this.#time += end - start
    this.#expected += rate * work
    if (this.#time < WINDOW) return
    if (this.#time > SLOWER * this.#expected) this.#until = end
    this.#time = 0
    this.#expected = 0
  }

  /** The top bit of a linear congruential generator (Numerical Recipes, section 7.1). */
  #toss(): boolean {
    this.#coin = (Math.imul(this.#coin, 1_664_525) + 1_013_904_223) | 0
    return this.#coin < 0
  }
}
