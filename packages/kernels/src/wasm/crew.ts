// Threads on one shared memory, which share out what the kernels have to do. The caller takes part, so that a thread
// that does not come costs nothing. Not here: how threads take parts (workers.ts), how each kernel is cut
// (shares.ts), and when threads are of use (pace.ts).
import {
  ASLEEP, CALL_WORDS, CALLS, DONE, JOBS, PARTS, QUEUE_WORDS, QUEUES, RANGE_WORDS, RANGES, READY, THREADS, WORDS,
} from './board.ts'
import type { Exports, Shared } from './exports.ts'
import type { instance } from './machine.ts'
import { now, Pace } from './pace.ts'
import type { Memory } from './platform.ts'
import { Job } from './job.ts'
import type { Call } from './job.ts'
import { shares } from './shares.ts'
import type { Share } from './shares.ts'
import { startWorker } from './workers.ts'
import type { Worker } from './workers.ts'

export { usualThreads } from './workers.ts'

/** Milliseconds that the caller looks for what others do before it takes a nap. */
const LOOKING = 0.2
/** Milliseconds of a nap of the caller, and the naps after which a thread is given up. */
const NAP = 100
const PATIENCE = 600

const page = 65_536

/** What says whether jobs are done together. */
type Pacing = Pick<Pace, 'together' | 'rests' | 'note'>

/** A kernel as a plain function. */
type Kernel = (...args: number[]) => void

export class Crew {
  readonly memory: Memory
  /** The exports of the caller's instance; kernels that can be shared out are, where it pays. */
  readonly exports: Exports
  /** Where the workspace starts. */
  readonly base: number
  /** Whether a thread has failed: no machine may go on with the memory then. */
  broken = false
  /** Those that can be shared out, by number, as the caller's instance has them. */
  readonly #kernels: readonly Kernel[]
  readonly #at: number
  readonly #maySleep: boolean
  readonly #workers: readonly Worker[]
  #words: Int32Array
  readonly #pace: Pacing
  readonly #patience: number
  readonly #job: Job
  /** What has been called within `together`. */
  #gathered: Call[] | undefined

  /** Threads that there will be, the caller's among them. */
  readonly size: number

  /**
   * Starts all but the caller's. Throws where that is not to be had. `make` is given, as imported it would be split off
   * every bundle together with this.
   */
  constructor(
    { bytes, make }: { readonly bytes: Uint8Array; readonly make: typeof instance }, size: number,
    { pace = new Pace(), patience = PATIENCE }: { pace?: Pacing; patience?: number } = {},
  ) {
    const count = size - 1
    this.size = size
    this.#job = new Job(size)
    this.#pace = pace
    this.#patience = patience
    const { module, memory, exports } = make(shareable(bytes), true)
    this.memory = memory
    const kernels = Object.keys(shares)
    this.#kernels = kernels.map(name => (exports as unknown as Record<string, Kernel>)[name])
    const room = Math.ceil(exports.roomLength() / 64) * 64
    this.#at = Math.ceil(exports.heapBase() / 64) * 64
    this.base = this.#at + 4 * WORDS + count * room
    this.memory.grow(Math.ceil(this.base / page))
    this.#words = new Int32Array(this.memory.buffer)
    this.#maySleep = maySleep(this.#words)
    this.exports = { ...exports, ...this.#spread() }
    const failed = (): void => {
      this.broken = true
    }
    this.#workers = Array.from({ length: count }, (_, i) => {
      const start = { module, memory, board: this.#at, room: this.#at + 4 * WORDS + i * room, kernels }
      return startWorker({ thread: i + 1, ...start }, failed)
    })
  }

  /** Threads that have started, the caller's among them. */
  get threads(): number {
    return 1 + Atomics.load(this.#words, this.#at / 4 + READY)
  }

  /** Whether the threads are of no use for a while. */
  get rests(): boolean {
    return this.#pace.rests()
  }

  /** Ends the threads. In Node they tell when they have. */
  end(): unknown[] {
    return this.#workers.map(worker => worker.terminate())
  }

  /**
   * Does what `work` calls. Those of its calls that can be shared out know nothing of one another: they start when it
   * ends, and threads do them side by side, so that nobody waits at the end of each.
   */
  together(work: () => void): void {
    const calls: Call[] = []
    this.#gathered = calls
    try {
      work()
    } finally {
      this.#gathered = undefined
    }
    this.#run(calls)
  }

  /** The shared kernels, in the same form, with their range shared out. */
  #spread(): Shared {
    const entries = Object.entries<Share>(shares).map(([name, share], kernel) => [name, (...args: number[]) => {
      const [first, last] = args.splice(-2)
      const call = { kernel, share, args, first, last }
      if (this.#gathered === undefined) this.#run([call])
      else this.#gathered.push(call)
    }])
    return Object.fromEntries(entries) as Shared
  }

  /** Does the calls in as few jobs as the board has room for, time loops first: their parts are the largest. */
  #run(calls: readonly Call[]): void {
    const job = this.#job
    const other = calls.length > 1
    job.clear()
    for (const loops of [true, false]) {
      for (const call of calls) {
        if ((call.share.places === true) !== loops) continue
        if (job.full) {
          this.#runJob()
          job.clear()
        }
        job.add(call, { threads: this.threads, active: loops ? this.#activeOf(call.args) : undefined, other })
      }
    }
    this.#runJob()
  }

  /** How many places are at work in each step of a time loop. */
  #activeOf([active, , begin, end]: readonly number[]): Int32Array {
    // Views end where the memory did when they were made.
    if (this.#words.buffer !== this.memory.buffer) this.#words = new Int32Array(this.memory.buffer)
    return this.#words.subarray(active / 4 + begin, active / 4 + end)
  }

  /** Together or alone. */
  #runJob(): void {
    const { calls, large, work, kernels } = this.#job
    if (this.broken || this.threads < 2 || !large) {
      this.#runAlone(calls)
      return
    }
    const start = now()
    const together = this.#pace.together(start)
    if (together) this.#share()
    else this.#runAlone(calls)
    this.#pace.note(kernels, { together, work, start, end: now() })
  }

  #runAlone(calls: readonly Call[]): void {
    for (const { kernel, args, first, last } of calls) this.#kernels[kernel](...args, first, last)
  }

