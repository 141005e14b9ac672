// `pnpm bench`: the workloads on this machine, each in a process of its own. `pnpm bench W2 W5` runs those named.
import { machine } from './machine.ts'
import { line, table } from './output.ts'
import { flags, ours, runProgram } from './processes.ts'
import type { Measurement } from './timing.ts'

const named = process.argv.slice(2)
const all = ['W1:train', 'W2:train', 'W3:train', 'W4:train', 'W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7']
const jobs = named.length === 0 ? all : all.filter(job => named.some(name => job === name || job.split(':')[0] === name))

if (jobs.length === 0) {
  line(`bench: expected workloads among ${all.join(', ')}, got ${named.join(', ')}`)
  process.exitCode = 2
} else {
  for (const text of machine(flags)) line(text)
  const rows: (string | number)[][] = []
  for (const job of jobs) {
    const found: Measurement[] = []
    for (const program of ours) found.push(...await runProgram(program, [job]))
    for (const m of found) {
      const { ms = NaN, ms_min: least = NaN, ms_max: most = NaN, iters = 0 } = m
      const name = `${m.workload} ${m.mode}${m.part === undefined ? '' : ` ${m.part}`}, ${m.peer}`
      if (m.error !== undefined) rows.push([name, m.error, '', '', '', '', ''])
      else {
        const cells = [least, most].map(value => value.toPrecision(4))
        rows.push([
          name, ms.toPrecision(4), ...cells, String(iters), (m.cpu_over_wall ?? NaN).toFixed(2),
          (m.rss_mb ?? NaN).toFixed(0),
        ])
      }
    }
  }
  table('milliseconds a step', [['', 'median', 'least', 'most', 'steps', 'cpu/wall', 'peak MB'], ...rows])
}
