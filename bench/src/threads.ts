// `pnpm bench:threads`: a training step of W1 to W4 against the number of threads, on a free machine and beside other
// processes that keep every core busy. `pnpm bench:threads W2 W3` runs those named. In this process, not pinned.
import { availableBackends, setThreads, useBackend } from '@ostinato/kernels'
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { machine } from './machine.ts'
import { makeJob } from './models.ts'
import { line, table } from './output.ts'
import { median, time } from './timing.ts'
import { workloads } from './workloads.ts'

/** Short and many: the speed of a machine changes from one second to the next; but trials are frequent at first. */
const rounds = 5
process.env.BENCH_WARMUP_MS ??= '1500'
process.env.BENCH_BUDGET_MS ??= '2000'
process.env.BENCH_MIN_ITERS ??= '3'
const counts = Array.from({ length: Math.min(4, Math.max(2, availableParallelism())) }, (_, i) => i + 1)
const named = process.argv.slice(2)
const names = (['W1', 'W2', 'W3', 'W4'] as const).filter(name => named.length === 0 || named.includes(name))

/** The one that has threads. */
const backend = availableBackends().find(name => name !== 'native') ?? 'javascript'

/** The medians of a workload's rounds for each number of threads, in turn, so that all see the same machine. */
async function inTurn(name: (typeof names)[number]): Promise<number[][]> {
  const job = makeJob(workloads[name])
  const medians: number[][] = counts.map(() => [])
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, count] of counts.entries()) {
      const started = await setThreads(count)
      if (started !== count) throw new Error(`bench:threads: expected ${count} threads, got ${started}`)
      medians[i].push(time(() => useBackend(backend, () => job.train())).ms ?? NaN)
    }
  }
  return medians
}

async function print(title: string): Promise<void> {
  const rows: (string | number)[][] = []
  for (const name of names) {
    const medians = await inTurn(name)
    medians.forEach((all, i) => {
      // Each round is compared with its own.
      const quicker = median(all.map((one, round) => medians[0][round] / one))
      const spread = `${Math.min(...all).toPrecision(4)} to ${Math.max(...all).toPrecision(4)}`
      rows.push([name, String(counts[i]), median(all).toPrecision(4), spread, quicker.toFixed(2)])
    })
  }
  table(`${title}: milliseconds a training step`, [['', 'threads', 'median', 'of rounds', 'quicker by'], ...rows])
}

for (const text of machine().slice(0, 2)) line(text)
line(`measured: ${backend}`)
await print('free cores')
const busy = fileURLToPath(new URL('busy.js', import.meta.url))
const others = Array.from({ length: availableParallelism() }, () => spawn(process.execPath, [busy], { stdio: 'ignore' }))
try {
  await print('every core kept busy by another process')
} finally {
  for (const other of others) other.kill('SIGKILL')
}
