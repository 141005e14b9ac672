// Batches of texts: ids with their lengths, and the rectangle of ids that a network takes. Not here: batches of
// anything but ids.

import { atLeast, eachText } from './checks.ts'
import { fault, raise } from './errors.ts'
import type { EncodeOptions, Tokenizer } from './tokenizer.ts'

/** Many texts as ids. */
export interface EncodedBatch {
  /** one array of ids a text */
  readonly ids: number[][]
  /** how many ids each text has, `[batch]` */
  readonly lengths: Int32Array
}

/** How to pad. */
export interface PadOptions {
  /** the id that fills up; default 0, the padding of a trained vocabulary */
  readonly paddingId?: number
  /** how many ids wide to make it; default: as the longest row */
  readonly time?: number
}

/** Rows of ids in a rectangle. */
export interface PaddedIds {
  /** the ids row after row, `[batch, time]`, filled up on the right */
  readonly ids: Int32Array
  readonly shape: readonly [batch: number, time: number]
  /** how many ids of each row are not padding, `[batch]` */
  readonly lengths: Int32Array
}

/**
 * Encodes many texts.
 *
 * @param options as for `encode`, the same for every text
 * @throws TokenizerError for wrong options, or for an unknown token when the vocabulary has no `unknown`
 * @example
 * ```ts
 * import { encodeBatch, trainWordTokenizer } from '@ostinato/tokenizers'
 *
 * const tokenizer = trainWordTokenizer(['a b c d e'])
 * encodeBatch(tokenizer, ['a b c d e', 'e'], { maximumLength: 3, truncate: 'middle' }).ids // [[2, 3, 6], [6]]
 * ```
 */
export function encodeBatch(
  tokenizer: Pick<Tokenizer, 'encode'>,
  texts: Iterable<string>,
  options: EncodeOptions = {},
): EncodedBatch {
  const ids = Array.from(eachText('encodeBatch', texts), (text) => tokenizer.encode(text, options))
  return { ids, lengths: lengthsOf(ids) }
}

/**
 * Lays rows of ids into a rectangle `[batch, time]`, padded on the right.
 *
 * @throws TokenizerError when a row is longer than `time`, or an id is not a 32-bit whole number
 * @example
 * ```ts
 * import { padIds } from '@ostinato/tokenizers'
 *
 * const { ids, shape, lengths } = padIds([[5, 6, 7], [8]])
 * // ids Int32Array [5, 6, 7, 8, 0, 0], shape [2, 3], lengths Int32Array [3, 1]
 * ```
 */
export function padIds(rows: readonly ArrayLike<number>[], options: PadOptions = {}): PaddedIds {
  const lengths = lengthsOf(rows)
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0)
  const { paddingId = 0, time = longest } = options
  const faults = [...atLeast('time', time, longest), ...notAnId('paddingId', paddingId)]
  raise('padIds', faults)
  const ids = new Int32Array(rows.length * time).fill(paddingId)
  rows.forEach((row, b) => {
    for (let t = 0; t < row.length; t++) {
      ids[b * time + t] = row[t]
      if (ids[b * time + t] !== row[t]) faults.push(...notAnId(`rows[${b}][${t}]`, row[t]))
    }
  })
  raise('padIds', faults)
  return { ids, shape: [rows.length, time], lengths }
}

const lengthsOf = (rows: readonly ArrayLike<number>[]) => Int32Array.from(rows, (row) => row.length)

const notAnId = (path: string, value: number) =>
  (value | 0) === value ? [] : [fault(path, 'a whole number of 32 bits', value)]
