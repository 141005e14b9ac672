// How long something takes: the median and the best of several runs after a warm-up. Not here: what is measured.

export interface Timing {
  /** Milliseconds of the middle run. */
  readonly median: number
  /** Milliseconds of the quickest run. */
  readonly best: number
}

/** Times `run`. Quick ones are repeated within a run, so that every run takes a few milliseconds at least. */
export function measure(run: () => void, { runs = 25, warmUp = 150 } = {}): Timing {
  const start = performance.now()
  let turns = 0
  do {
    run()
    turns += 1
  } while (performance.now() - start < warmUp)
  const inner = Math.max(1, Math.round((4 * turns) / (performance.now() - start)))
  const times = Array.from({ length: runs }, () => {
    const begin = performance.now()
    for (let i = 0; i < inner; i += 1) run()
    return (performance.now() - begin) / inner
  }).sort((a, b) => a - b)
  return { median: times[runs >> 1], best: times[0] }
}

/** Seeded values in [-0.5, 0.5). */
export function values(length: number): Float32Array {
  let state = 1
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32 - 0.5
  })
}
