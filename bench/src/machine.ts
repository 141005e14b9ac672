// What a measurement was made on, in words.
import { availableBackends } from '@ostinato/kernels'
import { cpus, release, type } from 'node:os'
import { canPin } from './processes.ts'

/** Lines that state processor, system, engine, and the flags that programs in Node have. */
export function machine(flags: readonly string[] = []): string[] {
  const [cpu] = cpus()
  return [
    `${cpu.model}, ${cpus().length} cores; ${type()} ${release()}`,
    `Node ${process.versions.node} (V8 ${process.versions.v8}), ${process.arch}; backends: ${availableBackends().join(', ')}`,
    ...(flags.length > 0 ? [`programs in Node run with ${flags.join(' ')}`] : []),
    canPin ? 'each process on one core (taskset), float32, one thread' : 'processes not pinned (no taskset), float32, one thread',
  ]
}
