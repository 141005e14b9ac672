// How the work of each kernel is cut into parts for threads: along a range whose items know nothing of one another, and
// never along what is summed, so that results do not depend on the number of threads. Not here: who takes the parts.
import type { Shared } from './exports.ts'

/** How one kernel is cut. The range are its last two arguments. */
export interface Share {
  /** Fewer than two times as many items are not cut. Parts of a range begin at multiples of this many. */
  readonly grain: number
  /** Work of an item, in multiply-adds, by the arguments before the range. */
  readonly work: (args: readonly number[]) => number
  /** The items are places of a sequence, the longest first: see `placeParts`. */
  readonly places?: boolean
}

/** What a function such as exp takes, and what moving an element takes, in multiply-adds. */
const FUNCTION = 20
const MOVE = 4

/** Rows that a panel has. */
const PANEL = 6

/** A time loop: `hidden` is argument 5, the block of steps arguments 2 and 3. */
const sequence = (gates: number): Share => ({
  grain: PANEL,
  work: ([, , begin, end, , hidden]) => (end - begin) * gates * hidden * (hidden + FUNCTION),
  places: true,
})

/** Their order gives kernels their numbers. */
export const shares: { readonly [Name in keyof Shared]: Share } = {
  packColumns: { grain: 8, work: ([, , , , , k]) => k * MOVE },
  multiplyRows: { grain: 8 * PANEL, work: ([, , , , , , n, k]) => n * k },
  sumRows: { grain: 4, work: ([, , , rows]) => rows * MOVE },
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

/** A thread's parts of a call at most, as the smallest have a sixteenth of its share. */
export const MOST_PARTS_EACH = 6
/** What a thread's larger part of the places of a sequence has of its share of them. */
const LARGER = 5 / 8

/** Takes a part: its range, and the thread that it is for, always the same one, whose cache may have the data. */
type Emit = (thread: number, first: number, last: number) => void

/**
 * Each thread's share of a range, in parts that get smaller, each half of the rest: when a thread comes late, or its
 * core is slower just now, others take parts off it, and all end at nearly the same time (as in guided self-scheduling,
 * Polychronopoulos and Kuck 1987). A part has `least` items at least; ten times as many where a quarter of the share is
 * more.
 */
export function rangeParts(
  first: number, last: number, { grain, least, threads }: { grain: number; least: number; threads: number }, emit: Emit,
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
      emit(thread, at, to)
      at = to
    }
  }
}

/**
 * Parts of the places of a sequence, where `active` says how many places are at work in each step. Every part reads all
 * weights in every step, so that there are few: a larger and a smaller one for each thread, or one where there are not
 * many places, or where `other` work fills up what time one thread has left. All of one size have nearly equal numbers
 * of steps.
 */
export function placeParts(
  active: Int32Array, places: number, { threads, other }: { threads: number; other: boolean }, emit: Emit,
): void {
  let rows = 0
  for (let t = 0; t < active.length; t += 1) rows += Math.min(active[t], places)
  const one = other || places < 2 * PANEL * threads
  const parts = one ? threads : 2 * threads
  const size = (part: number): number => (one ? 1 : part < threads ? LARGER : 1 - LARGER) * (rows / threads)
  let steps = active.length
  let sum = 0
  let target = size(0)
  let part = 0
  let first = 0
  for (let place = 1; place < places && part < parts - 1; place += 1) {
    while (steps > 0 && active[steps - 1] < place) steps -= 1
    sum += steps
    if (sum < target - steps / 2) continue
    emit(part % threads, first, place)
    part += 1
    target += size(part)
    first = place
  }
  emit(part % threads, first, places)
}
