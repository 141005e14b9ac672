// What the kernels cost that threads do, and how the work of one call is cut into parts for them: along a range whose
// items know nothing of one another, and never along what is summed, so that results do not depend on the number of
// threads. Not here: who takes the parts.
import type { Shared } from './exports.ts'

/** What a kernel costs, and how it is cut. */
export interface Share {
  /** In multiply-adds, by its arguments: of a call, or with a `grain` of an item, by those before the range. */
  readonly work: (args: readonly number[]) => number
  /**
   * There where the last two arguments are a range of items: fewer than two times as many are not cut, and parts begin
   * at multiples of this many.
   */
  readonly grain?: number
}

/** What a function such as exp takes, and what moving an element takes, in multiply-adds. */
const FUNCTION = 20
const MOVE = 4

/** Rows that a panel has. */
const PANEL = 6

/** A time loop: `batch` and `hidden` are arguments 4 and 5, the block of steps arguments 2 and 3. */
const sequence = (gates: number): Share => ({
  work: ([, , begin, end, batch, hidden]) => (end - begin) * batch * gates * hidden * (hidden + FUNCTION),
})

/** Their order gives kernels their numbers. */
export const shares: { readonly [Name in keyof Shared]: Share } = {
  packColumns: { grain: 8, work: ([, , , , , k]) => k * MOVE },
  multiplyRows: { grain: 4 * PANEL, work: ([, , , , , , n, k]) => n * k },
  sumRows: { grain: 4, work: ([, , , rows]) => rows * MOVE },
  gatherRows: { work: ([, , , width, rows]) => width * rows * MOVE },
  scatterRows: { work: ([, , , width, rows]) => width * rows * MOVE },
  precedingRows: { work: ([, , , , begin, end, batch, width]) => (end - begin) * batch * width * MOVE },
  elmanForward: sequence(1),
  elmanBackward: sequence(1),
  gruForward: sequence(3),
  gruBackward: sequence(3),
  lstmForward: sequence(4),
  lstmBackward: sequence(4),
  movePlanes: { grain: 1, work: ([, , , , , , rows, bytes]) => rows * bytes },
  multiplyPatches: { grain: 8, work: ([, , , , , , , m, k]) => (m + 2 * MOVE) * k },
  filterGradient: { grain: 8, work: ([, , , , , m, count]) => (m + 2 * MOVE) * count },
  addPatches: { grain: 1, work: ([, , , , , count, window]) => count * window * MOVE },
}

/** A call's whole work; `args` are all its arguments. */
export function workOf({ work, grain }: Share, args: readonly number[]): number {
  return grain === undefined ? work(args) : work(args) * (args[args.length - 1] - args[args.length - 2])
}

/** A thread's parts of a call at most, as the smallest have a sixteenth of its share. */
export const MOST_PARTS_EACH = 6

/**
 * Emits each thread's share of a range, in parts that get smaller, each half of the rest: when a thread comes late, or
 * its core is slower just now, others take parts off it, and all end at nearly the same time (as in guided
 * self-scheduling, Polychronopoulos and Kuck 1987). A part has `least` items at least; ten times as many where a
 * quarter of the share is more.
 */
export function rangeParts(
  first: number, last: number, { grain, least, threads }: { grain: number; least: number; threads: number },
  emit: (first: number, last: number) => void,
): void {
  const sharing = Math.max(1, Math.min(threads, Math.floor((last - first) / Math.max(grain, least))))
  const grains = (last - first) / grain
  let at = first
  for (let thread = 0; thread < sharing; thread += 1) {
    const end = Math.min(last, first + grain * Math.ceil(((thread + 1) * grains) / sharing))
    const share = end - at
    const smallest = Math.max(least, Math.min(share / 4, 10 * least), share / 16)
    while (at < end) {
      const next = at + grain * Math.ceil(Math.max(smallest, (end - at) / 2) / grain)
      const to = end - next < smallest ? end : next
      emit(at, to)
      at = to
    }
  }
}
