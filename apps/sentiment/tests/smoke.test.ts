// The app on a few hundred real reviews: it learns them, and its command line does what it says.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Adam } from '@ostinato/optim'
import { Rng } from '@ostinato/tensor'
import { fit } from '@ostinato/train'
import { beforeAll, describe, expect, test } from 'vitest'
import { linearAccuracy, majorityAccuracy } from '../src/baselines.ts'
import { batches, encodeReviews, fitTokenizer, loadReviews } from '../src/data.ts'
import { SentimentModel } from '../src/model.ts'
import { step } from '../src/train.ts'

const app = join(import.meta.dirname, '..')

/** Runs the command line as the README's command does. */
function sentiment(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=@ostinato/source', '--import', 'tsx', 'src/main.ts', ...args],
      { cwd: app },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err })
      },
    )
  })
}

test('a few hundred real reviews are learned: the loss falls from 0.69 below 0.3', async () => {
  const { train } = await loadReviews({ seed: 1, limit: 400 })
  const tokenizer = fitTokenizer(train, { vocabularySize: 5000 })
  const config = {
    vocabularySize: tokenizer.vocabulary.size,
    embeddingSize: 24,
    hiddenSize: 16,
    dropout: 0.2,
    maximumLength: 60,
  }
  const model = new SentimentModel(config, { rng: new Rng(1) })
  const losses: number[] = []
  const run = fit({
    model,
    optimizer: new Adam(model.parameters(), { learningRate: 0.01 }),
    train: batches(encodeReviews(train, tokenizer), { batchSize: 32, maximumLength: config.maximumLength, seed: 1 }),
    step: (batch) => step(model, batch),
    epochs: 8,
    clipNorm: 1,
    restoreBest: false,
  })
  for await (const event of run) if (event.type === 'epoch') losses.push(event.train.loss)
  expect(losses[0]).toBeGreaterThan(0.6)
  expect(losses[7]).toBeLessThan(0.3)
})

test('parts share no text, the test part stays whole, and the baselines are what they should be', async () => {
  const { train, validation, test: tested } = await loadReviews({ seed: 3, limit: 2000 })
  const [a, b, c] = [train, validation, tested].map((part) => new Set(Array.from(part, ({ text }) => text)))
  expect([...b, ...c].filter((text) => a.has(text))).toEqual([])
  expect([...c].filter((text) => b.has(text))).toEqual([])
  expect(tested.length).toBe(2000)
  const tokenizer = fitTokenizer(train, { vocabularySize: 10_000 })
  const [x, y, z] = [train, validation, tested].map((part) => encodeReviews(part, tokenizer))
  const positive = Array.from(tested).filter(({ label }) => label === 1).length / 2000
  expect([positive, 1 - positive]).toContainEqual(expect.closeTo(majorityAccuracy({ train: x, test: z }), 12))
  // A linear model on 2,000 reviews is known to be right on about four fifths.
  const linear = linearAccuracy({ train: x, validation: y, test: z }, { vocabularySize: tokenizer.vocabulary.size })
  expect(linear).toBeGreaterThan(0.78)
  expect(linear).toBeLessThan(0.92)
})

describe('the command line', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sentiment-'))
  })

  test('trains, leaves a model and a report, predicts and evaluates', async () => {
    const trained = await sentiment('--limit', '200', '--epochs', '1', '--seed', '4', '--folder', folder, '--json')
    expect(trained.err).toContain('epoch 1/1')
    expect(trained.code).toBe(0)
    const summary = JSON.parse(trained.out.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
    expect(summary).toMatchObject({
      app: 'sentiment',
      seed: 4,
      baselines: { majority: expect.any(Number) as number, linear: expect.any(Number) as number },
    })
    expect(await readdir(folder)).toEqual([
      'checkpoint.safetensors',
      'log.json',
      'model.safetensors',
      'report.html',
      'settings.json',
      'summary.json',
    ])
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('<svg')

    const predicted = await sentiment('predict', 'an absorbing, beautifully acted film', '--folder', folder)
    expect(predicted.out).toMatch(/^(positive|negative), \d+\.\d %\n$/)
    const evaluated = await sentiment('evaluate', '--limit', '100', '--folder', folder, '--json')
    expect(JSON.parse(evaluated.out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      app: 'sentiment',
      accuracy: expect.any(Number) as number,
    })

    const resumed = await sentiment('--resume', '--limit', '200', '--epochs', '2', '--seed', '4', '--folder', folder)
    expect([resumed.code, resumed.err]).toEqual([1, expect.stringContaining('made with other settings')])
  })

  test.each([
    [['--epoch', '3'], /unknown option '--epoch'/],
    [['--epochs', '0'], /whole number of 1 or more/],
    [['--limit', 'few'], /whole number of 20 or more/],
    [['predict', '   '], /expected a text to classify, got an empty one/],
    [['predict'], /missing required argument 'text'/],
    [['--seed', ''], /whole number of 0 or more/],
    [['evalute'], /unknown command 'evalute': expected train, evaluate or predict/],
  ])('%j is wrong usage: code 2', async (args, message) => {
    const { code, err } = await sentiment(...args)
    expect(err).toMatch(message)
    expect(code).toBe(2)
  })

  test('a missing or broken model is told in one line: code 1', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'sentiment-'))
    const missing = await sentiment('predict', 'fine', '--folder', empty)
    expect([missing.code, missing.err]).toEqual([
      1,
      expect.stringMatching(/^error: there is no trained model at .*: train one first with 'pnpm sentiment'\n$/),
    ])
    await writeFile(join(empty, 'model.safetensors'), 'no model')
    const broken = await sentiment('predict', 'fine', '--folder', empty)
    expect([broken.code, broken.err]).toEqual([
      1,
      expect.stringMatching(/^error: .*is not a model of this app: [^\n]*\n$/),
    ])
    expect(await sentiment('--resume', '--folder', empty)).toMatchObject({
      code: 1,
      err: expect.stringContaining('no run to resume') as string,
    })
  })

  test('help tells the commands', async () => {
    const { code, out } = await sentiment('--help')
    expect(code).toBe(0)
    for (const word of ['train', 'evaluate', 'predict']) expect(out).toContain(word)
  })
})
