// Lanes whose calls have been gathered: cut into pieces for which the board has room, and put there or done by one
// thread. Not here: how they are gathered, and when they are done together.
import { MOST_CALLS, MOST_STEPS } from './board.ts'
import { doCalls } from './job.ts'
import type { Job, Kernel, KernelCall } from './job.ts'
import { workOf } from './shares.ts'
import type { Share } from './shares.ts'

/** A call, and where it is one of a kernel what that costs. */
export type SharedCall = (() => void) | (KernelCall & { readonly share: Share })

/** Of a lane the stages, of each the steps, of each the calls. */
export type Gathered = readonly (readonly (readonly SharedCall[])[])[]

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
    for (let i = 0; i < stages[0].length; i += 1) for (const steps of stages) doCalls(steps[i], kernels)
  }
}

/** Puts them on the board. */
export function writeLanes(lanes: readonly Gathered[], job: Job): void {
  for (const stages of lanes) {
    // The last stage first: a thread then does what a step has left before it goes on to the next, as one alone does.
    for (let stage = stages.length - 1; stage >= 0; stage -= 1) {
      // All others follow the first, so that threads can share what a step of it has left.
      job.stream(stage)
      for (const calls of stages[stage]) job.step(calls)
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
      for (const steps of streams) calls += steps[end]?.length ?? 0
      if (end > begin && calls > MOST_CALLS) break
      for (const steps of streams) {
        for (const call of steps[end] ?? []) {
          if (typeof call === 'function') continue
          kinds |= 1 << call.kernel
          work += workOf(call.share, call.args)
        }
      }
      end += 1
    }
    yield { lanes: lanes.map(stages => stages.map(steps => steps.slice(begin, end))), kinds, work }
    begin = end
  }
}
