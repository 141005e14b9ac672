// Lanes whose calls have been gathered: cut into pieces for which the board has room, and put there or done by one
// thread. Not here: how they are gathered, and when they are done together.
import { MOST_CALLS, MOST_STEPS } from './board.ts'
import type { Job, Kernel } from './job.ts'
import { workOf } from './shares.ts'
import type { Share } from './shares.ts'

/** A call of a kernel that threads may do. */
export interface Call {
  /** Its number. */
  readonly kernel: number
  readonly share: Share
  readonly args: readonly number[]
}

/** Of a lane the stages, of each the steps, of each the calls. */
export type Gathered = readonly (readonly (readonly Call[])[])[]

/** Some steps of lanes. */
export interface Piece {
  readonly lanes: readonly Gathered[]
  /** Their kernels, a bit for each number. */
  readonly kinds: number
  /** In multiply-adds. */
  readonly work: number
}

/** Does them one after another. */
export function doLanes(lanes: readonly Gathered[], kernels: readonly Kernel[]): void {
  for (const stages of lanes) {
    stages[0].forEach((_, i) => {
      for (const steps of stages) for (const { kernel, args } of steps[i]) kernels[kernel](...args)
    })
  }
}

/** Puts them on the board. */
export function writeLanes(lanes: readonly Gathered[], job: Job): void {
  for (const stages of lanes) {
    // The last stage first: a thread then does what a step has left before it goes on to the next, as one alone does.
    for (let stage = stages.length - 1; stage >= 0; stage -= 1) {
      // All others follow the first, so that threads can share what a step of it has left.
      job.stream(stage)
      for (const calls of stages[stage]) {
        job.step()
        for (const { kernel, args } of calls) job.call(kernel, args)
      }
    }
  }
}

/** Steps of all lanes, as many at a time as come to so much work as `size` says, or as the board has room for. */
export function* piecesOf(lanes: readonly Gathered[], size: () => number): Generator<Piece> {
  const streams = lanes.flat()
  const length = Math.max(...streams.map(steps => steps.length))
  let begin = 0
  while (begin < length) {
    const enough = size()
    let [end, calls, kinds, work] = [begin, 0, 0, 0]
    while (end < length && work < enough && (end - begin + 1) * streams.length <= MOST_STEPS) {
      const next = streams.flatMap(steps => steps[end] ?? [])
      calls += next.length
      if (end > begin && calls > MOST_CALLS) break
      for (const { kernel, share, args } of next) {
        kinds |= 1 << kernel
        work += workOf(share, args)
      }
      end += 1
    }
    yield { lanes: lanes.map(stages => stages.map(steps => steps.slice(begin, end))), kinds, work }
    begin = end
  }
}
