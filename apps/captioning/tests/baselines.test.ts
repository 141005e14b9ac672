// The baselines, against the plain search, and the small data sets against what is known of them.
import { dataset } from '@ostinato/datasets'
import { Rng } from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'
import { mostFrequent, nearestNeighbours, pixelFeatures } from '../src/baselines.ts'
import { readColours } from '../src/data-colours.ts'
import { readDigits } from '../src/data-digits.ts'

describe('nearestNeighbours', () => {
  const width = 7
  const queries = new Rng(1).normal([300, width]).data
  const keys = new Rng(2).normal([50, width]).data
  const row = (data: Float32Array, i: number) => [...data.subarray(i * width, (i + 1) * width)]
  const plain = (likeness: (a: readonly number[], b: readonly number[]) => number) =>
    Array.from({ length: 300 }, (_, query) => {
      const found = Array.from({ length: 50 }, (_, key) => likeness(row(queries, query), row(keys, key)))
      return found.indexOf(Math.max(...found))
    })

  test('finds what the plain search finds', () => {
    const distance = plain((a, b) => -Math.hypot(...a.map((value, i) => value - b[i])))
    expect([...nearestNeighbours({ queries, keys, count: 300 })]).toEqual(distance)
    const angle = plain((a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0) / Math.hypot(...b))
    expect([...nearestNeighbours({ queries, keys, count: 300, metric: 'cosine' })]).toEqual(angle)
    expect(angle).not.toEqual(distance)
  })

  test('refuses rows of two lengths', () => {
    expect(() => nearestNeighbours({ queries, keys: keys.subarray(1), count: 300 })).toThrow(/expected rows of one length/)
    expect(nearestNeighbours({ queries: new Float32Array(0), keys, count: 0 }).length).toBe(0)
  })
})

test('pixels are compared over white', () => {
  const [first, second] = [[0, 0, 0, 0, 255, 0, 0, 255], [0, 51, 0, 102, 0, 0, 0, 255]]
  const rows = dataset([{ pixels: Uint8Array.from(first) }, { pixels: Uint8Array.from(second) }])
  const expected = [1, 1, 1, 1, 0, 0, 0.6, 0.8, 0.6, 0, 0, 0]
  pixelFeatures(rows).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6))
})

test('the most frequent caption', () => {
  const rows = ['cat', 'red flag', 'cat', 'red flag', 'dog'].map((text) => ({ words: text.split(' ') }))
  expect(mostFrequent(dataset(rows))).toEqual(['cat'])
})

test('10,000 digits: a fifth for the test, each digit in its proportion', async () => {
  const { train, test: tested } = await readDigits({ seed: 1 })
  expect([train.length, tested.length]).toEqual([8000, 2000])
  for (let digit = 0; digit < 10; digit++) {
    const [a, b] = [train, tested].map((part) => part.filter(({ label }) => label === digit).length)
    expect(Math.abs(b - (a + b) / 5)).toBeLessThanOrEqual(1)
  }
  // A zero has no ink in its middle, a one has.
  const middle = (digit: number) => {
    const rows = train.filter(({ label }) => label === digit)
    return rows.toArray().reduce((sum, { pixels }) => sum + pixels[14 * 28 + 14], 0) / rows.length
  }
  expect(middle(0)).toBeLessThan(0.1)
  expect(middle(1)).toBeGreaterThan(0.8)
})

test('1,180 colours with names of words that repeat', () => {
  const { train, test: tested, leftOut, lists } = readColours({ seed: 1 })
  expect([train.length + tested.length, leftOut, lists.length]).toEqual([1180, 581, 3])
  expect(tested.length).toBe(236)
  const uses = new Map<string, number>()
  for (const { words, colour } of train.concat(tested)) {
    for (const word of words) uses.set(word, (uses.get(word) ?? 0) + 1)
    for (const value of colour) expect(value >= 0 && value <= 1).toBe(true)
  }
  const key = ({ hex, caption }: { readonly hex: string; readonly caption: string }) => `${hex} ${caption}`
  const trained = new Set(Array.from(train, key))
  expect(Array.from(tested, key).filter((colour) => trained.has(colour))).toEqual([])
  const green = train.concat(tested).filter(({ caption }) => caption === 'green')
  for (const { colour: [red, value, blue] } of green) expect(value).toBeGreaterThan(Math.max(red, blue))
})
