// Ctrl-C while there is something to save: the first asks the run to stop, the second ends it at once. Outside of `run`
// Ctrl-C ends the program as usual.

/**
 * Runs `run` with a signal that Ctrl-C aborts; `onInterrupt` is called then. `fit` ends on that signal with a
 * checkpoint.
 *
 * @example
 * ```ts
 * import { interruptible } from '@ostinato/train/node'
 * const stopped = await interruptible(
 *   () => console.error('stopping after this step'),
 *   async (signal) => signal.aborted,
 * )
 * console.assert(!stopped)
 * ```
 */
export async function interruptible<T>(onInterrupt: () => void, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const end = () => process.exit(130)
  const interrupt = () => {
    process.once('SIGINT', end)
    onInterrupt()
    stop.abort()
  }
  process.once('SIGINT', interrupt)
  try {
    return await run(stop.signal)
  } finally {
    process.removeListener('SIGINT', interrupt)
    process.removeListener('SIGINT', end)
  }
}
