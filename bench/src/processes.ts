// Runs programs of the benchmark each in a process of its own, pinned to cores where the system can, and reads the JSON
// lines that they print. Not here: which programs, and what is made of the lines.
import { instructionSet } from '@ostinato/native'
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measurement } from './timing.ts'

/** A program to run: a command, and what it needs in its environment. */
export interface Program {
  readonly name: string
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Where it runs. Default: the folder of the benchmark. */
  readonly cwd?: string
}

/** The folder of the benchmark. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Node as the apps start it, with room for young objects, as training makes large arrays; the peers' programs too. */
export const flags = ['--min-semi-space-size=32', '--max-semi-space-size=64']

/** The command of a program that runs in Node. */
export const node = (...args: readonly string[]): [string, ...string[]] => [process.execPath, ...flags, ...args]

const source = (script: string): [string, ...string[]] =>
  node('--conditions=@ostinato/source', '--import', 'tsx', `${root}src/${script}`)

/** This project as a program: in WebAssembly, as everybody has it; and with the addon, where that has been built. */
export const ours: readonly [Program, ...Program[]] = [
  { name: 'ostinato', command: source('ours.ts'), env: { OSTINATO_NATIVE: '0' } },
  ...(instructionSet() === undefined ? [] : [{ name: 'ostinato native', command: source('ours-native.ts') }]),
]

/** Whether processes can be pinned to a core: `taskset`, on Linux. */
export const canPin = spawnSync('taskset', ['-V']).status === 0

/** Runs a program with arguments on the cores `cpus` (such as `0` or `0,1`); gives what it printed. */
export async function runProgram(
  { name, command, env, cwd = root }: Program, args: readonly string[], { cpus = '0', seconds = 560 } = {},
): Promise<Measurement[]> {
  const [file, ...rest] = [...(canPin ? ['taskset', '-c', cpus] : []), ...command, ...args]
  const child = spawn(file, rest, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = setTimeout(() => { child.kill('SIGKILL') }, seconds * 1000)
  const [out, err]: [string[], string[]] = [[], []]
  child.stdout.on('data', (part: Buffer) => out.push(part.toString()))
  child.stderr.on('data', (part: Buffer) => err.push(part.toString()))
  const failure = await new Promise<string | undefined>((resolve) => {
    child.on('error', error => { resolve(error.message) })
    child.on('close', (code, signal) => { resolve(code === 0 ? undefined : `ended with ${code ?? signal}`) })
  })
  clearTimeout(timer)
  const lines = out.join('').split('\n').filter(text => text.startsWith('{'))
  if (lines.length > 0) return lines.map(text => JSON.parse(text) as Measurement)
  const [workload, mode = 'infer'] = (args.at(-1) ?? '').split(':')
  const reason = err.join('').trim().split('\n').findLast(text => /error/i.test(text)) ?? failure ?? 'printed nothing'
  return [{ peer: name, version: '', workload, mode, error: reason.slice(0, 200) }]
}
