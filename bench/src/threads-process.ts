// A process of `pnpm bench:threads`: `threads-process.ts W2 2` trains W2 on two threads for as many milliseconds as it
// is told, and gives the time of each step.
import { availableBackends, setThreads, useBackend } from '@ostinato/kernels'
import { makeJob } from './models.ts'
import { timesOf } from './timing.ts'
import { workloads } from './workloads.ts'

const [name, count] = [process.argv[2] as keyof typeof workloads, Number(process.argv[3])]
const started = await setThreads(count)
if (started !== count) throw new Error(`bench:threads: expected ${count} threads, got ${started}`)
/** The one that has threads. */
const backend = availableBackends().find(other => other !== 'native') ?? 'javascript'
const job = makeJob(workloads[name])

process.on('message', (milliseconds: number) => {
  const step = (): number => useBackend(backend, () => job.train())
  // It finds its data in no cache.
  step()
  process.send?.(timesOf(step, milliseconds))
})
