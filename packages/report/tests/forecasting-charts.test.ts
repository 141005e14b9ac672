// Charts of forecasts: fans, histograms, the line in the terminal.
import { describe, expect, test } from 'vitest'
import { fanChart, histogram, lineChart } from '../src/index.ts'
import { terminalChart } from '../src/terminal/index.ts'

const labels = { title: 'Births', x: 'day', y: 'births' }
const actual = [{ x: 0, y: 5 }, { x: 1, y: 6 }, { x: 2, y: NaN }, { x: 3, y: 7 }]
const band = (name: string, spread: number) =>
  ({ name, points: [2, 3].map((x) => ({ x, lower: 6 - spread, upper: 6 + spread })) })
const fan = { median: [{ x: 2, y: 6 }, { x: 3, y: 6.2 }], bands: [band('95 %', 2), band('80 %', 1)] }

describe('fanChart', () => {
  const svg = fanChart({ actual, fans: [fan, fan] }, labels)

  test('draws bands, actual values and forecasts, and says them', () => {
    expect(svg.match(/aria-label="area"/g)).toHaveLength(4)
    expect(svg).toContain('Births. the last actual value is 7. forecast of 6.2 at the end, 95 % from 4 to 8, 80 % from 5 to 7')
    // Each name once in the key, however many fans there are; no NaN reaches the drawing.
    expect(svg.match(/>80 %</g)).toHaveLength(1)
    expect(svg).not.toContain('NaN')
  })

  test('a line chart has dates too', () => {
    const points = [2010, 2014].map((year, y) => ({ x: Date.UTC(year, 0), y }))
    expect(lineChart([{ name: 'a', points }], { ...labels, axis: 'date' })).toMatch(/>2012</)
  })

  test('dates; nothing at all', () => {
    const day = (d: number) => Date.UTC(2014, 0, d)
    const days = [1, 2, 3].map((d) => ({ x: day(d), y: d }))
    const dated = fanChart({ actual: days, fans: [] }, { ...labels, axis: 'date' })
    expect(dated).toContain('Jan')
    expect(fanChart({ actual: [], fans: [] }, labels)).toContain('no values')
    expect(fanChart({ actual: [], fans: [{ median: [], bands: [] }] }, labels)).toContain('an empty forecast')
  })
})

describe('histogram', () => {
  test('counts every value once', () => {
    const svg = histogram([...Array.from({ length: 50 }, (_, i) => (i - 20) / 10), Infinity], labels)
    expect(svg).toContain('Births. 50 values. mean 0.45. 1 left out')
    expect(svg.match(/<rect /g)?.length).toBeGreaterThan(20)
  })

  test('one value; none', () => {
    expect(histogram([3, 3, 3], labels)).toContain('3 values. mean 3')
    expect(histogram([], labels)).toContain('no values')
  })
})

describe('terminalChart', () => {
  test('a rising line rises from corner to corner', () => {
    const chart = terminalChart([[0, 1, 2, 3]], { height: 4 })
    expect(chart.split('\n')).toEqual(['3.00 ┤   ·', '2.00 ┤  ·', '1.00 ┤ ·', '0.00 ┤·'])
  })

  test('has the asked height, at most the asked width, and the extremes at its edge', () => {
    const lines = terminalChart([Array.from({ length: 300 }, (_, i) => i)], { height: 6, width: 40 }).split('\n')
    expect(lines).toHaveLength(6)
    // Eight neighbours are averaged: the first mean is 3.5, the last, of four, 297.5.
    expect([lines[0].slice(0, 6), lines[5].slice(0, 6)]).toEqual(['297.50', '  3.50'])
    expect(Math.max(...lines.map((line) => line.length))).toBe(8 + 38)
  })

  test('a band lies below the forecast that it belongs to, and belongs to the axis', () => {
    const bands = [{ lower: [NaN, 2, 0], upper: [NaN, 3, 4] }]
    expect(terminalChart([[1, NaN, NaN], [NaN, 3, 2]], { height: 5, bands }).split('\n'))
      .toEqual(['4.00 ┤  ░', '3.00 ┤ ●░', '2.00 ┤ ░●', '1.00 ┤· ░', '0.00 ┤  ░'])
  })

  test('a forecast begins where the history ends, in a mark of its own; constants and nothing at all', () => {
    expect(terminalChart([[1, 2, NaN], [NaN, NaN, 3]], { height: 3 }).split('\n'))
      .toEqual(['3.00 ┤  ●', '2.00 ┤ ·', '1.00 ┤·'])
    expect(terminalChart([[2, 2]], { height: 3 })).toContain('2.00 ┤··')
    expect(terminalChart([[NaN]])).toBe('no values')
    expect(terminalChart([])).toBe('no values')
    expect(() => terminalChart([[1]], { height: 1 })).toThrow(/height of 2 or more, got 1/)
  })
})
