// Rows -> batches of tensors, epoch by epoch. An epoch is a pure function of the seed and its number, so that a run
// that was interrupted sees the same pictures when it goes on.
import type { Dataset } from '@ostinato/datasets'
import { Rng, tensor, type Tensor } from '@ostinato/tensor'
import type { Vocabulary } from '@ostinato/tokenizers'
import type { BatchSource } from '@ostinato/train'
import { augmentedBatch, plainBatch, type AugmentSettings } from './data-augment.ts'
import type { EmojiRow } from './data-emoji.ts'
import { endId, paddingId, startId } from './words.ts'

/** Captions for teacher forcing: inputs begin with the start, targets end with the end. */
export interface CaptionBatch {
  /** `[batch, time]` */
  readonly inputs: Tensor<'int32'>
  /** `[batch, time]` */
  readonly targets: Tensor<'int32'>
  /** `[batch]`, the end counted */
  readonly lengths: Int32Array
}

/** Pictures with their captions. */
export interface PictureBatch extends CaptionBatch {
  /** `[batch, 3, size, size]` */
  readonly pictures: Tensor
}

/** What every source of batches is made with. */
export interface BatchOptions {
  readonly batchSize: number
  readonly size: number
  readonly vocabulary: Vocabulary
}

/** Captions as tensors, padded on the right. */
export function captionBatch(captions: readonly (readonly string[])[], vocabulary: Vocabulary): CaptionBatch {
  const time = 1 + captions.reduce((longest, { length }) => Math.max(longest, length), 0)
  const shape = [captions.length, time]
  const inputs = new Int32Array(captions.length * time).fill(paddingId)
  const targets = new Int32Array(captions.length * time).fill(paddingId)
  captions.forEach((words, row) => {
    const ids = words.map((word) => vocabulary.id(word))
    inputs.set([startId, ...ids], row * time)
    targets.set([...ids, endId], row * time)
  })
  return {
    inputs: tensor(inputs, { shape }),
    targets: tensor(targets, { shape }),
    lengths: Int32Array.from(captions, ({ length }) => length + 1),
  }
}

/** Rows in their order, as they are. */
export function plainBatches(
  rows: Dataset<EmojiRow>,
  { batchSize, size, vocabulary }: BatchOptions,
): BatchSource<PictureBatch> {
  const length = Math.ceil(rows.length / batchSize)
  return {
    length,
    *epoch({ batch }) {
      for (let i = batch; i < length; i++) {
        const some = Array.from({ length: Math.min(batchSize, rows.length - i * batchSize) }, (_, j) =>
          rows.get(i * batchSize + j),
        )
        yield {
          ...captionBatch(
            some.map(({ words }) => words),
            vocabulary,
          ),
          pictures: plainPictures(some, size),
        }
      }
    },
  }
}

/** Pictures unchanged, on white. */
export function plainPictures(rows: readonly Pick<EmojiRow, 'pixels'>[], size: number): Tensor {
  const data = plainBatch(
    rows.map(({ pixels }) => pixels),
    { size },
  )
  return tensor(data, { shape: [rows.length, 3, size, size] })
}

/** How training batches are made. */
export interface TrainingOptions extends BatchOptions {
  readonly seed: number
  /** How many skin tones of an emoji an epoch has; the next epoch has others. */
  readonly tones: number
  readonly augment: AugmentSettings
}

/** Training rows, shuffled and changed anew in each epoch. A batch is always full. */
export function trainingBatches(rows: Dataset<EmojiRow>, options: TrainingOptions): BatchSource<PictureBatch> {
  const { batchSize, size, vocabulary, seed, tones, augment } = options
  const families = familiesOf(rows)
  const count = families.reduce((sum, { plain, toned }) => sum + plain.length + Math.min(tones, toned.length), 0)
  return seededBatches(rows, {
    seed,
    batchSize,
    count,
    order: (rng) => epochRows(families, tones, rng),
    make: (some, rng) => {
      const pixels = some.map((row) => row.pixels)
      const data = augmentedBatch(pixels, { size, rng, settings: augment })
      return {
        ...captionBatch(
          some.map(({ words }) => words),
          vocabulary,
        ),
        pictures: tensor(data, { shape: [batchSize, 3, size, size] }),
      }
    },
  })
}

/** How the batches of an epoch come about. */
interface SeededOptions<T, B> {
  readonly seed: number
  readonly batchSize: number
  /** How many rows an epoch has; those that do not fill a batch are left out. */
  readonly count: number
  /** The numbers of an epoch's rows. Default: all of them, shuffled. */
  readonly order?: (rng: Rng) => ArrayLike<number>
  /** A batch of some rows, with a generator of its own. */
  readonly make: (rows: readonly T[], rng: Rng) => B
}

/** Full batches, each epoch a pure function of the seed and its number, each batch of its generator. */
export function seededBatches<T, B>(rows: Dataset<T>, options: SeededOptions<T, B>): BatchSource<B> {
  const { seed, batchSize, count, order = (rng) => rng.permutation(rows.length), make } = options
  const length = Math.floor(count / batchSize)
  return {
    length,
    *epoch({ epoch, batch }) {
      const rng = generatorOf(seed, epoch)
      const numbers = order(rng)
      for (let i = 0; i < length; i++) {
        const own = rng.split()
        if (i < batch) continue
        const some = Array.from({ length: batchSize }, (_, j) => rows.get(numbers[i * batchSize + j]))
        yield make(some, own)
      }
    },
  }
}

/** Each epoch has a generator of its own: the one split off after those of the epochs before. */
function generatorOf(seed: number, epoch: number): Rng {
  const source = new Rng(seed)
  for (let i = 0; i < epoch; i++) source.split()
  return source.split()
}

/** One vendor's drawings of one emoji: row numbers without and with skin tones. */
interface Family {
  readonly plain: readonly number[]
  readonly toned: readonly number[]
}

function familiesOf(rows: Dataset<EmojiRow>): Family[] {
  const families = new Map<string, { plain: number[]; toned: number[] }>()
  for (let i = 0; i < rows.length; i++) {
    const { vendor, base, tones } = rows.get(i)
    const key = `${vendor} ${base}`
    const family = families.get(key) ?? { plain: [], toned: [] }
    families.set(key, family)
    family[tones.length === 0 ? 'plain' : 'toned'].push(i)
  }
  return [...families.values()]
}

function epochRows(families: readonly Family[], tones: number, rng: Rng): number[] {
  const chosen = families.flatMap(({ plain, toned }) => {
    const some = Array.from(rng.permutation(toned.length).slice(0, tones), (i) => toned[i])
    return [...plain, ...some]
  })
  return Array.from(rng.permutation(chosen.length), (i) => chosen[i])
}
