// The command line does what it says, on the drawings of a few emoji.
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { captioning, lastLine } from './run-captioning.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'captioning-'))
})

describe('a run on 24 emoji', () => {
  const small = ['--limit', '24', '--quick', '--epochs', '2', '--hold-out', 'fluent', '--decoder', 'attention']

  test('trains, leaves a model and a report, evaluates and describes', async () => {
    const trained = await captioning(...small, '--folder', folder, '--json')
    expect(trained.err).toContain('epoch 2/2')
    expect(trained.code).toBe(0)
    const number = expect.any(Number) as number
    const score = { exactMatch: number, tokenF1: number, cider: number, bleu: [number, number, number, number] }
    const summary = lastLine(trained.out)
    expect(summary).toMatchObject({
      app: 'captioning',
      heldOut: 'fluent',
      ...score,
      baselines: { mostFrequent: score, nearestPixels: score, nearestFeatures: score },
    })
    expect(await readdir(folder)).toEqual([
      'checkpoint.safetensors',
      'log.json',
      'model.safetensors',
      'report.html',
      'settings.json',
      'summary.json',
    ])
    const report = await readFile(join(folder, 'report.html'), 'utf8')
    expect(report).toContain('data:image/png;base64,')
    expect(report).toContain('Where it looked')

    const evaluated = lastLine((await captioning('evaluate', '--folder', folder, '--json')).out)
    const scores = ({ exactMatch, bleu, baselines }: Record<string, unknown>) => ({ exactMatch, bleu, baselines })
    expect(scores(evaluated as Record<string, unknown>)).toEqual(scores(summary as Record<string, unknown>))

    const picture = join(folder, 'circle.svg')
    await writeFile(
      picture,
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="4" fill="red"/></svg>',
    )
    const described = await captioning('describe', picture, '--folder', folder, '--json')
    expect(described.code).toBe(0)
    expect(lastLine(described.out)).toMatchObject({
      app: 'captioning',
      file: picture,
      caption: expect.any(String) as string,
    })
  }, 120_000)

  test('goes on only with the same settings', async () => {
    const { code, err } = await captioning('--resume', '--limit', '24', '--quick', '--epochs', '3', '--folder', folder)
    expect([code, err]).toEqual([1, expect.stringContaining('made with other settings')])
  })
})

test.each([
  [['--hold-out', 'apple'], /Allowed choices are noto, twemoji, openmoji, fluent, tones/],
  [['--epochs', '0'], /whole number of 1 or more/],
  [['--size', '33'], /Allowed choices are 32, 48, 64/],
  [['describe'], /missing required argument 'file'/],
  [['paint'], /unknown command 'paint': expected train, evaluate or describe/],
  [['--langauge', 'zh'], /unknown option '--langauge'/],
])('%j is wrong usage: code 2', async (args, message) => {
  const { code, err } = await captioning(...args)
  expect(err).toMatch(message)
  expect(code).toBe(2)
})

test('a missing model or picture is told in one line: code 1', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'captioning-'))
  const missing = await captioning('describe', join(empty, 'x.png'), '--folder', empty)
  expect([missing.code, missing.err]).toEqual([
    1,
    expect.stringMatching(/^error: there is no trained model at .*: train one first with 'pnpm captioning'\n$/),
  ])
  const torn = await captioning('describe', join(empty, 'x.png'), '--folder', folder)
  expect([torn.code, torn.err]).toEqual([1, expect.stringMatching(/^error: there is no picture [^\n]*\n$/)])
})
