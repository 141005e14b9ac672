// A WebAssembly build at work: on one thread at first, so that small programs pay for no more; on a crew of threads
// once there has been enough to do, or when they are asked for. Where threads are not to be had it stays alone, without
// a word. The code of a crew is loaded only then. Not here: which build.
import type { Crew } from './crew.ts'
import { alone, instance, Machine } from './machine.ts'

/** Multiply-adds in large pieces after which more threads are started: some tenths of a second. */
const ENOUGH = 4e9
/** Milliseconds that `start` waits for threads, and how often it looks. */
const LONGEST = 10_000
const LOOK = 2

/** Threads that are wanted, the caller's among them; undefined: as many as are usual. */
let wanted: number | undefined

/** From here on engines have so many threads at most. */
export function wantThreads(count: number): void {
  wanted = count
}

const { setTimeout } = globalThis as unknown as {
  readonly setTimeout: (run: () => void, milliseconds: number) => unknown
}

export class Engine {
  readonly #bytes: Uint8Array
  #local: Machine
  /** The machine that runs on the crew, once one of its threads is there. */
  #shared: Machine | undefined
  /** The call for a crew, once there has been one; it may have come to nothing. */
  #called: Promise<void> | undefined
  #crew: Crew | undefined

  /** Throws where the engine of the platform refuses the build. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#local = new Machine(alone(bytes), this)
  }

  /** The machine to use now: that of the crew, unless its threads rest. */
  get machine(): Machine {
    const crew = this.#crew
    if (crew !== undefined) this.#join(crew)
    else if (this.#local.work > ENOUGH && this.#called === undefined) void this.#call()
    return this.#shared === undefined || crew?.rests === true ? this.#local : this.#shared
  }

  /**
   * A machine whose memory is not shared: to copy into and out of it takes a third of the time. For work that is hardly
   * more than its copies.
   */
  get local(): Machine {
    return this.#local
  }

  /** Threads at work, the caller's among them. */
  get threads(): number {
    return this.#shared === undefined ? 1 : this.#crew?.threads ?? 1
  }

  /** Goes back to one thread. */
  reset(): void {
    this.#dismiss()
    this.#called = undefined
  }

  /** Starts the threads now, and gives how many there are when all have started or cannot. */
  async start(): Promise<number> {
    await (this.#called ?? this.#call())
    const crew = this.#crew
    for (let waited = 0; crew !== undefined && crew === this.#crew && waited < LONGEST; waited += LOOK) {
      this.#join(crew)
      if (crew.threads === crew.size) break
      await new Promise<void>(resolve => setTimeout(resolve, LOOK))
    }
    return this.threads
  }

  #call(): Promise<void> {
    const call = this.#assemble().then((crew) => {
      // Meanwhile another number may have been asked for.
      if (this.#called === call) this.#crew = crew
      else crew?.end()
    })
    this.#called = call
    return call
  }

  async #assemble(): Promise<Crew | undefined> {
    if (wanted === 1) return undefined
    try {
      const { Crew, usualThreads } = await import('./crew.ts')
      const size = wanted ?? usualThreads()
      return size > 1 ? new Crew({ bytes: this.#bytes, make: instance }, size) : undefined
    } catch {
      // No shared memory, or no threads.
      return undefined
    }
  }

  /** Takes the crew on as soon as one of its threads is there, and leaves it when one has failed. */
  #join(crew: Crew): void {
    if (crew.broken) this.#dismiss()
    else if (this.#shared === undefined && crew.threads > 1) {
      this.#shared = new Machine(crew, this)
      // The old one may have grown large, and goes when what it has kept is used up.
      this.#local = new Machine(alone(this.#bytes), this)
    }
  }

  #dismiss(): void {
    this.#crew?.end()
    this.#crew = undefined
    this.#shared?.forget()
    this.#shared = undefined
  }
}
