// One process of the benchmark: runs the jobs named on the command line (`W1:train W5 ...`) and prints one JSON line
// for each measurement, as the peers' programs do.
import { backend, matrixMultiply } from '@ostinato/kernels'
import { add, tanh, tensor } from '@ostinato/tensor'
import { makeGenerator, makeJob } from './models.ts'
import { line } from './output.ts'
import { time, type Measurement } from './timing.ts'
import { elementCount, generatedSteps, productSizes, randomNumbers, workloads } from './workloads.ts'

const version = '0.0.0'

for (const job of process.argv.slice(2)) {
  const [workload, mode = 'infer'] = job.split(':')
  for (const result of run(workload, mode)) {
    const rss = process.resourceUsage().maxRSS / 1024
    const common = { peer: `ostinato (${backend()})`, version, workload, mode }
    line(JSON.stringify({ ...common, ...result, rss_mb: rss } satisfies Measurement))
  }
}

/** Measures one job: for W6 and W7 there is more than one result. */
function* run(workload: string, mode: string): Generator<Partial<Measurement>> {
  if (workload === 'W5') {
    const generate = makeGenerator(workloads.W5, generatedSteps)
    yield time(() => generate(), generatedSteps)
  } else if (workload === 'W6') {
    for (const n of productSizes) {
      const [a, b, out] = [randomNumbers(n * n, 1), randomNumbers(n * n, 2), new Float32Array(n * n)]
      yield { part: String(n), ...time(() => matrixMultiply(out, a, b, { m: n, n, k: n })) }
    }
  } else if (workload === 'W7') {
    const [a, b] = [tensor(randomNumbers(elementCount, 1)), tensor(randomNumbers(elementCount, 2))]
    yield { part: 'tanh', ...time(() => void tanh(a)) }
    yield { part: 'add', ...time(() => void add(a, b)) }
  } else if (workload in workloads) {
    const job = makeJob(workloads[workload as keyof typeof workloads])
    yield time(mode === 'train' ? () => job.train() : () => job.infer())
  } else {
    throw new RangeError(`bench: expected a workload from W1 to W7, got '${workload}'`)
  }
}
