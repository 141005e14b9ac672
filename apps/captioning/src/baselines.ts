// What the network has to beat without any training: the most frequent caption, and the caption of the nearest picture.
import type { Dataset } from '@ostinato/datasets'
import { matmul, Tensor } from '@ostinato/tensor'
import type { EmojiRow } from './data-emoji.ts'

/** The caption that most rows have; of several the first. */
export function mostFrequent(rows: Dataset<Pick<EmojiRow, 'words'>>): readonly string[] {
  const counts = new Map<string, { count: number; readonly words: readonly string[] }>()
  for (const { words } of rows) {
    const key = words.join(' ')
    const entry = counts.get(key) ?? { count: 0, words }
    entry.count++
    counts.set(key, entry)
  }
  let best: { readonly count: number; readonly words: readonly string[] } = { count: 0, words: [] }
  for (const entry of counts.values()) if (entry.count > best.count) best = entry
  return best.words
}

/** The pictures over white as rows of colours from 0 to 1: `[rows, size * size * 3]`. */
export function pixelFeatures(rows: Dataset<Pick<EmojiRow, 'pixels'>>): Float32Array {
  const area = rows.length === 0 ? 0 : rows.get(0).pixels.length / 4
  const features = new Float32Array(rows.length * area * 3)
  let at = 0
  for (const { pixels } of rows) {
    for (let i = 0; i < pixels.length; i += 4) {
      const white = 255 - pixels[i + 3]
      features[at++] = (pixels[i] + white) / 255
      features[at++] = (pixels[i + 1] + white) / 255
      features[at++] = (pixels[i + 2] + white) / 255
    }
  }
  return features
}

/** Rows of features, one row after the other. */
export interface Neighbourhood {
  /** `[count, features]`: those whose neighbours are asked for. */
  readonly queries: Float32Array
  /** `[keys, features]`: among which neighbours are looked for. */
  readonly keys: Float32Array
  /** How many queries there are. */
  readonly count: number
  /** Euclidean distance, or the angle between rows. Default `'euclidean'`. */
  readonly metric?: 'euclidean' | 'cosine'
}

/** Queries that are compared at once. */
const block = 256

/**
 * For each query the number of the nearest key; of keys equally near the first. As `|q - k|² = |q|² - 2 q · k + |k|²`,
 * most of the work is matrix products.
 * @throws RangeError when rows are not of one length, or there is no key
 */
export function nearestNeighbours({ queries, keys, count, metric = 'euclidean' }: Neighbourhood): Int32Array {
  const nearest = new Int32Array(count)
  if (count === 0) return nearest
  const width = queries.length / count
  const keyCount = keys.length / width
  if (!Number.isInteger(width) || !Number.isInteger(keyCount) || keyCount < 1) {
    throw new RangeError(`nearestNeighbours: expected rows of one length, got ${queries.length} values in ${count} queries and ${keys.length} values in keys`)
  }
  const scale = new Float64Array(keyCount)
  const offset = new Float64Array(keyCount)
  for (let key = 0; key < keyCount; key++) {
    let sum = 0
    for (let i = key * width; i < (key + 1) * width; i++) sum += keys[i] * keys[i]
    // A query's own length changes no order.
    scale[key] = metric === 'cosine' ? 1 / Math.max(Math.sqrt(sum), 1e-12) : 2
    offset[key] = metric === 'cosine' ? 0 : sum
  }
  const all = new Tensor(keys, [keyCount, width], 'float32')
  for (let from = 0; from < count; from += block) {
    const rows = Math.min(block, count - from)
    const asked = new Tensor(queries.slice(from * width, (from + rows) * width), [rows, width], 'float32')
    const products = matmul(asked, all, { transposeB: true }).data
    for (let row = 0; row < rows; row++) {
      let best = -Infinity
      for (let key = 0; key < keyCount; key++) {
        const likeness = scale[key] * products[row * keyCount + key] - offset[key]
        if (likeness > best) {
          best = likeness
          nearest[from + row] = key
        }
      }
    }
  }
  return nearest
}
