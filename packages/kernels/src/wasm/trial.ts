// Compares what jobs take together with what they take alone. Not here: when there are trials (pace.ts).

/** Milliseconds and jobs that a trial has of either way, at least, and those after which a clear result is enough. */
const TRIAL = 20
const JOBS = 12
const SHORT_TRIAL = 5
const FEW_JOBS = 5
/** Together they are to take less than this share of the time; what is clear is beyond the other two. */
const GAIN = 0.95
const CLEAR = [0.75, 1.2]

/** What one job that could be shared took. */
export interface JobTime {
  readonly together: boolean
  /** In multiply-adds. */
  readonly work: number
  /** Milliseconds. */
  readonly start: number
  readonly end: number
}

/** What jobs took, and the multiply-adds that they had. */
interface Sum {
  time: number
  work: number
}

export class Trial {
  /** By kind of job. */
  readonly #alone = new Map<number, Sum>()
  readonly #together = new Map<number, Sum>()
  readonly #jobs = { alone: 0, together: 0 }

  /** By kind of job: milliseconds of a multiply-add, together. */
  rates(): ReadonlyMap<number, number> {
    return new Map(Array.from(this.#together, ([kind, { time, work }]) => [kind, time / work]))
  }

  /** Once enough has been seen: whether jobs are done quicker together. */
  note(kind: number, { together, work, start, end }: JobTime): boolean | undefined {
    const sums = together ? this.#together : this.#alone
    const sum = sums.get(kind) ?? { time: 0, work: 0 }
    sums.set(kind, sum)
    sum.time += end - start
    sum.work += work
    this.#jobs[together ? 'together' : 'alone'] += 1
    const jobs = Math.min(this.#jobs.alone, this.#jobs.together)
    if (jobs < FEW_JOBS) return undefined
    let [time, expected, alone] = [0, 0, 0]
    this.#together.forEach((done, other) => {
      const same = this.#alone.get(other)
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
