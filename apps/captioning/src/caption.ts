// What a trained model says of pictures, many at a time.
import type { Dataset } from '@ostinato/datasets'
import { crossEntropy } from '@ostinato/nn'
import type { Tensor } from '@ostinato/tensor'
import type { Vocabulary } from '@ostinato/tokenizers'
import { captionBatch, plainPictures } from './batches.ts'
import type { EmojiRow } from './data-emoji.ts'
import type { Captioner, SearchOptions } from './model.ts'
import { paddingId } from './words.ts'

/** One picture with its name and what the model calls it. */
export interface Captioned {
  readonly row: EmojiRow
  readonly words: readonly string[]
  /** How probable the model finds its caption, 0 to 1. */
  readonly probability: number
}

/** How pictures are captioned. */
export interface CaptionOptions {
  readonly vocabulary: Vocabulary
  readonly search: SearchOptions
  /** Called as pictures are done. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Pictures at a time: enough to fill the kernels, few enough for their features to stay in the cache. */
const chunkSize = 64

/** What the model makes of pictures with known names. */
export interface Observed {
  /** The captions, in the order of the rows. */
  readonly captioned: readonly Captioned[]
  /** The mean cross-entropy of a true next word (and of the end), in nats. */
  readonly crossEntropy: number
  /** The encoder's vectors: `[rows, vectorSize]`, row by row. */
  readonly features: Float32Array
}

/** Captions all rows and weighs their true captions; each picture goes through the encoder once. */
export function observe(
  model: Captioner,
  rows: Dataset<EmojiRow>,
  { vocabulary, search, onProgress }: CaptionOptions,
): Observed {
  const { size, vectorSize } = model.config
  const features = new Float32Array(rows.length * vectorSize)
  const captioned: Captioned[] = []
  let total = 0
  let count = 0
  for (const { items, from } of chunksOf(rows)) {
    const encoded = model.encoder.forward(plainPictures(items, size))
    features.set(encoded.vector.data, from * vectorSize)
    const { inputs, targets, lengths } = captionBatch(
      items.map(({ words }) => words),
      vocabulary,
    )
    const logits = model.logits(encoded, inputs, lengths)
    total += crossEntropy(logits, targets, { ignoreId: paddingId, reduction: 'sum' }).item()
    count += lengths.reduce((a, b) => a + b, 0)
    for (const [i, { tokens, logProbability }] of model.caption(encoded, search).entries()) {
      const words = tokens.map((id) => vocabulary.token(id))
      captioned.push({ row: items[i], words, probability: Math.exp(logProbability) })
    }
    onProgress?.(from + items.length, rows.length)
  }
  return { captioned, crossEntropy: total / count, features }
}

/** Whether a caption is right to the word. */
export const isRight = ({ row, words }: Captioned): boolean => words.join(' ') === row.words.join(' ')

/** The encoder's vectors alone, as in `Observed`. */
export function encoderFeatures(model: Captioner, rows: Dataset<EmojiRow>): Float32Array {
  const { size, vectorSize } = model.config
  const features = new Float32Array(rows.length * vectorSize)
  for (const { items, from } of chunksOf(rows)) {
    const vector: Tensor = model.encoder.forward(plainPictures(items, size)).vector
    features.set(vector.data, from * vectorSize)
  }
  return features
}

function chunksOf(rows: Dataset<EmojiRow>): { readonly items: readonly EmojiRow[]; readonly from: number }[] {
  return Array.from({ length: Math.ceil(rows.length / chunkSize) }, (_, i) => {
    const from = i * chunkSize
    const length = Math.min(chunkSize, rows.length - from)
    return { items: Array.from({ length }, (_unused, j) => rows.get(from + j)), from }
  })
}
