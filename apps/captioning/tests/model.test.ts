// Every kind of decoder learns to name a few real pictures, finds the names again, and survives a file.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dataset, type Dataset } from '@ostinato/datasets'
import { AdamW } from '@ostinato/optim'
import { Rng } from '@ostinato/tensor'
import { fit } from '@ostinato/train'
import { beforeAll, describe, expect, test } from 'vitest'
import { captionBatch, plainBatches, plainPictures } from '../src/batches.ts'
import { encoderFeatures, isRight, observe } from '../src/caption.ts'
import { readEmoji, type EmojiRow } from '../src/data-emoji.ts'
import { AttentionCaptioning, createModel, type CaptioningConfig, type DecoderKind } from '../src/model.ts'
import { loadModel, saveModel } from '../src/saved-model.ts'
import { step } from '../src/train.ts'
import { makeVocabulary } from '../src/words.ts'

const size = 32
const search = { width: 3, lengthPenalty: 0, maxLength: 24 }
let rows: Dataset<EmojiRow>

beforeAll(async () => {
  const read = await readEmoji({ size, limit: 40, vendors: ['twemoji'] })
  rows = dataset(
    Array.from(read.rows)
      .filter(({ tones }) => tones.length === 0)
      .slice(0, 16),
  )
})

function setUp(decoder: DecoderKind, cell: 'gru' | 'lstm') {
  const vocabulary = makeVocabulary(Array.from(rows, ({ words }) => words))
  const config: CaptioningConfig = {
    size,
    width: 4,
    vectorSize: 24,
    dropout: 0,
    decoder,
    cell,
    vocabularySize: vocabulary.size,
    embeddingSize: 12,
    hiddenSize: 24,
  }
  return { vocabulary, model: createModel(config, { rng: new Rng(1) }) }
}

const kinds: readonly (readonly [DecoderKind, 'gru' | 'lstm'])[] = [
  ['init', 'lstm'],
  ['pre', 'gru'],
  ['par', 'lstm'],
  ['merge', 'gru'],
  ['attention', 'gru'],
]

describe.each(kinds)('decoder %s, %s', (decoder, cell) => {
  test('learns the names of 16 pictures and keeps them in a file', async () => {
    const { vocabulary, model } = setUp(decoder, cell)
    const before = observe(model, rows, { vocabulary, search }).crossEntropy
    const run = fit({
      model,
      optimizer: new AdamW(model.parameters(), { learningRate: 0.01 }),
      train: plainBatches(rows, { batchSize: 16, size, vocabulary }),
      step: (batch) => step(model, batch, 0),
      epochs: 60,
      clipNorm: 2,
      restoreBest: false,
    })
    for await (const event of run) if (event.type === 'stop') expect(event.reason).toBe('finished')
    // A random guess costs the logarithm of the vocabulary.
    expect(before).toBeGreaterThan(0.7 * Math.log(vocabulary.size))
    const { captioned, crossEntropy, features } = observe(model, rows, { vocabulary, search })
    expect(crossEntropy).toBeLessThan(0.3)
    expect(features).toEqual(encoderFeatures(model, rows))
    expect(captioned.filter(isRight).length).toBeGreaterThanOrEqual(14)

    const path = join(await mkdtemp(join(tmpdir(), 'captioning-')), 'model.safetensors')
    await saveModel(path, { model, vocabulary, language: 'en' })
    const loaded = await loadModel(path)
    const again = observe(loaded.model, rows, { vocabulary: loaded.vocabulary, search }).captioned
    expect(again.map(({ words }) => words)).toEqual(captioned.map(({ words }) => words))
  })

  test('a caption never holds a special word', () => {
    const { vocabulary, model } = setUp(decoder, cell)
    const special = Object.values(vocabulary.specials)
    const words = observe(model, rows, { vocabulary, search }).captioned.flatMap((one) => one.words)
    expect(words.filter((word) => special.includes(word))).toEqual([])
  })
})

test('attention weights are those of a distribution over the grid for each word', () => {
  const { vocabulary, model } = setUp('attention', 'gru')
  expect(model).toBeInstanceOf(AttentionCaptioning)
  if (!(model instanceof AttentionCaptioning)) return
  const some = [rows.get(0), rows.get(1)]
  const { inputs, lengths } = captionBatch(
    some.map(({ words }) => words),
    vocabulary,
  )
  const weights = model.looks(plainPictures(some, size), inputs, lengths)
  expect(weights.shape).toEqual([2, inputs.shape[1], 16])
  for (let t = 0; t < lengths[0]; t++) {
    const total = Array.from(weights.data.subarray(t * 16, (t + 1) * 16)).reduce((a, b) => a + b, 0)
    expect(total).toBeCloseTo(1, 5)
  }
})
