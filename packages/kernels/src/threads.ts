// How many threads share the work of the WebAssembly backends. Not here: the threads.
import { engineInUse, engines } from './backend.ts'
import { wantThreads } from './wasm/engine.ts'

/** As many as the board has room for; not imported, as it would be split off every bundle together with the board. */
const MOST = 32

/**
 * The threads that share large problems, the calling one among them. 1 until others have started, which they do once
 * there has been enough to do; and 1 where there are none: without shared memory (in a browser: without cross-origin
 * isolation), on one core, or with another backend than WebAssembly.
 *
 * @example
 * ```ts
 * import { threads } from '@ostinato/kernels'
 *
 * threads() // 1: nothing large has run yet
 * ```
 */
export function threads(): number {
  return engineInUse()?.threads ?? 1
}

/**
 * Sets how many threads may share large problems, the calling one among them, and starts them without waiting for
 * enough to do. Results are the same bits for every number. Without it there are as many as the machine has cores, up
 * to four, or as the environment variable `OSTINATO_THREADS` says.
 *
 * The kernels stay synchronous, and run on one thread until others have started. A process does not wait for them to
 * end.
 *
 * @param count 1 to 32
 * @returns how many there are, once they have started: 1 where there are no others to be had
 * @throws RangeError when `count` is no such number
 *
 * @example
 * ```ts
 * import { setThreads, threads } from '@ostinato/kernels'
 *
 * await setThreads(1)
 * threads() // 1, whatever is to come
 * ```
 */
export async function setThreads(count: number): Promise<number> {
  if (!Number.isInteger(count) || count < 1 || count > MOST) {
    throw new RangeError(`setThreads: expected a whole number from 1 to ${MOST}, got ${String(count)}`)
  }
  wantThreads(count)
  for (const engine of engines.values()) engine.reset()
  return await engineInUse()?.start() ?? 1
}
