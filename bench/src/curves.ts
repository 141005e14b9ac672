// `pnpm bench:curves`: how the time of a training step of W2 grows with steps, batch and hidden size, how it falls with
// the share of padding, and what memory a step leaves behind. In this process: pin it with `taskset -c 0`.
import { machine } from './machine.ts'
import { makeJob } from './models.ts'
import { line, table } from './output.ts'
import { median } from './timing.ts'
import { workloads, type Workload } from './workloads.ts'

const rounds = 9

/** The least and the median CPU time of the variants' steps in turn, so that all see the same machine. */
function inTurn(variants: readonly (readonly [name: string, Workload, lengths?: Int32Array])[]): (string | number)[][] {
  const jobs = variants.map(([name, workload, lengths]) => {
    const times: number[] = []
    return { name, job: makeJob(workload, lengths), times }
  })
  for (const { job } of jobs) for (let i = 0; i < 3; i += 1) job.train()
  for (let round = 0; round < rounds; round += 1) {
    for (const { job, times } of jobs) {
      const before = process.cpuUsage()
      job.train()
      const { user, system } = process.cpuUsage(before)
      times.push((user + system) / 1000)
    }
  }
  const first = Math.min(...jobs[0].times)
  return jobs.map(({ name, times }) => [name, Math.min(...times), median(times), Math.min(...times) / first])
}

for (const text of machine()) line(text)
const head = ['', 'least', 'median', 'of the first']
const base = workloads.W2
const print = (title: string, rows: (string | number)[][]): void => {
  table(`${title}: milliseconds of CPU a training step of W2`, [head, ...rows], 2)
}

print('steps', inTurn([16, 32, 64, 128].map(time => [`T = ${time}`, { ...base, time }])))
print('batch', inTurn([8, 16, 32, 64].map(batch => [`B = ${batch}`, { ...base, batch }])))
print('hidden size', inTurn([32, 64, 128, 256].map(hidden => [`H = ${hidden}`, { ...base, hidden }])))

// Lengths of 1 - 2 share to all of the steps, evenly spread, in no order.
const lengths = (share: number): Int32Array => Int32Array.from({ length: base.batch }, (_, row) => {
  const place = (row * 13) % base.batch
  return Math.round(base.time * (1 - (2 * share * place) / (base.batch - 1)))
})
print('share of padding', inTurn([0, 0.125, 0.25, 0.5].map(share => [`${100 * share} %`, base, lengths(share)])))

const job = makeJob(base)
const used = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 2 ** 20
}
const points = Array.from({ length: 5 }, () => {
  for (let i = 0; i < 20; i += 1) job.train()
  globalThis.gc?.()
  return used()
})
line(`\nmemory in use after 20, 40, … 100 steps${globalThis.gc ? '' : ' (with --expose-gc: after a collection)'}, MB: ${points.map(mb => mb.toFixed(1)).join(', ')}`)
line(`peak of the process: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`)
