// Pictures in a file, so that they are drawn once. A file that is torn, altered or of other drawings counts as none.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeWhole } from '@ostinato/train/node'
import type { Rendered } from './render.ts'

/** What a cached file must hold to be used. */
export interface CacheEntry {
  readonly path: string
  /** Everything that the pictures depend on. */
  readonly key: string
  /** Bytes of pixels. */
  readonly length: number
}

interface Header extends Pick<Rendered, 'repaired'> {
  readonly key: string
  readonly sha256: string
}

const hash = (pixels: Uint8Array) => createHash('sha256').update(pixels).digest('hex')

/** The pictures; undefined when the file is missing or is not what it should be. */
export async function readCache({ path, key, length }: CacheEntry): Promise<Rendered | undefined> {
  const bytes = await readFile(path).catch(() => undefined)
  const end = bytes?.indexOf('\n') ?? -1
  if (bytes === undefined || end < 0 || bytes.length !== end + 1 + length) return undefined
  const header = parseHeader(bytes.toString('utf8', 0, end))
  // A copy, so that pixels start at an address of their own.
  const pixels = new Uint8Array(bytes.subarray(end + 1))
  if (header?.key !== key || header.sha256 !== hash(pixels)) return undefined
  return { pixels, repaired: header.repaired }
}

/** Writes the pictures whole or not at all: a line of JSON, then the pixels. */
export async function writeCache({ path, key }: CacheEntry, { pixels, repaired }: Rendered): Promise<void> {
  const header: Header = { key, sha256: hash(pixels), repaired }
  await writeWhole(path, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), pixels]))
}

function parseHeader(line: string): Header | undefined {
  try {
    return JSON.parse(line) as Header
  } catch {
    return undefined
  }
}
