// Threads on one shared memory, which share out what the kernels have to do. The caller takes part, so that a thread
// that does not come costs nothing. Not here: how threads take parts (workers.ts), how each kernel is cut
// (shares.ts), and when threads are of use (pace.ts).
import {
  ARGUMENTS, ASLEEP, BOUNDS, COUNT, DONE, KERNEL, LEFT, PARTS, READY, WORDS,
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

  /** The shared kernels, in the same form, with their range shared out. */
  #spread(): Shared {
    const entries = Object.entries(shares).map(([name, share], kernel) => {
      const run = this.#kernels[kernel]
      return [name, (...args: number[]) => {
        const bounds = this.broken ? undefined : this.#cut(share, args)
        if (bounds === undefined || bounds.length === 2) {
          run(...args)
          return
        }
        const start = now()
        const together = this.#pace.together(start)
        if (together) this.#work(kernel, args, bounds)
        else run(...args)
        const [first, last] = args.slice(-2)
        this.#pace.note(kernel, { together, work: (last - first) * share.work(args), start, end: now() })
      }]
    })
    return Object.fromEntries(entries) as Shared
  }

  /** Bounds of the parts; undefined where sharing does not pay. */
  #cut(share: Share, args: readonly number[]): number[] | undefined {
    const [first, last] = args.slice(-2)
    const items = last - first
    const { threads } = this
    const work = share.work(args)
    if (threads < 2 || items * work < 2 * PART || items < 2 * share.grain) return undefined
    if (share.places !== true) return fallingParts(first, last, { grain: share.grain, least: PART / work, threads })
    const [active, , begin, end] = args
    this.#renew()
    return placeParts(this.#words.subarray(active / 4 + begin, active / 4 + end), last, threads)
  }

  /** Views end where the memory did when they were made. */
  #renew(): void {
    if (this.#words.buffer !== this.memory.buffer) this.#words = new Int32Array(this.memory.buffer)
  }

  #work(kernel: number, args: readonly number[], bounds: readonly number[]): void {
    const words = this.#words
    const board = this.#at / 4
    const parts = bounds.length - 1
    const count = args.length - 2
    words[board + KERNEL] = kernel
    words[board + PARTS] = parts
    words[board + COUNT] = count
    for (let i = 0; i < count; i += 1) words[board + ARGUMENTS + i] = args[i]
    for (let i = 0; i <= parts; i += 1) words[board + BOUNDS + i] = bounds[i]
    let finished = false
    try {
      Atomics.store(words, board + DONE, 0)
      Atomics.store(words, board + LEFT, parts)
      if (Atomics.load(words, board + ASLEEP) > 0) Atomics.notify(words, board + LEFT, parts - 1)
      this.#takeParts(kernel, args.slice(0, count), bounds)
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

  /** Takes parts until none is left, as the other threads do. */
  #takeParts(kernel: number, args: readonly number[], bounds: readonly number[]): void {
    const words = this.#words
    const board = this.#at / 4
    for (;;) {
      const left = Atomics.load(words, board + LEFT)
      if (left === 0) return
      if (Atomics.compareExchange(words, board + LEFT, left, left - 1) !== left) continue
      const part = bounds.length - 1 - left
      this.#kernels[kernel](...args, bounds[part], bounds[part + 1])
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
