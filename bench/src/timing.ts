// The timing rule of the workloads, the same for every peer: a warm-up, then runs until both a number of them and a
// time are reached. Environment: BENCH_WARMUP_MS, BENCH_BUDGET_MS, BENCH_MIN_ITERS. Not here: the short rule of the
// kernels (measure.ts).

/** What one process says of one job; the peers' programs write the same fields. Times are milliseconds a step. */
export interface Measurement {
  readonly peer: string
  readonly version: string
  readonly workload: string
  readonly mode: string
  /** What is measured within the workload: a size, or an operation. */
  readonly part?: string
  readonly ms?: number
  readonly ms_min?: number
  readonly ms_max?: number
  readonly iters?: number
  readonly first_ms?: number
  /** CPU time a step, of all threads of the process: others on the machine change it less. */
  readonly cpu_ms?: number
  /** CPU time over wall time: well below 1 when something else took the core. */
  readonly cpu_over_wall?: number
  readonly loss_first?: number
  readonly loss_last?: number
  readonly rss_mb?: number
  readonly error?: string
}

const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise)

/** Times `step`, which may return its loss; each run counts as `parts` steps. */
export function time(step: () => unknown, parts = 1): Partial<Measurement> {
  const [warmUp, budget, least] = [
    number('BENCH_WARMUP_MS', 1000), number('BENCH_BUDGET_MS', 5000), number('BENCH_MIN_ITERS', 7),
  ]
  const losses: unknown[] = []
  const run = (): void => {
    losses.push(step())
  }
  const [first] = timesOf(run, 0)
  timesOf(run, warmUp - first)
  const cpuStart = process.cpuUsage()
  const wallStart = performance.now()
  const times = timesOf(run, budget, least).map(milliseconds => milliseconds / parts)
  const wall = performance.now() - wallStart
  const { user, system } = process.cpuUsage(cpuStart)
  times.sort((a, b) => a - b)
  const [lossFirst, lossLast] = [losses[0], losses.at(-1)]
  return {
    ms: median(times),
    ms_min: times[0],
    ms_max: times[times.length - 1],
    iters: times.length,
    first_ms: first / parts,
    cpu_ms: (user + system) / 1000 / times.length / parts,
    cpu_over_wall: (user + system) / 1000 / wall,
    ...(typeof lossFirst === 'number' && typeof lossLast === 'number' ? { loss_first: lossFirst, loss_last: lossLast } : {}),
  }
}

/** Runs for so many milliseconds, and at least so many times; gives what each run took. */
export function timesOf(run: () => unknown, milliseconds: number, least = 1): number[] {
  const times: number[] = []
  const start = performance.now()
  while (times.length < least || performance.now() - start < milliseconds) {
    const begin = performance.now()
    run()
    times.push(performance.now() - begin)
  }
  return times
}

/** The middle of `values`, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
