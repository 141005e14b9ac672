// Starts the threads that share a memory: workers of Node, or of a browser's tab that is cross-origin isolated. Typed
// here so that neither browser nor Node types are needed, and any of it may be absent. Not here: what the threads do.
import {
  ALL, ASLEEP, CALL_WORDS, CALLS, COUNT, DONE, JOBS, LEFT_BITS, MOST_THREADS, READY, STEPS, STREAM_WORDS, STREAMS,
  TAKEN_BITS, WORDS,
} from './board.ts'

/** What a thread starts from: a module, the memory, where the board and its room lie, and the kernels by number. */
export interface Start {
  /** Of the streams of a job, where it starts to look: 0 at the first, nearly 1 at the last. */
  readonly share: number
  readonly module: object
  readonly memory: object
  readonly at: number
  readonly room: number
  readonly kernels: readonly string[]
}

/** A thread that can be ended. */
export interface Worker {
  terminate(): unknown
}

interface WorkerThreads {
  readonly Worker: new (source: object, options: object) => Worker & {
    on(event: 'error', listener: () => void): void
    unref(): void
  }
}

interface Platform {
  readonly crossOriginIsolated?: boolean
  readonly navigator?: { readonly hardwareConcurrency?: number }
  readonly process?: {
    readonly env?: Readonly<Record<string, string | undefined>>
    getBuiltinModule?(name: string): object | undefined
  }
  readonly Blob?: new (parts: readonly string[], options: object) => object
  readonly URL?: {
    new (url: string): object
    createObjectURL?(blob: object): string
    revokeObjectURL?(url: string): void
  }
  readonly Worker?: new (url: string, options: object) => Worker & {
    postMessage(message: unknown): void
    onerror: (() => void) | null
  }
}

const platform = globalThis as unknown as Platform

/**
 * Milliseconds that a thread without work looks at the board before it sleeps: longer than what a training step does
 * between two jobs, as it takes a tenth of a millisecond to wake up.
 */
const LOOKING = 3
/** Looks at the board for each look at the clock, whose numbers are garbage. */
export const LOOKS = 256

/** All that a thread runs besides the module, as text: a bundler then has no second file to find. */
const source = `
const start = ({ share, module, memory, at, room, kernels }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  const board = new Int32Array(memory.buffer, at, ${WORDS})
  exports.useRoom(room)
  const left = state => (state >> ${TAKEN_BITS}) & ${(1 << LEFT_BITS) - 1}
  const takeStep = () => {
    const count = board[${COUNT}]
    const first = Math.floor(count * share)
    for (let i = 0; i < count; i += 1) {
      const at = ${STREAMS} + ${STREAM_WORDS} * ((first + i) % count)
      const state = Atomics.load(board, at)
      const followed = board[at + 3]
      if ((state & 1) !== 0 || left(state) === 0) continue
      if (followed > 0 && left(Atomics.load(board, followed)) >= left(state)) continue
      const step = ${STEPS} + board[at + 1] + board[at + 2] - left(state)
      if ((board[step] & 1) !== 0) continue
      if (Atomics.compareExchange(board, at, state, state | 1) !== state) continue
      const end = board[step + 1] >> 1
      for (let call = board[step] >> 1; call < end; call += 1) {
        const from = ${CALLS} + ${CALL_WORDS} * call
        exports[kernels[board[from]]](...board.subarray(from + 2, from + 2 + board[from + 1]))
      }
      Atomics.store(board, at, state - ${1 << TAKEN_BITS})
      Atomics.add(board, ${DONE}, 1)
      Atomics.notify(board, ${DONE})
      return true
    }
    return false
  }
  Atomics.add(board, ${READY}, 1)
  let seen = 0
  let looks = 0
  let end = performance.now() + ${LOOKING}
  for (;;) {
    const jobs = Atomics.load(board, ${JOBS})
    if (jobs !== seen && takeStep()) {
      end = performance.now() + ${LOOKING}
      continue
    }
    // While a job goes on, a step may become ready at any time.
    if (Atomics.load(board, ${DONE}) === board[${ALL}]) seen = jobs
    looks = (looks + 1) % ${LOOKS}
    if (looks > 0 || performance.now() < end) continue
    Atomics.add(board, ${ASLEEP}, 1)
    Atomics.wait(board, ${JOBS}, jobs)
    Atomics.sub(board, ${ASLEEP}, 1)
    end = performance.now() + ${LOOKING}
  }
}
const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads')
if (threads) start(threads.workerData)
else onmessage = ({ data }) => start(data)
`

/** Threads that are worth having: every core up to four, or what OSTINATO_THREADS says. */
export function usualThreads(): number {
  const wish = Number(platform.process?.env?.OSTINATO_THREADS)
  if (Number.isInteger(wish) && wish >= 1) return Math.min(wish, MOST_THREADS)
  const os = platform.process?.getBuiltinModule?.('node:os') as { availableParallelism?(): number } | undefined
  return Math.min(4, os?.availableParallelism?.() ?? platform.navigator?.hardwareConcurrency ?? 1)
}

/** Starts one thread, which calls `failed` if it cannot go on. Throws where there are no threads. */
export function startWorker(start: Start, failed: () => void): Worker {
  const threads = platform.process?.getBuiltinModule?.('node:worker_threads') as WorkerThreads | undefined
  const { Blob, URL, Worker } = platform
  if (threads !== undefined && URL !== undefined) {
    const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`)
    // Without the flags, hooks and variables of the process: the thread needs none of them.
    const worker = new threads.Worker(url, { name: 'ostinato', workerData: start, execArgv: [], env: {} })
    worker.on('error', failed)
    // A process ends with its work, whatever its threads wait for.
    worker.unref()
    return worker
  }
  if (Blob === undefined || Worker === undefined || URL?.createObjectURL === undefined) throw new Error('no workers')
  if (platform.crossOriginIsolated !== true) throw new Error('no shared memory')
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  const worker = new Worker(url, { name: 'ostinato' })
  worker.onerror = () => {
    failed()
  }
  worker.postMessage(start)
  return worker
}
