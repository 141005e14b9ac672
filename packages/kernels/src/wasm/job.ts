// A job that threads share: calls of kernels that know nothing of one another, cut into parts. The same one is filled
// again and again, as to make one takes longer than to fill it. Not here: who does the parts.
import { MOST_CALLS, MOST_PARTS } from './board.ts'
import { MOST_PARTS_EACH, placeParts, rangeParts } from './shares.ts'
import type { Share } from './shares.ts'

/** Multiply-adds that a part has at least: some microseconds. */
const PART = 100_000

/** A call of a kernel that can be shared out. */
export interface Call {
  /** Its number. */
  readonly kernel: number
  readonly share: Share
  /** The arguments before the range. */
  readonly args: readonly number[]
  readonly first: number
  readonly last: number
}

/** What decides how a call is cut. */
interface Cutting {
  /** Threads that take part. */
  readonly threads: number
  /** Places at work in each step, where the items of the call are places of a sequence. */
  readonly active: Int32Array | undefined
  /** Whether there is other work beside it. */
  readonly other: boolean
}

export class Job {
  readonly calls: Call[] = []
  /** For each thread its parts, one behind the other: the number of the call, and the range. */
  readonly queues: readonly number[][]
  parts = 0
  /** In multiply-adds. */
  work = 0
  /** Which kernels it has: a bit for each number. */
  kernels = 0

  constructor(threads: number) {
    this.queues = Array.from({ length: threads }, () => [])
  }

  /** Whether there may be no room on the board for one more call. */
  get full(): boolean {
    return this.calls.length === MOST_CALLS || this.parts > MOST_PARTS - MOST_PARTS_EACH * this.queues.length
  }

  /** Whether it is worth sharing. */
  get large(): boolean {
    return this.parts > 1 && this.work >= 2 * PART
  }

  clear(): void {
    this.calls.length = 0
    for (const queue of this.queues) queue.length = 0
    this.parts = 0
    this.work = 0
    this.kernels = 0
  }

  add(call: Call, { threads, active, other }: Cutting): void {
    const { kernel, share: { grain, work }, args, first, last } = call
    const number = this.calls.push(call) - 1
    const items = last - first
    const each = work(args)
    const emit = (thread: number, from: number, to: number): void => {
      this.queues[thread].push(number, from, to)
      this.parts += 1
    }
    if (threads < 2 || items * each < 2 * PART || items < 2 * grain) emit(this.#shortest(), first, last)
    else if (active === undefined) rangeParts(first, last, { grain, least: PART / each, threads }, emit)
    else placeParts(active, last, { threads, other }, emit)
    this.work += items * each
    this.kernels |= 1 << kernel
  }

  /** The thread that has the fewest parts. */
  #shortest(): number {
    let shortest = 0
    this.queues.forEach((queue, thread) => {
      if (queue.length < this.queues[shortest].length) shortest = thread
    })
    return shortest
  }
}
