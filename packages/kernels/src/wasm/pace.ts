// Finds out whether threads are of use just now: where the cores have other work to do they are not. Now and then comes
// a trial, in which a coin says of each job whether it is done together or alone: both ways then see the same machine,
// whose speed can change by half from one moment to the next. Not here: the jobs.

const { performance } = globalThis as unknown as { readonly performance?: { now(): number } }

/** Milliseconds since some time. */
export function now(): number {
  return performance?.now() ?? 0
}

/** Milliseconds and jobs that a trial has of either way, at least, and those after which a clear result is enough. */
const TRIAL = 20
const JOBS = 12
const SHORT_TRIAL = 5
const FEW_JOBS = 5
/** Milliseconds from one trial to the next: at first, and where every trial says the same in the end. */
const SHORTEST = 100
const LONGEST = 4000
/** Together they are to take less than this share of the time; what is clear is beyond the other two. */
const GAIN = 0.9
const CLEAR = [0.75, 1.2]
/** Jobs that take so many times what they took in the trial, over so many milliseconds, call for the next one. */
const SLOWER = 1.4
const WINDOW = 50

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
  #together = false
  /** When the next trial begins. */
  #until = 0
  #length = SHORTEST
  #trial: Trial | undefined
  #coin = 1
  /** By kernel: milliseconds of a multiply-add in the last trial, together. */
  #usual: readonly number[] = []
  /** Since the last look: what jobs took, and what they would have taken in that trial. */
  #time = 0
  #expected = 0

  /** Whether the next job is to be done together. */
  together(now: number): boolean {
    if (this.#trial === undefined && now >= this.#until) this.#trial = new Trial()
    return this.#trial === undefined ? this.#together : this.#toss()
  }

  /** Whether all jobs are done alone for a while. */
  rests(): boolean {
    return !this.#together && this.#trial === undefined && now() < this.#until
  }

  note(kernel: number, job: Job): void {
    if (this.#trial === undefined) {
      if (this.#together) this.#watch(kernel, job)
      return
    }
    const gain = this.#trial.note(kernel, job)
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
  #watch(kernel: number, { work, start, end }: Job): void {
    const rate = this.#usual[kernel] as number | undefined
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

/** What jobs took, and the multiply-adds that they had. */
interface Sum {
  time: number
  work: number
}

class Trial {
  /** By kernel. */
  readonly #alone: Sum[] = []
  readonly #together: Sum[] = []
  readonly #jobs = { alone: 0, together: 0 }

  /** By kernel: milliseconds of a multiply-add, together. */
  rates(): number[] {
    return this.#together.map(({ time, work }) => time / work)
  }

  /** Once enough has been seen: whether jobs are done quicker together. */
  note(kernel: number, { together, work, start, end }: Job): boolean | undefined {
    const sums = together ? this.#together : this.#alone
    const sum = (sums[kernel] ??= { time: 0, work: 0 })
    sum.time += end - start
    sum.work += work
    this.#jobs[together ? 'together' : 'alone'] += 1
    const jobs = Math.min(this.#jobs.alone, this.#jobs.together)
    if (jobs < FEW_JOBS) return undefined
    let [time, expected, alone] = [0, 0, 0]
    this.#together.forEach((done, k) => {
      const same = this.#alone[k] as Sum | undefined
      // What has not been seen both ways says nothing.
      if (same === undefined) return
      time += done.time
      alone += same.time
      expected += (same.time / same.work) * done.work
    })
    const least = Math.min(time, alone)
    const clear = time < CLEAR[0] * expected || time > CLEAR[1] * expected
    const enough = clear ? least >= SHORT_TRIAL : least >= TRIAL && jobs >= JOBS
    return enough ? time < GAIN * expected : undefined
  }
}
