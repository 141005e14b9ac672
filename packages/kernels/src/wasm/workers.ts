// Starts the threads that share a memory: workers of Node, or of a browser's tab that is cross-origin isolated. Typed
// here so that neither browser nor Node types are needed, and any of it may be absent. Not here: what the threads do.
import {
  ASLEEP, CALL_WORDS, CALLS, DONE, JOBS, MOST_THREADS, PARTS, QUEUE_WORDS, QUEUES, RANGE_WORDS, RANGES, READY, THREADS,
  WORDS,
} from './board.ts'

/** What a thread starts from: a module, the memory, where its board and its room lie, and the kernels by number. */
export interface Start {
  /** Its number; the caller is 0. */
  readonly thread: number
  readonly module: object
  readonly memory: object
  readonly board: number
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

/** All that a thread runs besides the module, as text: a bundler then has no second file to find. */
const source = `
const start = ({ thread, module, memory, board, room, kernels }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  const words = new Int32Array(memory.buffer, board, ${WORDS})
  exports.useRoom(room)
  const take = () => {
    const threads = words[${THREADS}]
    for (let i = 0; i < threads; i += 1) {
      const queue = ${QUEUES} + ${QUEUE_WORDS} * ((thread + i) % threads)
      for (let left; (left = Atomics.load(words, queue)) > 0;) {
        if (Atomics.compareExchange(words, queue, left, left - 1) === left) return words[queue + 1] - left
      }
    }
    return -1
  }
  Atomics.add(words, ${READY}, 1)
  let seen = 0
  let since = performance.now()
  for (;;) {
    const jobs = Atomics.load(words, ${JOBS})
    const part = jobs === seen ? -1 : take()
    if (part >= 0) {
      const range = ${RANGES} + ${RANGE_WORDS} * part
      const call = ${CALLS} + ${CALL_WORDS} * words[range]
      const args = words.subarray(call + 2, call + 2 + words[call + 1])
      const parts = words[${PARTS}]
      exports[kernels[words[call]]](...args, words[range + 1], words[range + 2])
      if (Atomics.add(words, ${DONE}, 1) + 1 === parts) Atomics.notify(words, ${DONE})
      since = performance.now()
      continue
    }
    seen = jobs
    if (performance.now() - since > ${LOOKING}) {
      Atomics.add(words, ${ASLEEP}, 1)
      Atomics.wait(words, ${JOBS}, jobs)
      Atomics.sub(words, ${ASLEEP}, 1)
      since = performance.now()
    }
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
