// Files that are there whole or not at all, in Node.
import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Writes `bytes` to `path`, replacing what is there: first to a new file beside it, which is flushed to the disk and
 * then renamed. A crash at any moment leaves the old file or the new one. Missing folders are made.
 *
 * @example
 * ```ts
 * import { mkdtemp, readFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { writeWhole } from '@ostinato/train/node'
 * const path = join(await mkdtemp(join(tmpdir(), 'run-')), 'deep', 'report.html')
 * await writeWhole(path, '<!doctype html>')
 * console.assert((await readFile(path, 'utf8')) === '<!doctype html>')
 * ```
 */
export async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}`)
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** Makes the rename itself lasting. Some systems cannot open a folder: there it is as lasting as they make it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  if (handle === undefined) return
  try {
    await handle.sync().catch(() => undefined)
  } finally {
    await handle.close()
  }
}
