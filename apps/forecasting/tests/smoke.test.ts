// The command line does what it says: on real births in short, and on files of all sorts.
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { forecasting, interrupted, lastLine } from './run-forecasting.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forecasting-'))
})

/** A csv file of days with a rhythm of a week. */
async function csvFile(name: string, values: readonly (number | string)[]): Promise<string> {
  const rows = values.map((value, i) => `${new Date(Date.UTC(2023, 0, 1 + i)).toISOString().slice(0, 10)},${value}`)
  const path = join(folder, name)
  await writeFile(path, ['Date,Close', ...rows].join('\n'))
  return path
}

const weekly = Array.from({ length: 200 }, (_, i) => 100 + 20 * Math.sin((2 * Math.PI * i) / 7) + (i % 3))

describe('a run on a file', () => {
  test('judges, saves and reports, then predicts, and resumes to the same', async () => {
    const file = await csvFile(
      'weekly.csv',
      weekly.map((value, i) => (i === 50 ? '' : value)),
    )
    const run = join(folder, 'run')
    const args = [
      '--csv',
      file,
      '--horizon',
      '7',
      '--quick',
      '--models',
      'persistence,seasonal-naive',
      'gru',
      '--folder',
      run,
      '--json',
    ]
    const first = await forecasting(...args)
    expect(first.err).toContain('repaired: 1 empty value takes the value before')
    expect(first.code).toBe(0)
    const score = { mase: expect.any(Number) as number, coverage80: expect.any(Number) as number }
    const summary = lastLine(first.out)
    expect(summary).toEqual({
      app: 'forecasting',
      series: 'csv',
      horizon: 7,
      models: { persistence: score, 'seasonal-naive': score, gru: score },
    })
    expect(first.out).toContain('not investment advice')
    expect(await readdir(run)).toEqual([
      'forecasts.json',
      'model.safetensors',
      'report.html',
      'settings.json',
      'summary.json',
    ])
    const report = await readFile(join(run, 'report.html'), 'utf8')
    expect(report).toContain('seasonal-naive (baseline)')
    expect(report).toMatch(/<p class="summary">The best network \(gru\).*not investment advice/)

    const resumed = await forecasting(...args, '--resume')
    expect(lastLine(resumed.out)).toEqual(summary)
    expect(resumed.err).not.toContain('fold 1 of')

    const predicted = await forecasting('predict', '--horizon', '5', '--folder', run, '--json')
    expect(predicted.code).toBe(0)
    const { model, forecast } = lastLine(predicted.out) as {
      model: string
      forecast: { date: string; mean: number }[]
    }
    expect([model, forecast.length, forecast[0].date]).toEqual(['gru', 5, '2023-07-20'])
    expect(forecast.every(({ mean }) => mean > 50 && mean < 150)).toBe(true)
    const far = await forecasting('predict', '--horizon', '20', '--folder', run)
    expect([far.code, far.err]).toEqual([1, expect.stringMatching(/^error: .*at most 7.*train with --horizon 20/)])
  }, 120_000)

  test('Ctrl-C keeps what is done, and --resume ends with the same scores', async () => {
    const args = ['--csv', join(folder, 'weekly.csv'), '--quick', '--models', 'seasonal-naive,gru', '--json']
    const whole = await forecasting(...args, '--folder', join(folder, 'whole'))
    const run = join(folder, 'stopped')
    const stopped = await interrupted('gru: fold 1 of', ...args, '--folder', run)
    expect([stopped.code, stopped.out]).toEqual([130, ''])
    expect(stopped.err).toMatch(/stopping: what is done is kept\n[^]*interrupted: go on with the same command and --resume\n$/)
    const resumed = await forecasting(...args, '--folder', run, '--resume')
    expect(resumed.err).not.toContain('seasonal-naive: fold')
    expect(lastLine(resumed.out)).toEqual(lastLine(whole.out))
  }, 120_000)

  test('goes on only with the same settings', async () => {
    const run = join(folder, 'run')
    const file = join(folder, 'weekly.csv')
    const { code, err } = await forecasting('--csv', file, '--horizon', '6', '--quick', '--folder', run, '--resume')
    expect([code, err]).toEqual([1, expect.stringContaining('made with other settings')])
  })
})

test('births are forecast better than by last week, with the calendar', async () => {
  const { code, out } = await forecasting(
    '--quick',
    '--models',
    'seasonal-naive,ridge',
    '--folder',
    join(folder, 'births'),
    '--json',
  )
  expect(code).toBe(0)
  const { models } = lastLine(out) as { models: Record<string, { mase: number }> }
  expect(models['ridge'].mase).toBeLessThan(0.85 * models['seasonal-naive'].mase)
}, 120_000)

test.each<[string, readonly (number | string)[], RegExp]>([
  ['words', [...weekly.slice(0, 80), 'many'], /expected numbers such as 1234.5, got 'many' in line 82/],
  ['too few rows', weekly.slice(0, 30), /expected 120 rows or more, got 30/],
])('a file with %s is told in one line: code 1', async (name, values, message) => {
  const file = await csvFile(`${name}.csv`, values)
  const { code, err } = await forecasting('--csv', file, '--folder', join(folder, 'bad'))
  expect([code, err]).toEqual([1, expect.stringMatching(message)])
  expect(err).toMatch(/^error: [^\n]*\n$/)
})

test.each([
  [['--series', 'gold'], /Allowed choices are births, sp500, nasdaq, csv/],
  [['--series', 'csv'], /--series csv needs a file/],
  [['--csv', 'x.csv', '--series', 'births'], /--csv does not go with --series births/],
  [['--horizon', '0'], /whole number of 1 or more/],
  [['--models', 'gru-transfer'], /gru-transfer needs a sibling to learn from: only sp500 and nasdaq/],
  [['--models', 'oracle'], /unknown models oracle: expected some of persistence/],
  [['buy'], /unknown command 'buy': expected backtest or predict/],
])('%j is wrong usage: code 2', async (args, message) => {
  const { code, err } = await forecasting(...args, '--folder', join(folder, 'usage'))
  expect(err).toMatch(message)
  expect(code).toBe(2)
})

test('a missing file or model is told in one line: code 1', async () => {
  const missing = await forecasting('--csv', join(folder, 'none.csv'), '--folder', join(folder, 'none'))
  expect([missing.code, missing.err]).toEqual([1, expect.stringMatching(/^error: there is no file [^\n]*\n$/)])
  const model = await forecasting('predict', '--folder', join(folder, 'none'))
  expect([model.code, model.err]).toEqual([
    1,
    expect.stringMatching(/^error: there is no trained model at .*train one first with 'pnpm forecasting'\n$/),
  ])
})
