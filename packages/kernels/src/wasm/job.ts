// A job on the board: written stream by stream, posted, and done together with the threads that look for it. Not here:
// what the streams are, and what comes of a thread that does not end a step.
import {
  ALL, ASLEEP, CALL_WORDS, CALLS, COUNT, DONE, JOBS, LEFT_BITS, STEPS, STREAM_WORDS, STREAMS, TAKEN_BITS,
} from './board.ts'

/** A kernel as a plain function. */
export type Kernel = (...args: number[]) => void

/** A call of a kernel, by its number. */
export interface KernelCall {
  readonly kernel: number
  readonly args: readonly number[]
}

/** A call of a kernel, or what only the caller can do, such as a copy from or to an array. */
export type Call = (() => void) | KernelCall

/** Does calls one after another. */
export function doCalls(calls: readonly Call[], kernels: readonly Kernel[]): void {
  for (const call of calls) {
    if (typeof call === 'function') call()
    else kernels[call.kernel](...call.args)
  }
}

/** The steps that are left in a state. */
const left = (state: number): number => (state >> TAKEN_BITS) & ((1 << LEFT_BITS) - 1)

export class Job {
  readonly #board: Int32Array
  /** By number. */
  readonly #kernels: readonly Kernel[]
  /** The calls of each step. */
  readonly #steps: (readonly Call[])[] = []
  #streams = 0
  #calls = 0
  /** Whether some steps are for the caller. */
  #callers = false

  constructor(board: Int32Array, kernels: readonly Kernel[]) {
    this.#board = board
    this.#kernels = kernels
  }

  /** Starts to write the next one. */
  clear(): void {
    this.#steps.length = 0
    this.#streams = 0
    this.#calls = 0
    this.#callers = false
  }

  /** The steps that follow are a stream. `follows` is how many streams further on the one comes that it follows. */
  stream(follows = 0): void {
    const at = STREAMS + STREAM_WORDS * this.#streams
    this.#board.set([this.#steps.length, 0, follows === 0 ? 0 : at + STREAM_WORDS * follows], at + 1)
    this.#streams += 1
  }

  /** Adds a step to the last stream: with a copy among its calls it is the caller's. */
  step(calls: readonly Call[]): void {
    const board = this.#board
    board[STREAMS + STREAM_WORDS * (this.#streams - 1) + 2] += 1
    const first = this.#calls
    let callers = false
    for (const call of calls) {
      if (typeof call === 'function') callers = true
      else this.#write(call)
    }
    board[STEPS + this.#steps.length] = 2 * first + Number(callers)
    this.#steps.push(calls)
    this.#callers ||= callers
  }

  #write({ kernel, args }: KernelCall): void {
    const board = this.#board
    const at = CALLS + CALL_WORDS * this.#calls
    board[at] = kernel
    board[at + 1] = args.length
    for (let i = 0; i < args.length; i += 1) board[at + 2 + i] = args[i]
    this.#calls += 1
  }

  /** Lets the threads have what has been written. */
  post(): void {
    const board = this.#board
    board[ALL] = this.#steps.length
    board[COUNT] = this.#streams
    board[STEPS + this.#steps.length] = 2 * this.#calls
    Atomics.store(board, DONE, 0)
    const number = (board[JOBS] + 1) << (LEFT_BITS + TAKEN_BITS)
    for (let stream = 0; stream < this.#streams; stream += 1) {
      const at = STREAMS + STREAM_WORDS * stream
      Atomics.store(board, at, number | (board[at + 2] << TAKEN_BITS))
    }
    Atomics.add(board, JOBS, 1)
    if (Atomics.load(board, ASLEEP) > 0) Atomics.notify(board, JOBS)
  }

  /**
   * Does a step that is ready; false where there is none just now. Copies come first, as others may wait for them, and
   * those of the last streams first of all, where the others start to look.
   */
  takeStep(): boolean {
    for (let stream = this.#streams - 1; this.#callers && stream >= 0; stream -= 1) {
      if (this.#take(stream, 1)) return true
    }
    for (let stream = 0; stream < this.#streams; stream += 1) if (this.#take(stream, 0)) return true
    return false
  }

  /** Does the next step of a stream if it is ready, and the caller's (1) or anyone's (0). */
  #take(stream: number, callers: 0 | 1): boolean {
    const board = this.#board
    const at = STREAMS + STREAM_WORDS * stream
    const state = Atomics.load(board, at)
    const followed = board[at + 3]
    if ((state & 1) !== 0 || left(state) === 0) return false
    if (followed > 0 && left(Atomics.load(board, followed)) >= left(state)) return false
    const step = board[at + 1] + board[at + 2] - left(state)
    if ((board[STEPS + step] & 1) !== callers) return false
    if (Atomics.compareExchange(board, at, state, state | 1) !== state) return false
    doCalls(this.#steps[step], this.#kernels)
    Atomics.store(board, at, state - (1 << TAKEN_BITS))
    Atomics.add(board, DONE, 1)
    return true
  }

  /** Whether every step is done. */
  get done(): boolean {
    return Atomics.load(this.#board, DONE) === this.#steps.length
  }

  /** Sleeps until one more step is done, or for so many milliseconds. */
  sleep(milliseconds: number): void {
    const before = Atomics.load(this.#board, DONE)
    if (before !== this.#steps.length) Atomics.wait(this.#board, DONE, before, milliseconds)
  }
}