  /** Puts the job on the board, takes part in it, and waits for the others. */
  #share(): void {
    const { parts } = this.#job
    let finished = false
    try {
      this.#post()
      this.#takeParts()
      finished = this.#wait(parts)
    } finally {
      // An error in the middle, too, leaves parts to threads that may still write.
      if (!finished) this.broken = true
    }
    if (!finished) {
      throw new Error(
        `kernels: expected a thread to finish its part within ${(this.#patience * NAP) / 1000} seconds, got no answer; ` +
        'from here on one thread does all. OSTINATO_THREADS=1 starts no others',
      )
    }
  }

  #post(): void {
    const words = this.#words
    const board = this.#at / 4
    const { calls, queues, parts } = this.#job
    words[board + PARTS] = parts
    words[board + THREADS] = queues.length
    for (let i = 0; i < calls.length; i += 1) {
      const { kernel, args } = calls[i]
      const at = board + CALLS + CALL_WORDS * i
      words[at] = kernel
      words[at + 1] = args.length
      for (let k = 0; k < args.length; k += 1) words[at + 2 + k] = args[k]
    }
    let at = board + RANGES
    for (let thread = 0; thread < queues.length; thread += 1) {
      const queue = queues[thread]
      for (let i = 0; i < queue.length; i += 1) words[at + i] = queue[i]
      at += queue.length
      words[board + QUEUES + QUEUE_WORDS * thread + 1] = (at - board - RANGES) / RANGE_WORDS
    }
    Atomics.store(words, board + DONE, 0)
    for (let thread = 0; thread < queues.length; thread += 1) {
      Atomics.store(words, board + QUEUES + QUEUE_WORDS * thread, queues[thread].length / RANGE_WORDS)
    }
    Atomics.add(words, board + JOBS, 1)
    if (Atomics.load(words, board + ASLEEP) > 0) Atomics.notify(words, board + JOBS)
  }

  /** Takes parts until none is left, its own first, as the other threads do. */
  #takeParts(): void {
    const words = this.#words
    const board = this.#at / 4
    const { calls, queues } = this.#job
    for (let thread = 0; thread < queues.length; thread += 1) {
      const left = board + QUEUES + QUEUE_WORDS * thread
      const queue = queues[thread]
      for (let parts; (parts = Atomics.load(words, left)) > 0;) {
        if (Atomics.compareExchange(words, left, parts, parts - 1) !== parts) continue
        const at = queue.length - parts * RANGE_WORDS
        const { kernel, args } = calls[queue[at]]
        this.#kernels[kernel](...args, queue[at + 1], queue[at + 2])
        Atomics.add(words, board + DONE, 1)
      }
    }
  }

  /** Waits for the parts that others have taken; false when they do not come. */
  #wait(parts: number): boolean {
    const words = this.#words
    const at = this.#at / 4 + DONE
    const done = (): boolean => Atomics.load(words, at) === parts
    const look = (milliseconds: number): void => {
      const end = now() + milliseconds
      while (!done() && now() < end);
    }
    look(LOOKING)
    // Naps are counted, and not the time: a machine that was put to sleep has not run out of patience.
    for (let nap = 0; nap < this.#patience && !done(); nap += 1) {
      if (!this.#maySleep) {
        look(NAP)
        continue
      }
      const before = Atomics.load(words, at)
      if (before !== parts) Atomics.wait(words, at, before, NAP)
    }
    return done()
  }
}

/** The same module for a shared memory: one flag of its only import says so. */
function shareable(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  let at = 8
  while (copy[at] !== IMPORTS) {
    const [length, start] = sectionLength(copy, at + 1)
    at = start + length
  }
  const [, start] = sectionLength(copy, at + 1)
  copy[start + FLAG] |= 2
  return copy
}

/** The number of the section of imports, and where in it, behind the names `env` and `memory`, the flag lies. */
const IMPORTS = 2
const FLAG = 13

/** A length in LEB128, and where it ends. */
function sectionLength(bytes: Uint8Array, from: number): [length: number, end: number] {
  let length = 0
  for (let at = from, shift = 0; ; at += 1, shift += 7) {
    length |= (bytes[at] & 127) << shift
    if (bytes[at] < 128) return [length, at + 1]
  }
}

/** Whether this thread may sleep: the main thread of a browser may not. */
function maySleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, 0, words[0] + 1, 0)
    return true
  } catch {
    return false
  }
}
