// Lanes whose calls have been gathered: cut into pieces for which the board has room, and put there or done by one
// thread. Not here: how they are gathered, and when they are done together.
import { MOST_CALLS, MOST_STEPS } from './board.ts'
import type { Job, Kernel } from './job.ts'
import { workOf } from './shares.ts'
import type { Share } from './shares.ts'

/** A call of a kernel that threads may do. */
interface KernelCall {
  /** Its number. */
  readonly kernel: number
  readonly share: Share
  readonly args: readonly number[]
}

/** A call, or what only the caller can do, such as a copy from or to an array. */
export type Call = KernelCall | (() => void)

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
      for (const steps of stages) {
        for (const call of steps[i]) {
          if (typeof call === 'function') call()
          else kernels[call.kernel](...call.args)
        }
      }
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
        job.step({ copies: calls.some(call => typeof call === 'function') })
        for (const call of calls) {
          if (typeof call === 'function') job.copy(call)
          else job.call(call.kernel, call.args)
        }
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
      for (const call of next) {
        if (typeof call === 'function') continue
        kinds |= 1 << call.kernel
        work += workOf(call.share, call.args)
      }
      end += 1
    }
    yield { lanes: lanes.map(stages => stages.map(steps => steps.slice(begin, end))), kinds, work }
    begin = end
  }
}
