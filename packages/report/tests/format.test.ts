// Numbers as people read them.
import { formatCount, formatDuration, formatPercent } from '@ostinato/report'
import fc from 'fast-check'
import { expect, test } from 'vitest'

test.each([
  [0, '0:00'], [7.4, '0:07'], [59.6, '1:00'], [750, '12:30'], [3599.5, '1:00:00'], [3723, '1:02:03'], [100 * 3600, '100:00:00'],
  [-3, '0:00'], [NaN, '?'], [Infinity, '?'],
])('a duration of %d s is %s', (seconds, shown) => {
  expect(formatDuration(seconds)).toBe(shown)
})

test.each([
  [0, '0'], [-0, '0'], [950, '950'], [999.4, '999'], [999.5, '1.00k'], [1000, '1.00k'], [41_234, '41.2k'], [999_499, '999k'],
  [999_500, '1.00M'], [3_098_000, '3.10M'], [1.5e9, '1.50G'], [2e12, '2.00T'], [1e18, '1.00e+18'], [-41_234, '-41.2k'],
  [NaN, '?'], [-Infinity, '?'],
])('a count of %d is %s', (count, shown) => {
  expect(formatCount(count)).toBe(shown)
})

test('a count is short and within half a percent', () => {
  const units: Record<string, number> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12 }
  fc.assert(fc.property(fc.double({ min: 1000, max: 9e14, noNaN: true }), (count) => {
    const [, digits, unit = ''] = /^([\d.]+)([kMGT])$/.exec(formatCount(count)) ?? []
    expect(digits.length).toBeLessThanOrEqual(4)
    expect(Math.abs(Number(digits) * units[unit] - count)).toBeLessThanOrEqual(0.005001 * count)
  }))
})

test.each([[0.8736, '87.4 %'], [0, '0.0 %'], [1, '100.0 %'], [NaN, '?']])('a share of %d is %s', (share, shown) => {
  expect(formatPercent(share)).toBe(shown)
})
