// The pictures: the emoji that all four vendors draw, drawn once and kept, with their names. Splits are in
// data-splits.ts, batches in data-augment.ts.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { dataset, type Dataset } from '@ostinato/datasets'
import { findDrawings, vendors as allVendors, type Vendor, type VendorDrawings, type VendorSource } from './data-drawings.ts'
import { readNames, type EmojiName, type Language } from './data-names.ts'
import { appFolder } from './data-packages.ts'
import { CommandError } from './errors.ts'
import { readCache, writeCache } from './render-cache.ts'
import { renderDrawings, type Rendered, type Repair } from './render.ts'

/** One vendor's drawing of one emoji. */
export interface EmojiRow extends EmojiName {
  readonly vendor: Vendor
  /** `[size, size, 4]`: RGBA from 0 to 255, colours multiplied by alpha. Part of a larger array: do not change it. */
  readonly pixels: Uint8Array
}

/** The pictures with what must be said of them. */
export interface EmojiPictures {
  readonly size: number
  /** Every emoji of one vendor, then of the next; within a vendor in the order of Unicode. */
  readonly rows: Dataset<EmojiRow>
  /** Drawings that could not be drawn as they are. */
  readonly repaired: readonly Repair[]
  readonly sources: readonly VendorSource[]
}

/** Which pictures. */
export interface EmojiOptions {
  /** Pixels along a side, 16 to 128. Default 32. */
  readonly size?: number
  /** Default: all four. The emoji are those that all four draw in any case. */
  readonly vendors?: readonly Vendor[]
  /** Default `'en'`. */
  readonly language?: Language
  /** Only these, by code points without FE0F. Default: all. */
  readonly only?: readonly string[]
  /** Only so many emoji, evenly chosen from all, with all their skin tones. Default: all. */
  readonly limit?: number
  /** Where drawn pictures are kept. */
  readonly cacheFolder?: string
  /** Called as pictures are drawn; not at all when they were drawn before. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Changes when the same drawings come out as other pixels. */
const renderVersion = 1

/**
 * The emoji of the vendors as pictures with captions.
 * @throws CommandError when data is not installed, a drawing cannot be drawn, or options are out of range
 */
export async function readEmoji({
  size = 32,
  vendors = allVendors,
  language = 'en',
  only,
  limit,
  cacheFolder = join(appFolder, '.cache'),
  onProgress,
}: EmojiOptions = {}): Promise<EmojiPictures> {
  if (!Number.isInteger(size) || size < 16 || size > 128) {
    throw new CommandError(`expected pictures of 16 to 128 pixels a side, got ${size}`)
  }
  const names = await readNames(language)
  const sets = await Promise.all(allVendors.map(findDrawings))
  const wanted = only && new Set(only)
  const drawn = names.filter(({ codePoints }) =>
    (wanted?.has(codePoints) ?? true) && sets.every((set) => set.names.has(codePoints)))
  if (wanted && drawn.length < wanted.size) {
    throw new CommandError(`expected emoji that all vendors draw, got ${wanted.size - drawn.length} others`)
  }
  const common = limit === undefined ? drawn : fewOf(drawn, limit)
  const chosen = allVendors.flatMap((vendor, i) => (vendors.includes(vendor) ? [sets[i]] : []))
  const total = chosen.length * common.length
  const bytes = size * size * 4
  const rows: EmojiRow[] = []
  const repaired: Repair[] = []
  const points = common.map(({ codePoints }) => codePoints)
  for (const [at, set] of chosen.entries()) {
    const rendered = await picturesOf(set, points, {
      size,
      cacheFolder,
      onProgress: (done) => onProgress?.(at * common.length + done, total),
    })
    repaired.push(...rendered.repaired)
    common.forEach((name, i) => {
      rows.push({ ...name, vendor: set.source.vendor, pixels: rendered.pixels.subarray(i * bytes, (i + 1) * bytes) })
    })
  }
  return { size, rows: dataset(rows), repaired, sources: chosen.map(({ source }) => source) }
}

/** `limit` emoji, evenly chosen, with all their skin tones. */
function fewOf(names: readonly EmojiName[], limit: number): EmojiName[] {
  const bases = [...new Set(names.map(({ base }) => base))]
  const count = Math.min(limit, bases.length)
  const kept = new Set(Array.from({ length: count }, (_, i) => bases[Math.floor((i * bases.length) / count)]))
  return names.filter(({ base }) => kept.has(base))
}

/** Pictures drawn before, or drawn now and kept. */
async function picturesOf(
  { source, read }: VendorDrawings,
  codePoints: readonly string[],
  { size, cacheFolder, onProgress }: Required<Pick<EmojiOptions, 'size' | 'cacheFolder' | 'onProgress'>>,
): Promise<Rendered> {
  const list = createHash('sha256').update(codePoints.join(' ')).digest('hex')
  const key = `${renderVersion} ${source.package} ${size} ${list}`
  const path = join(cacheFolder, `${source.vendor}-${size}-${list.slice(0, 8)}.pictures`)
  const entry = { path, key, length: codePoints.length * size * size * 4 }
  const before = await readCache(entry)
  if (before !== undefined) return before
  const rendered = await renderDrawings(await read(codePoints), { size, onProgress })
  await writeCache(entry, rendered)
  return rendered
}
