// `pnpm bench:threads`: a training step of W1 to W4 against the number of threads, on a free machine and beside other
// processes that keep every core busy. `pnpm bench:threads W2 W3` runs those named. Each number of threads has a
// process of its own, not pinned; they take turns, so that all see the same machine. Beside two threads stand two
// processes of one thread that train at the same time: so much two cores of that machine give. Node has the flags that
// the apps give it: without them V8 takes a process that waits for its turn for idle, and from then on marks its heap
// after every 32 MB of arrays, on the core that the other thread needs. Not here: what a process does
// (threads-process.ts).
import { fork, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { machine } from './machine.ts'
import { line, table } from './output.ts'
import { flags } from './processes.ts'
import { median } from './timing.ts'
import type { workloads } from './workloads.ts'

/** Turns of each process. */
const rounds = 8
/**
 * Milliseconds of a turn, and those before the first: by then trials have become rare. In a short turn one is due each
 * time, and on busy cores the scheduler favours who has just waited.
 */
const turn = 2000
const warmUp = 6000
const counts = Array.from({ length: Math.min(4, Math.max(2, availableParallelism())) }, (_, i) => i + 1)
const named = process.argv.slice(2)
const names = (['W1', 'W2', 'W3', 'W4'] as const).filter(name => named.length === 0 || named.includes(name))
const program = fileURLToPath(new URL('threads-process.ts', import.meta.url))
const busy = fileURLToPath(new URL('busy.js', import.meta.url))

/** The times of the steps of one turn. */
async function takeTurn(child: ChildProcess, milliseconds: number): Promise<number[]> {
  child.send(milliseconds)
  const [times] = await once(child, 'message') as [number[]]
  return times
}

function start(name: string, count: number): ChildProcess {
  const child = fork(program, [name, String(count)], { execArgv: [...process.execArgv, ...flags] })
  child.on('exit', (code) => {
    // None where it is killed, as all are in the end.
    if (code !== null) throw new Error(`bench:threads: expected a process to go on, got its end with code ${code}`)
  })
  return child
}

/** What is measured: processes that train at the same time, and the threads that each of them has. */
interface Way {
  readonly processes: number
  readonly threads: number
}

/** One thread, and the others that it is compared with. */
function waysOf({ processes }: { readonly processes: boolean }): Way[] {
  return counts.flatMap(count => [
    { processes: 1, threads: count },
    // What there is to be had: nothing is shared, and nobody waits.
    ...(processes && count > 1 ? [{ processes: count, threads: 1 }] : []),
  ])
}

/** By way and round, the times of steps. */
async function inTurn(name: keyof typeof workloads, ways: readonly Way[]): Promise<number[][][]> {
  const children = ways.map(({ processes, threads }) => Array.from({ length: processes }, () => start(name, threads)))
  const takeTurns = async (i: number, milliseconds: number): Promise<number[]> => (
    (await Promise.all(children[i].map(child => takeTurn(child, milliseconds)))).flat()
  )
  try {
    for (const i of ways.keys()) await takeTurns(i, warmUp)
    const times: number[][][] = ways.map(() => [])
    for (let round = 0; round < rounds; round += 1) {
      for (const i of ways.keys()) times[i].push(await takeTurns(i, turn))
    }
    return times
  } finally {
    for (const child of children.flat()) child.kill('SIGKILL')
  }
}

function mean(times: readonly number[]): number {
  return times.reduce((sum, time) => sum + time, 0) / times.length
}

/** What a tenth of the steps are quicker than: the time where nobody else is in the way. */
function quickest(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 10)]
}

async function print(title: string, ways: readonly Way[]): Promise<void> {
  const rows: string[][] = []
  for (const name of names) {
    const times = await inTurn(name, ways)
    times.forEach((turns, i) => {
      const { processes, threads } = ways[i]
      // Each turn is compared with that of one thread in the same round; so many processes do so many steps at a time.
      const quicker = (by: (steps: readonly number[]) => number): string => (
        (processes * median(turns.map((steps, round) => by(times[0][round]) / by(steps)))).toFixed(2)
      )
      const [alone, all] = [times[0].flat(), turns.flat()]
      rows.push([
        name, processes === 1 ? String(threads) : `${processes} processes`, median(all).toPrecision(4), quicker(median), mean(all).toPrecision(4), quicker(mean),
        quickest(all).toPrecision(4), ((processes * quickest(alone)) / quickest(all)).toFixed(2),
      ])
    })
  }
  // Where processes share a core, a step is either let through or stopped for some milliseconds: the median of short
  // steps then says which of the two is the commoner, and the mean what all of them took.
  const head = ['', 'threads', 'median', 'quicker by', 'mean', 'quicker by', 'quickest tenth', 'quicker by']
  table(`${title}: milliseconds a training step`, [head, ...rows])
}

for (const text of machine(flags).slice(0, 3)) line(text)
await print('free cores', waysOf({ processes: true }))
const others = Array.from({ length: availableParallelism() }, () => spawn(process.execPath, [busy], { stdio: 'ignore' }))
try {
  await print('every core kept busy by another process', waysOf({ processes: false }))
} finally {
  for (const other of others) other.kill('SIGKILL')
}
