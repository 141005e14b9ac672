// Lets others have the thread from time to time. Not a scheduler.

/**
 * A function to await between two pieces of work: lets timers, signals and the page run after `milliseconds` of work,
 * and costs nothing in between.
 */
export function breather(milliseconds = 50): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < milliseconds) return
    await new Promise((resolve) => setTimeout(resolve, 0))
    last = performance.now()
  }
}
