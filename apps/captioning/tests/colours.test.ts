// Colours get names: real ones, few of them.
import { mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { trainColours } from '../src/colours.ts'
import { coloursReport } from '../src/colours-report.ts'
import { parseHex, toOklab } from '../src/colour-space.ts'
import { captioning, lastLine } from './run-captioning.ts'

// From the table of the paper: XYZ (0.950, 1.000, 1.089) is white; the primaries as published for sRGB in CSS Color 4.
test.each([
  ['#ffffff', [1, 0, 0]],
  ['#000', [0, 0, 0]],
  ['ff0000', [0.62796, 0.22486, 0.12585]],
  ['#0F0', [0.86644, -0.23389, 0.1795]],
  ['#0000ff', [0.45201, -0.03246, -0.31153]],
])('%s in OKLab', (hex, expected) => {
  toOklab(parseHex(hex)).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 4)
  })
})

test.each(['#ff88', 'red', '#gg0000', ''])('%j is no colour', (text) => {
  expect(() => parseHex(text)).toThrow(/expected a colour such as '#ff8800'/)
})

test.each(['init', 'pre', 'par', 'merge'] as const)('the decoder %s learns to name', async (decoder) => {
  const result = await trainColours(
    { seed: 1, epochs: 12, limit: 400, decoder },
    { signal: new AbortController().signal, say: () => undefined },
  )
  if (result === undefined) throw new Error('expected a result, got none: who interrupted?')
  const { scores, baselines, validation, vocabulary } = result
  // Guessing among all words costs log(words), about 4.6 nats.
  expect(scores.crossEntropy).toBeLessThan(Math.log(vocabulary.size) - 1.5)
  expect(validation[11]).toBeLessThan(validation[0])
  expect(scores.tokenF1).toBeGreaterThan(baselines.mostFrequent.tokenF1)
  expect(coloursReport(result)).toContain('data:image/png;base64,')
}, 120_000)

test('the command trains, then names a colour; what does not fit is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'colours-'))
  const own = ['--task', 'colours', '--folder', folder, '--json']
  const run = await captioning(...own, '--limit', '300', '--epochs', '3', '--decoder', 'par')
  expect(run.code).toBe(0)
  expect(lastLine(run.out)).toMatchObject({ app: 'captioning', task: 'colours', decoder: 'par', colours: 60, seed: 1 })
  expect(await readdir(folder)).toEqual(['model.safetensors', 'report.html', 'summary.json'])
  const named = await captioning('describe', '#ff8800', ...own)
  expect(lastLine(named.out)).toMatchObject({ task: 'colours', colour: '#ff8800', caption: expect.any(String) as string })
  const wrong = await captioning('describe', 'ff88', ...own)
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("expected a colour such as '#ff8800', got 'ff88'")])
  const refused = await captioning('--task', 'colours', '--decoder', 'attention')
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('does not take --decoder attention')])
}, 120_000)
