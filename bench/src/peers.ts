// `pnpm bench:peers [W1:train ...] [--rounds=N] [--beside=NAME,NAME]`: the workloads beside the peers, in turn on the
// same core, several rounds of each; writes the table of ratios to runs/ (Markdown, JSON and a chart).
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { drawRatios } from './chart.ts'
import { environment, install, makeGraphs } from './install-peers.ts'
import { machine } from './machine.ts'
import { line } from './output.ts'
import { absent, peers, type Peer } from './peer-list.ts'
import { flags, ours, root, runProgram, type Program } from './processes.ts'
import { cellsOf, markdown } from './report.ts'
import type { Measurement } from './timing.ts'

const trainings = ['W1:train', 'W2:train', 'W3:train', 'W4:train']
const inferences = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7']
const named = process.argv.slice(2).filter(arg => !arg.startsWith('--'))
const option = (name: string): string | undefined =>
  process.argv.find(arg => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
const rounds = Number(option('rounds') ?? 3)
/** Parts of the names of the peers asked for; the empty one is in every name. */
const asked = option('beside')?.toLowerCase().split(',') ?? ['']
const isCalled = (part: string) => ({ name }: Peer) => name.toLowerCase().includes(part)
const unknown = asked.filter(part => !peers.some(isCalled(part)))
if (unknown.length > 0) {
  const names = peers.map(({ name }) => name).join(', ')
  throw new Error(`--beside: expected parts of the names ${names}, got ${unknown.join(', ')}`)
}
const jobs = named.length > 0 ? named : [...trainings, ...inferences]

process.env.PEER_ENV = environment
process.env.BENCH_BUDGET_MS ??= '2000'
process.env.BENCH_MIN_ITERS ??= '3'
mkdirSync(environment, { recursive: true })
mkdirSync(path.join(root, 'runs'), { recursive: true })

const reasons: Record<string, string> = { ...absent }
const present = peers.filter(peer => asked.some(part => isCalled(part)(peer))).filter((peer) => {
  const reason = install(peer) ?? (peer.name.startsWith('onnxruntime') ? makeGraphs() : undefined)
  if (reason !== undefined) reasons[peer.name] = reason
  return reason === undefined
})
const programs: Peer[] = [...ours, ...present]

const folder = path.join(root, 'runs')
const names = programs.map(({ name }) => name)
const found: { program: string; job: string; round: number; result: Measurement }[] = []
for (const job of jobs) {
  const refused = new Set<Program>()
  for (let round = 0; round < rounds; round += 1) {
    for (const program of programs) {
      if (refused.has(program)) continue
      const reason = program.cannot?.[job]
      const results = reason === undefined
        ? await runProgram(program, [job])
        : [{ peer: program.name, version: '', workload: job.split(':')[0], mode: job.split(':')[1] ?? 'infer', error: reason }]
      for (const result of results) {
        found.push({ program: program.name, job, round, result })
        if (result.error !== undefined) refused.add(program)
        const time = result.error ?? `${(result.ms ?? NaN).toPrecision(4)} ms (cpu/wall ${(result.cpu_over_wall ?? NaN).toFixed(2)})`
        line(`${job} round ${round + 1}: ${program.name}: ${time}`)
      }
    }
  }
  // After every job, so that what was measured is not lost when the rest is not waited for.
  write()
}
line(write())
line(`written: ${path.join(folder, 'peers.{md,json,svg}')}`)

/** Writes what was found so far; gives the table. */
function write(): string {
  const cells = cellsOf(found)
  const text = markdown({ cells, names, machine: machine(flags), rounds, absent: reasons })
  const run = { machine: machine(flags), rounds, absent: reasons, cells, found }
  writeFileSync(path.join(folder, 'peers.md'), text)
  writeFileSync(path.join(folder, 'peers.json'), `${JSON.stringify(run, null, 1)}\n`)
  writeFileSync(path.join(folder, 'peers.svg'), drawRatios(cells, names))
  return text
}
