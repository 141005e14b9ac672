// The real series, as their packages have them.
import { expect, test } from 'vitest'
import { loadUsBirths } from '@ostinato/datasets/births'
import { appFolder, loadSeries } from '../src/data.ts'
import { lessonsFor } from '../src/models.ts'

const from = `${appFolder}/data`

test('births: every day of three spans, with the cycle of the week', async () => {
  const days = { '1969-1988': 7305, '1994-2003': 3652, '2000-2014': 5479 } as const
  for (const span of ['1969-1988', '1994-2003', '2000-2014'] as const) {
    const { series } = await loadUsBirths({ from, span })
    expect(series.length).toBe(days[span])
  }
  const { series, period } = await loadSeries({ series: 'births', csv: null })
  expect([series.values[0], period]).toEqual([9083, 7])
  const mean = (name: string) => {
    const which = series.known[series.knownNames.indexOf(name)]
    const values = series.values.filter((_, i) => which[i] === 1)
    return values.reduce((a, b) => a + b, 0) / values.length
  }
  expect(mean('sunday')).toBeLessThan(0.7 * mean('tuesday'))
  expect(mean('christmas')).toBeLessThan(0.7 * mean('tuesday'))
})

test('indices: their first and last closing prices', async () => {
  const sp500 = (await loadSeries({ series: 'sp500', csv: null })).series
  expect([sp500.length, sp500.values[0], sp500.values[5104]]).toEqual([5105, 1455.219971, 2874.560059])
  const nasdaq = (await loadSeries({ series: 'nasdaq', csv: null })).series
  expect([nasdaq.length, nasdaq.values[0], nasdaq.values[6723]]).toEqual([6724, 116.28, 2615.72])
})

test('a model that is transferred learns from the sibling alone, up to the same day', async () => {
  const sp500 = await loadSeries({ series: 'sp500', csv: null })
  const known = sp500.series.until(2000)
  expect(lessonsFor('gru', known, sp500)).toBe(known)
  const lessons = lessonsFor('gru-transfer', known, sp500)
  expect(lessons.values).toEqual(sp500.sibling?.values.subarray(0, lessons.length))
  const [last, cut] = [lessons.times[lessons.length - 1], known.times[known.length - 1]]
  expect(last).toBeLessThanOrEqual(cut)
  expect(sp500.sibling?.times[lessons.length]).toBeGreaterThan(cut)

  const nasdaq = await loadSeries({ series: 'nasdaq', csv: null })
  expect(() => lessonsFor('gru-transfer', nasdaq.series.until(3000), nasdaq))
    .toThrow(/S&P 500 has 0 steps up to 1997-.*expected 500 or more; give fewer --folds/)
  const births = await loadSeries({ series: 'births', csv: null })
  expect(() => lessonsFor('gru-transfer', births.series, births)).toThrow(/needs a sibling/)
})
