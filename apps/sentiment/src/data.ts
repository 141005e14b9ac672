// The reviews: reading them, cutting off a validation part, turning texts into padded batches of ids.
import { dataset, DataLoader, padSequences, splitByGroup, splitStratified, type Dataset } from '@ostinato/datasets'
import { loadImdb, type Imdb, type Review } from '@ostinato/datasets/imdb'
import { Rng, tensor, type Tensor } from '@ostinato/tensor'
import { trainWordTokenizer, type Tokenizer, type WordTokenizer } from '@ostinato/tokenizers'

/** The reviews in three parts that share no text. */
export interface Reviews {
  readonly train: Dataset<Review>
  readonly validation: Dataset<Review>
  readonly test: Dataset<Review>
  /** Training reviews left out because their text is a test review too. */
  readonly repeated: number
  readonly source: Imdb['source']
}

/** Which reviews are used. */
export interface ReviewOptions {
  readonly seed: number
  /** Use only so many training and so many test reviews. Absent: all. */
  readonly limit?: number
}

/** A review as the model reads it. */
export interface EncodedReview {
  readonly ids: Int32Array
  readonly label: 0 | 1
}

/** A padded batch: `ids` `[batch, time]`, `lengths` `[batch]`, `labels` `[batch]` of 0 and 1. */
export interface ReviewBatch {
  readonly ids: Tensor<'int32'>
  readonly lengths: Int32Array
  readonly labels: Tensor
  /** Which reviews these are. */
  readonly indices: Int32Array
}

const validationShare = 0.08

/**
 * The official training reviews without those whose text is a test review, cut into training and validation by text,
 * and the
 * official test reviews, which decide nothing.
 */
export async function loadReviews({ seed, limit }: ReviewOptions): Promise<Reviews> {
  const imdb = await loadImdb()
  const rng = new Rng(seed)
  const few = (reviews: Dataset<Review>) =>
    limit === undefined || limit >= reviews.length
      ? reviews
      : splitStratified(reviews, { used: limit, unused: 'rest' }, { label: ({ label }) => label, rng }).used
  const test = few(imdb.test)
  const tested = new Set(Array.from(imdb.test, ({ text }) => text))
  const official = few(imdb.train)
  const untested = official.filter(({ text }) => !tested.has(text))
  const { train, validation } = splitByGroup(
    untested,
    { train: 'rest', validation: validationShare },
    { groupBy: ({ text }) => text, rng },
  )
  return { train, validation, test, repeated: official.length - untested.length, source: imdb.source }
}

/** A word tokenizer fitted on the training reviews alone. */
export function fitTokenizer(
  train: Dataset<Review>,
  { vocabularySize }: { readonly vocabularySize: number },
): WordTokenizer {
  return trainWordTokenizer(texts(train), {
    normalizers: ['html-line-breaks', 'lower-case'],
    maximumSize: vocabularySize,
  })
}

function* texts(reviews: Dataset<Review>): Generator<string> {
  for (const { text } of reviews) yield text
}

/** Reviews as ids, whole. */
export function encodeReviews(reviews: Dataset<Review>, tokenizer: Tokenizer): Dataset<EncodedReview> {
  return dataset(Array.from(reviews, ({ text, label }) => ({ ids: Int32Array.from(tokenizer.encode(text)), label })))
}

/** How batches are made. */
export interface BatchOptions {
  readonly batchSize: number
  /** Tokens of a review that are read: of a longer one the head and the tail. */
  readonly maximumLength: number
  /** Shuffles. Absent: the order stays, but for similar lengths coming together. */
  readonly seed?: number
}

/** Batches of reviews of similar length. */
export function batches(
  reviews: Dataset<EncodedReview>,
  { batchSize, maximumLength, seed }: BatchOptions,
): DataLoader<EncodedReview, ReviewBatch> {
  return new DataLoader(reviews, {
    batchSize,
    bucketBy: ({ ids }) => Math.min(ids.length, maximumLength),
    collate: (items, indices) => ({
      ...pad(
        items.map(({ ids }) => ids),
        maximumLength,
      ),
      labels: tensor(items.map(({ label }) => label)),
      indices,
    }),
    ...(seed !== undefined && { seed }),
  })
}

/** Ids as the model takes them. */
export function pad(ids: readonly ArrayLike<number>[], maximumLength: number): Pick<ReviewBatch, 'ids' | 'lengths'> {
  return padSequences(ids, { paddingId: 0, maximumLength, truncate: 'middle' })
}
