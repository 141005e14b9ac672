// Three models on real digits: few of them, but enough to learn from.
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { digitBatch, trainDigits } from '../src/digits.ts'
import { digitsReport } from '../src/digits-report.ts'
import { captioning, lastLine } from './run-captioning.ts'

test('a moved digit keeps its ink, but for what leaves the picture', () => {
  const pixels = new Float32Array(28 * 28)
  pixels[0] = 0.25
  pixels[5 * 28 + 27] = 0.5
  pixels[10 * 28 + 10] = 1
  const row = { pixels, label: 7 }
  const moves = [[0, 0], [2, 1], [-1, -2]] as const
  let next = 0
  const { pictures, labels } = digitBatch([row, row, row], () => moves[next++])
  const ink = (picture: number) =>
    Array.from(pictures.data.subarray(picture * 784, (picture + 1) * 784)).flatMap((value, at) =>
      value > 0 ? [[at % 28, Math.floor(at / 28), value]] : [],
    )
  expect([pictures.shape, [...labels.data]]).toEqual([[3, 1, 28, 28], [7, 7, 7]])
  expect(ink(0)).toEqual([[0, 0, 0.25], [27, 5, 0.5], [10, 10, 1]])
  expect(ink(1)).toEqual([[2, 1, 0.25], [12, 11, 1]])
  expect(ink(2)).toEqual([[26, 3, 0.5], [9, 8, 1]])
})

test('1,000 digits are enough for the convolutional network to do better than chance by far; the report shows them', async () => {
  const result = await trainDigits(
    { seed: 1, epochs: 4, limit: 1000 },
    { signal: new AbortController().signal, say: () => undefined },
  )
  if (result === undefined) throw new Error('expected a result, got none: who interrupted?')
  const { models, counts } = result
  expect(counts).toEqual({ train: 720, validation: 80, test: 200 })
  expect(models.perceptron.parameters).toBe(7850)
  expect(models.convolutional.scores.accuracy).toBeGreaterThan(0.6)
  expect(models.convolutional.read.map(({ row }) => row.label).filter((label) => label === 3)).toHaveLength(
    models.convolutional.scores.classes[3].support,
  )
  const report = digitsReport(result)
  expect(report).toContain('data:image/png;base64,')
  expect(report).toContain('Confusion matrix')
}, 120_000)

test('a run that is interrupted gives no result', async () => {
  const stop = new AbortController()
  stop.abort()
  const settings = { seed: 1, epochs: 1, limit: 200 }
  expect(await trainDigits(settings, { signal: stop.signal, say: () => undefined })).toBeUndefined()
})

test('the command prints a table and a line of JSON, and refuses options of other tasks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'digits-'))
  const run = await captioning('--task', 'digits', '--limit', '200', '--epochs', '1', '--folder', folder, '--json')
  expect(run.code).toBe(0)
  expect(run.out).toMatch(/convolutional network +29,434 +\d+\.\d % +\d+\.\d/)
  const number = expect.any(Number) as number
  const baselines = { perceptron: number, multilayerPerceptron: number }
  expect(lastLine(run.out)).toEqual({ app: 'captioning', task: 'digits', accuracy: number, baselines, seconds: number, seed: 1 })
  expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('Handwritten digits')
  const refused = await captioning('--task', 'digits', '--hold-out', 'noto', '--resume')
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('--task digits does not take --hold-out, --resume: it takes --folder')])
}, 120_000)
