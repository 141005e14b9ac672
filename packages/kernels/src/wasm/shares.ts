// How the work of each kernel is cut into parts for threads: along a range whose items know nothing of one another, and
// never along what is summed, so that results do not depend on the number of threads. Not here: who takes the parts.
import type { Shared } from './exports.ts'

/** How one kernel is cut. The range are its last two arguments. */
export interface Share {
  /** Parts begin at multiples of this many items, and have this many at least. */
  readonly grain: number
  /** Work of an item, in multiply-adds. */
  readonly work: (args: readonly number[]) => number
  /** The items are places of a sequence, the longest first: see `evenPlaces`. */
  readonly places?: boolean
}

/** What a function such as exp takes, and what moving an element takes, in multiply-adds. */
const FUNCTION = 20
const MOVE = 4

/** Rows of a product that two row panels have: fewer would waste what is read of the other operand. */
const ROWS = 12

/** A time loop: `hidden` is argument 5, the block of steps arguments 2 and 3. */
const sequence = (gates: number): Share => ({
  grain: 4,
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
  multiplyRows: { grain: ROWS, work: ([, , , , , , n, k]) => n * k },
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

/** Bounds of `parts` nearly equal parts from `first` to `last`, at multiples of `grain` from `first` on. */
export function evenParts(first: number, last: number, grain: number, parts: number): number[] {
  const grains = Math.ceil((last - first) / grain)
  return Array.from({ length: parts + 1 }, (_, i) => Math.min(last, first + grain * Math.round((i * grains) / parts)))
}

/**
 * Bounds of `parts` parts of the places with nearly equal numbers of steps, where `active` says how many places are at
 * work in each step.
 */
export function evenPlaces(active: Int32Array, places: number, parts: number): number[] {
  const bounds = [0]
  let rows = 0
  for (const working of active) rows += Math.min(working, places)
  let steps = active.length
  let sum = 0
  for (let place = 0; place < places && bounds.length < parts; place += 1) {
    while (steps > 0 && active[steps - 1] <= place) steps -= 1
    sum += steps
    if (sum * parts >= rows * bounds.length) bounds.push(place + 1)
  }
  while (bounds.length <= parts) bounds.push(places)
  return bounds
}
