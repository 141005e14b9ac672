// A job on the board: written stream by stream, posted, and done together with the threads that look for it. Not here:
// what the streams are, and what comes of a thread that does not end a step.
import {
  ALL, ASLEEP, CALL_WORDS, CALLS, COUNT, DONE, JOBS, LEFT_BITS, STEPS, STREAM_WORDS, STREAMS, TAKEN_BITS,
} from './board.ts'

/** A kernel as a plain function. */
export type Kernel = (...args: number[]) => void

/** The steps that are left in a state. */
const left = (state: number): number => (state >> TAKEN_BITS) & ((1 << LEFT_BITS) - 1)

export class Job {
  readonly #board: Int32Array
  /** By number. */
  readonly #kernels: readonly Kernel[]
  #streams = 0
  #steps = 0
  #calls = 0

  constructor(board: Int32Array, kernels: readonly Kernel[]) {
    this.#board = board
    this.#kernels = kernels
  }

  /** Starts to write the next one. */
  clear(): void {
    this.#streams = 0
    this.#steps = 0
    this.#calls = 0
  }

  /** The steps that follow are a stream. `follows` is how many streams further on the one comes that it follows. */
  stream(follows = 0): void {
    const at = STREAMS + STREAM_WORDS * this.#streams
    this.#board.set([this.#steps, 0, follows === 0 ? 0 : at + STREAM_WORDS * follows], at + 1)
    this.#streams += 1
  }

  /** The calls that follow are a step. */
  step(): void {
    this.#board[STREAMS + STREAM_WORDS * (this.#streams - 1) + 2] += 1
    this.#board[STEPS + this.#steps] = this.#calls
    this.#steps += 1
  }

  call(kernel: number, args: readonly number[]): void {
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
    board[ALL] = this.#steps
    board[COUNT] = this.#streams
    board[STEPS + this.#steps] = this.#calls
    Atomics.store(board, DONE, 0)
    const number = (board[JOBS] + 1) << (LEFT_BITS + TAKEN_BITS)
    for (let stream = 0; stream < this.#streams; stream += 1) {
      const at = STREAMS + STREAM_WORDS * stream
      Atomics.store(board, at, number | (board[at + 2] << TAKEN_BITS))
    }
    Atomics.add(board, JOBS, 1)
    if (Atomics.load(board, ASLEEP) > 0) Atomics.notify(board, JOBS)
  }

  /** Does a step that is ready, as the other threads do; false where there is none just now. */
  takeStep(): boolean {
    const board = this.#board
    for (let stream = 0; stream < this.#streams; stream += 1) {
      const at = STREAMS + STREAM_WORDS * stream
      const state = Atomics.load(board, at)
      const followed = board[at + 3]
      if ((state & 1) !== 0 || left(state) === 0) continue
      if (followed > 0 && left(Atomics.load(board, followed)) >= left(state)) continue
      if (Atomics.compareExchange(board, at, state, state | 1) !== state) continue
      const step = STEPS + board[at + 1] + board[at + 2] - left(state)
      for (let call = board[step]; call < board[step + 1]; call += 1) {
        const from = CALLS + CALL_WORDS * call
        this.#kernels[board[from]](...board.subarray(from + 2, from + 2 + board[from + 1]))
      }
      Atomics.store(board, at, state - (1 << TAKEN_BITS))
      Atomics.add(board, DONE, 1)
      return true
    }
    return false
  }

  /** Whether every step is done. */
  get done(): boolean {
    return Atomics.load(this.#board, DONE) === this.#steps
  }

  /** Sleeps until one more step is done, or for so many milliseconds. */
  sleep(milliseconds: number): void {
    const before = Atomics.load(this.#board, DONE)
    if (before !== this.#steps) Atomics.wait(this.#board, DONE, before, milliseconds)
  }
}
