// Threads on one shared memory, which share out what the kernels have to do. The caller takes part, so that a thread
// that does not come costs nothing. Not here: how threads take parts (workers.ts), how each kernel is cut
// (shares.ts), and when threads are of use (pace.ts).
import {
  ASLEEP, CALL_WORDS, CALLS, DONE, LEFT, MOST_CALLS, MOST_PARTS, PARTS, RANGE_WORDS, RANGES, READY, WORDS,
} from './board.ts'
import type { Exports, Shared } from './exports.ts'
import type { instance } from './machine.ts'
import { now, Pace } from './pace.ts'
import type { Memory } from './platform.ts'
import { fallingParts, placeParts, shares } from './shares.ts'
import type { Share } from './shares.ts'
import { startWorker } from './workers.ts'
import type { Worker } from './workers.ts'

export { usualThreads } from './workers.ts'

/** Multiply-adds that a part has at least: some microseconds. */
const PART = 100_000
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

/** A call of a kernel that can be shared out. */
interface Call {
  readonly kernel: number
  readonly share: Share
  /** The range at their end. */
  readonly args: readonly number[]
}

/** Part of a call's range. */
interface Part {
  readonly call: Call
  readonly first: number
  readonly last: number
  /** In multiply-adds, roughly. */
  readonly work: number
}

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
    this.#workers = Array.from({ length: count }, (_, i) =>
      startWorker({ module, memory, board: this.#at, room: this.#at + 4 * WORDS + i * room, kernels }, failed))
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
    const entries = Object.entries(shares).map(([name, share], kernel) => [name, (...args: number[]) => {
      const call = { kernel, share, args }
      if (this.#gathered === undefined) this.#run([call])
      else this.#gathered.push(call)
    }])
    return Object.fromEntries(entries) as Shared
  }

  /** Does the calls in as few jobs as the board has room for. */
  #run(calls: readonly Call[]): void {
    let fitting: Call[] = []
    let parts: Part[] = []
    for (const call of calls) {
      const cut = this.#cut(call, calls.length > 1)
      if (fitting.length === MOST_CALLS || parts.length + cut.length > MOST_PARTS) {
        this.#runJob(fitting, parts)
        fitting = []
        parts = []
      }
      fitting.push(call)
      parts.push(...cut)
    }
    this.#runJob(fitting, parts)
  }

  /** Does what fits the board, together or alone. */
  #runJob(calls: readonly Call[], parts: Part[]): void {
    const work = parts.reduce((sum, part) => sum + part.work, 0)
    if (this.broken || this.threads < 2 || parts.length < 2 || work < 2 * PART) {
      this.#runAlone(calls)
      return
    }
    const start = now()
    const together = this.#pace.together(start)
    if (together) this.#share(calls, parts)
    else this.#runAlone(calls)
    const kind = calls.reduce((bits, { kernel }) => bits | (1 << kernel), 0)
    this.#pace.note(kind, { together, work, start, end: now() })
  }

  #runAlone(calls: readonly Call[]): void {
    for (const { kernel, args } of calls) this.#kernels[kernel](...args)
  }

  /** The parts of a call; whether there is other work beside it. */
  #cut(call: Call, other: boolean): Part[] {
    const { share, args } = call
    const [first, last] = args.slice(-2)
    const { threads } = this
    const work = share.work(args)
    const items = last - first
    let bounds: readonly number[] = [first, last]
    if (threads > 1 && items * work >= 2 * PART && items >= 2 * share.grain) {
      bounds = share.places === true
        ? placeParts(this.#activeOf(args), last, { threads, other })
        : fallingParts(first, last, { grain: share.grain, least: PART / work, threads })
    }
    return bounds.slice(1).map((end, i) => ({ call, first: bounds[i], last: end, work: (end - bounds[i]) * work }))
  }

  /** How many places are at work in each step of a time loop. */
  #activeOf([active, , begin, end]: readonly number[]): Int32Array {
    this.#renew()
    return this.#words.subarray(active / 4 + begin, active / 4 + end)
  }

  /** Views end where the memory did when they were made. */
  #renew(): void {
    if (this.#words.buffer !== this.memory.buffer) this.#words = new Int32Array(this.memory.buffer)
  }

  /** The parts go to whoever takes them, the largest first. */
  #share(calls: readonly Call[], parts: Part[]): void {
    parts.sort((a, b) => b.work - a.work)
    const words = this.#words
    const board = this.#at / 4
    words[board + PARTS] = parts.length
    calls.forEach(({ kernel, args }, i) => {
      const at = board + CALLS + CALL_WORDS * i
      words[at] = kernel
      words[at + 1] = args.length - 2
      for (let k = 0; k < args.length - 2; k += 1) words[at + 2 + k] = args[k]
    })
    parts.forEach(({ call, first, last }, i) => {
      const at = board + RANGES + RANGE_WORDS * i
      words[at] = calls.indexOf(call)
      words[at + 1] = first
      words[at + 2] = last
    })
    let finished = false
    try {
      Atomics.store(words, board + DONE, 0)
      Atomics.store(words, board + LEFT, parts.length)
      if (Atomics.load(words, board + ASLEEP) > 0) Atomics.notify(words, board + LEFT, parts.length - 1)
      this.#takeParts(parts)
      finished = this.#wait(parts.length)
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

  /** Takes parts until none is left, as the other threads do. */
  #takeParts(parts: readonly Part[]): void {
    const words = this.#words
    const board = this.#at / 4
    for (;;) {
      const left = Atomics.load(words, board + LEFT)
      if (left === 0) return
      if (Atomics.compareExchange(words, board + LEFT, left, left - 1) !== left) continue
      const { call: { kernel, args }, first, last } = parts[parts.length - left]
      this.#kernels[kernel](...args.slice(0, -2), first, last)
      Atomics.add(words, board + DONE, 1)
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
