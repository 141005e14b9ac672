// How the work of each kernel is cut into parts for threads: along a range whose items know nothing of one another, and
// never along what is summed, so that results do not depend on the number of threads. Not here: who takes the parts.
import type { Shared } from './exports.ts'

/** How one kernel is cut. The range are its last two arguments. */
export interface Share {
  /** Fewer than two times as many items are not cut. Parts of a range begin at multiples of this many. */
  readonly grain: number
  /** Work of an item, in multiply-adds. */
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
  exp: { grain: 64, work: () => FUNCTION },
  tanh: { grain: 64, work: () => FUNCTION },
  sigmoid: { grain: 64, work: () => FUNCTION },
  softmax: { grain: 1, work: ([, columns]) => columns * 2 * FUNCTION },
  packColumns: { grain: 8, work: ([, , , , , k]) => k * MOVE },
  multiplyRows: { grain: 2 * PANEL, work: ([, , , , , , n, k]) => n * k },
  gatherRows: { grain: 1, work: ([, , , width]) => width * MOVE },
  scatterRows: { grain: 1, work: ([, , , width]) => width * MOVE },
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

/** The parts of a range get no smaller than a thread's share of it over this. */
const SMALLEST = 16
/** What a thread's larger part of the places of a sequence has of its share of them. */
const LARGER = 5 / 8

/**
 * Bounds of parts that get smaller: each has half of what a thread would get of the rest, and `least` items at least
 * (guided self-scheduling, Polychronopoulos and Kuck 1987). A thread that comes late, or whose core is slower just now,
 * takes fewer of them, and all end at nearly the same time.
 */
export function fallingParts(
  first: number, last: number, { grain, least, threads }: { grain: number; least: number; threads: number },
): number[] {
  const smallest = Math.max(least, (last - first) / (SMALLEST * threads))
  const bounds = [first]
  for (let at = first; at < last;) {
    const share = Math.max(smallest, (last - at) / (2 * threads))
    const end = at + grain * Math.ceil(share / grain)
    at = last - end < smallest ? last : end
    bounds.push(at)
  }
  return bounds
}

/**
 * Bounds of parts of the places of a sequence, where `active` says how many places are at work in each step. Every part
 * reads all weights in every step, so that there are few: a larger and a smaller one for each thread, or one where
 * there are not many places, or where `other` work fills up what time one thread has left. All of one size have nearly
 * equal numbers of steps.
 */
export function placeParts(
  active: Int32Array, places: number, { threads, other }: { threads: number; other: boolean },
): number[] {
  let rows = 0
  for (const working of active) rows += Math.min(working, places)
  const sizes = other || places < 2 * PANEL * threads ? [1] : [LARGER, 1 - LARGER]
  const targets = sizes.flatMap(size => new Array<number>(threads).fill((size * rows) / threads))
  const bounds = [0]
  let steps = active.length
  let sum = 0
  let target = targets[0]
  for (let place = 1; place < places && bounds.length < targets.length; place += 1) {
    while (steps > 0 && active[steps - 1] < place) steps -= 1
    sum += steps
    if (sum < target - steps / 2) continue
    target += targets[bounds.length]
    bounds.push(place)
  }
  bounds.push(places)
  return bounds
}
