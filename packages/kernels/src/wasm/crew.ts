// Threads on one shared memory, which share out what the kernels have to do. The caller takes part, so that a thread
// that does not come costs nothing. Not here: how threads take steps (workers.ts), how one call is cut (shares.ts), and
// when threads are of use (pace.ts).
import { READY, WORDS } from './board.ts'
import type { Exports, Shared } from './exports.ts'
import type { instance, Lane } from './machine.ts'
import { now, Pace } from './pace.ts'
import type { Memory } from './platform.ts'
import { Job } from './job.ts'
import type { Kernel } from './job.ts'
import { doLanes, piecesOf, writeLanes } from './lanes.ts'
import type { SharedCall } from './lanes.ts'
import { rangeParts, shares, workOf } from './shares.ts'
import type { Share } from './shares.ts'
import { LOOKS, startWorker } from './workers.ts'
import type { Worker } from './workers.ts'

export { usualThreads } from './workers.ts'

/** Milliseconds that the caller looks for what others do before it takes a nap. */
const LOOKING = 0.2
/** Milliseconds of a nap of the caller, and the naps after which a thread is given up. */
const NAP = 100
const PATIENCE = 600

/** Multiply-adds that a part of a range has at least: some microseconds. */
const PART = 100_000
/** Multiply-adds of lanes after which threads wait for one another: a tenth of a second, and less in a trial. */
const PIECE = 4_000_000_000
const TRIED = 30_000_000

const page = 65_536

/** What says whether jobs are done together. */
type Pacing = Pick<Pace, 'together' | 'tries' | 'rests' | 'note'>

export class Crew {
  readonly memory: Memory
  /** The exports of the caller's instance; kernels that can be shared out are, where it pays. */
  readonly exports: Exports
  /** Where the workspace starts. */
  readonly base: number
  /** Whether a thread has failed: no machine may go on with the memory then. */
  broken = false
  /** Those that threads may do, by number, as the caller's instance has them. */
  readonly #kernels: readonly Kernel[]
  readonly #board: Int32Array
  readonly #maySleep: boolean
  readonly #workers: readonly Worker[]
  readonly #pace: Pacing
  readonly #patience: number
  readonly #job: Job
  /** What the step has called that is being gathered. */
  #gathered: SharedCall[] | undefined

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
    const at = Math.ceil(exports.heapBase() / 64) * 64
    const rooms = at + 4 * WORDS
    this.base = rooms + count * room
    this.memory.grow(Math.ceil(this.base / page))
    this.#board = new Int32Array(this.memory.buffer, at, WORDS)
    this.#job = new Job(this.#board, this.#kernels)
    this.#maySleep = maySleep(this.#board)
    this.exports = { ...exports, ...this.#spread() }
    const failed = (): void => {
      this.broken = true
    }
    this.#workers = Array.from({ length: count }, (_, i) => {
      const start = { share: (i + 1) / size, module, memory, at, room: rooms + i * room, kernels }
      return startWorker(start, failed)
    })
  }

  /** Threads that have started, the caller's among them. */
  get threads(): number {
    return 1 + Atomics.load(this.#board, READY)
  }

  /** Whether the threads are of no use for a while. */
  get rests(): boolean {
    return this.#pace.rests()
  }

  /** Ends the threads. In Node they tell when they have. */
  end(): unknown[] {
    return this.#workers.map(worker => worker.terminate())
  }

  /** See `Machine.sideBySide`. Each thread goes through a lane step by step, and helps in others where its own ends. */
  sideBySide(lanes: readonly Lane[]): void {
    const gathered = lanes.map(({ steps, stages }) => stages.map(stage => (
      Array.from({ length: steps }, (_, step) => this.#gather(() => { stage(step) }))
    )))
    for (const piece of piecesOf(gathered, () => (this.#pace.tries() ? TRIED : PIECE))) {
      this.#run(piece, {
        alone: () => { doLanes(piece.lanes, this.#kernels) },
        write: () => { writeLanes(piece.lanes, this.#job) },
      })
    }
  }

  /** See `Machine.inTurn`. */
  inTurn(copy: () => void): void {
    if (this.#gathered === undefined) copy()
    else this.#gathered.push(copy)
  }

  /** Threads that would share so many multiply-adds. */
  threadsFor(work: number): number {
    return this.broken || work < 2 * PART ? 1 : this.threads
  }

  /** The calls of a step, not yet done. */
  #gather(step: () => void): SharedCall[] {
    const calls: SharedCall[] = []
    this.#gathered = calls
    try {
      step()
    } finally {
      this.#gathered = undefined
    }
    return calls
  }

  /** The shared kernels, in the same form: gathered in a step, else shared out where they have a range. */
  #spread(): Shared {
    const entries = Object.entries<Share>(shares).map(([name, share], kernel) => [name, (...args: number[]) => {
      if (this.#gathered !== undefined) this.#gathered.push({ kernel, share, args })
      else if (share.grain === undefined) this.#kernels[kernel](...args)
      else this.#runRange(kernel, share.grain, { share, args })
    }])
    return Object.fromEntries(entries) as Shared
  }

  /** Shares one call out along its range. */
  #runRange(kernel: number, grain: number, { share, args }: { readonly share: Share; readonly args: number[] }): void {
    const alone = (): void => { this.#kernels[kernel](...args) }
    const [first, last] = args.slice(-2)
    const items = last - first
    if (items < 2 * grain) {
      alone()
      return
    }
    const work = workOf(share, args)
    const least = (PART * items) / work
    this.#run({ kinds: 1 << kernel, work }, {
      alone,
      write: () => {
        rangeParts(first, last, { grain, least, threads: this.threads }, (from, to) => {
          this.#job.stream()
          this.#job.step([{ kernel, args: [...args.slice(0, -2), from, to] }])
        })
      },
    })
  }

  /** Does a job together, as `write` puts it on the board, or `alone`. `kinds` has a bit for each kernel. */
  #run(
    { kinds, work }: { readonly kinds: number; readonly work: number },
    { alone, write }: { readonly alone: () => void; readonly write: () => void },
  ): void {
    if (this.threadsFor(work) < 2) {
      alone()
      return
    }
    const start = now()
    const together = this.#pace.together(start)
    if (together) {
      this.#job.clear()
      write()
      this.#share()
    } else {
      alone()
    }
    this.#pace.note(kinds, { together, work, start, end: now() })
  }

  /** Posts the job, takes part in it, and waits for the others. */
  #share(): void {
    let finished = false
    try {
      this.#job.post()
      finished = this.#finish()
    } finally {
      // An error in the middle, too, leaves steps to threads that may still write.
      if (!finished) this.broken = true
    }
    if (!finished) {
      throw new Error(
        `kernels: expected a thread to finish its part within ${(this.#patience * NAP) / 1000} seconds, got no answer; ` +
        'from here on one thread does all. OSTINATO_THREADS=1 starts no others',
      )
    }
  }

  /** Does steps as long as there are any, and waits for those that others have taken; false when they do not come. */
  #finish(): boolean {
    const job = this.#job
    const look = (milliseconds: number): void => {
      let end = now() + milliseconds
      for (let looks = 1; !job.done && (looks % LOOKS !== 0 || now() < end); looks += 1) {
        if (job.takeStep()) end = now() + milliseconds
      }
    }
    look(LOOKING)
    // Naps are counted, and not the time: a machine that was put to sleep has not run out of patience.
    for (let nap = 0; nap < this.#patience && !job.done; nap += 1) {
      if (this.#maySleep) job.sleep(NAP)
      look(this.#maySleep ? LOOKING : NAP)
    }
    return job.done
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
