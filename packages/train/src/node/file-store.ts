// Checkpoints in a file.
import { readFile } from 'node:fs/promises'
import type { CheckpointStore } from '../checkpoint.ts'
import { writeWhole } from './write-whole.ts'

/**
 * Keeps the last checkpoint in the file `path`, written whole or not at all.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { fileStore } from '@ostinato/train/node'
 * const store = fileStore(join(await mkdtemp(join(tmpdir(), 'run-')), 'checkpoint.safetensors'))
 * console.assert((await store.load()) === undefined)
 * await store.save(new Uint8Array([1, 2, 3]))
 * console.assert((await store.load())?.length === 3)
 * ```
 */
export function fileStore(path: string): CheckpointStore {
  return {
    save: (checkpoint) => writeWhole(path, checkpoint),
    load: async () => {
      try {
        return new Uint8Array(await readFile(path))
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      }
    },
  }
}
