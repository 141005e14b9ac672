// `pnpm bench:cold`: from the start of a process to the end of the first training step of W4, bundled, against Node
// with nothing to do; both in turn, the least and the median.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bundle } from './bundle.ts'
import { machine } from './machine.ts'
import { line, table } from './output.ts'
import { training } from './programs.ts'
import { median } from './timing.ts'

const runs = 15
const folder = mkdtempSync(path.join(tmpdir(), 'ostinato-cold-'))
const files = { bare: path.join(folder, 'bare.mjs'), training: path.join(folder, 'training.mjs') }
writeFileSync(files.bare, 'console.log(0)\n')
writeFileSync(files.training, await bundle(training))

const times: Record<keyof typeof files, number[]> = { bare: [], training: [] }
const cpu: Record<keyof typeof files, number[]> = { bare: [], training: [] }
for (let run = 0; run < runs; run += 1) {
  for (const name of ['bare', 'training'] as const) {
    const probe = 'process.on("exit", () => { const { user, system } = process.cpuUsage(); console.error(user + system) })'
    const begin = performance.now()
    const { status, stderr } = spawnSync(
      process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(probe)}`, files[name]], { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`bench:cold: ${name} ended with ${status}: ${stderr}`)
    times[name].push(performance.now() - begin)
    cpu[name].push(Number(stderr.trim().split('\n').at(-1)) / 1000)
  }
}
rmSync(folder, { recursive: true })

for (const text of machine()) line(text)
const row = (name: string, of: (values: readonly number[]) => number): readonly [string, ...number[]] => [
  name, of(times.bare), of(times.training), of(times.training) - of(times.bare), of(cpu.training) - of(cpu.bare),
]
table('milliseconds from the start of the process to its end', [
  ['', 'bare Node', 'first step of W4', 'more', 'more CPU time'],
  row('least', values => Math.min(...values)),
  row('median', median),
])
