// Batches: what an epoch is made of, and that it comes out the same again from any place in it.
import type { Dataset } from '@ostinato/datasets'
import { beforeAll, expect, test } from 'vitest'
import { captionBatch, plainBatches, trainingBatches, type PictureBatch } from '../src/batches.ts'
import { augmentDefaults } from '../src/data-augment.ts'
import { readEmoji, type EmojiRow } from '../src/data-emoji.ts'
import { endId, makeVocabulary, paddingId, startId } from '../src/words.ts'

const size = 32
let rows: Dataset<EmojiRow>

beforeAll(async () => {
  ;({ rows } = await readEmoji({ size, limit: 40 }))
})

const options = () => ({
  batchSize: 8,
  size,
  vocabulary: makeVocabulary(Array.from(rows, ({ words }) => words)),
  seed: 5,
  tones: 1,
  augment: augmentDefaults,
})

const contents = ({ pictures, inputs, targets, lengths }: PictureBatch) => [
  ...[pictures, inputs, targets].map(({ data }) => Array.from<number>(data)),
  Array.from(lengths),
]

async function collect(batches: Iterable<PictureBatch> | AsyncIterable<PictureBatch>): Promise<PictureBatch[]> {
  const all: PictureBatch[] = []
  for await (const batch of batches) all.push(batch)
  return all
}

test('captions are shifted by one: inputs begin with the start, targets end with the end', () => {
  const vocabulary = makeVocabulary([['red', 'heart'], ['cat']])
  const [red, heart, cat] = ['red', 'heart', 'cat'].map((word) => vocabulary.id(word))
  const { inputs, targets, lengths } = captionBatch([['red', 'heart'], ['cat']], vocabulary)
  expect([inputs.shape, targets.shape]).toEqual([
    [2, 3],
    [2, 3],
  ])
  expect(Array.from(inputs.data)).toEqual([startId, red, heart, startId, cat, paddingId])
  expect(Array.from(targets.data)).toEqual([red, heart, endId, cat, endId, paddingId])
  expect(Array.from(lengths)).toEqual([3, 2])
})

test('plain batches hold every row once, in order', async () => {
  const { batchSize, vocabulary } = options()
  const source = plainBatches(rows, { batchSize, size, vocabulary })
  const batches = await collect(source.epoch({ epoch: 0, batch: 0 }))
  expect(batches.length).toBe(source.length)
  expect(batches.reduce((sum, { lengths }) => sum + lengths.length, 0)).toBe(rows.length)
  const lengths = batches.flatMap((batch) => Array.from(batch.lengths))
  expect(lengths).toEqual(Array.from(rows, ({ words }) => words.length + 1))
  const rest = await collect(source.epoch({ epoch: 3, batch: 2 }))
  expect(rest.map(contents)).toEqual(batches.slice(2).map(contents))
})

test('an epoch is the same again, also from its middle; another epoch is another', async () => {
  const source = trainingBatches(rows, options())
  const whole = await collect(source.epoch({ epoch: 2, batch: 0 }))
  expect(whole.length).toBe(source.length)
  const again = await collect(trainingBatches(rows, options()).epoch({ epoch: 2, batch: 3 }))
  expect(again.map(contents)).toEqual(whole.slice(3).map(contents))
  const other = await collect(source.epoch({ epoch: 3, batch: 0 }))
  expect(contents(other[0])).not.toEqual(contents(whole[0]))
})

test('an epoch has each plain drawing and of each emoji so many skin tones, and other tones in time', async () => {
  const toned = Array.from(rows).filter(({ tones }) => tones.length > 0)
  expect(toned.length).toBeGreaterThan(0)
  const families = new Set(toned.map(({ vendor, base }) => `${vendor} ${base}`)).size
  const plain = rows.length - toned.length
  const one = trainingBatches(rows, { ...options(), batchSize: 1 })
  const two = trainingBatches(rows, { ...options(), batchSize: 1, tones: 2 })
  expect([one.length, two.length]).toEqual([plain + families, plain + 2 * families])
  const seen = new Set<string>()
  for (let epoch = 0; epoch < 12; epoch++) {
    for (const { targets } of await collect(one.epoch({ epoch, batch: 0 }))) seen.add(targets.data.join())
  }
  const captions = new Set(Array.from(rows, ({ words }) => words.join(' ')))
  expect(seen.size).toBeGreaterThan(0.8 * captions.size)
})
