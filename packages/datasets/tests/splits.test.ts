// Splits: every row exactly once, groups that never cross, equal shares of labels, order of time, and errors for shares
// that do not add up.
import {
  countShared, dataset, DatasetError, splitByGroup, splitByRows, splitByTime, splitStratified, type Dataset, type Share,
} from '@ostinato/datasets'
import { Rng } from '@ostinato/tensor'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'

const numbers = (count: number) => dataset({ length: count, get: (i) => i })

/** Sizes of two to four parts, as numbers of rows that add up to what they split. */
const counts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 4 })
const named = (sizes: readonly number[]) => Object.fromEntries(sizes.map((size, i) => [`part${i}`, size]))
const total = (sizes: readonly number[]) => sizes.reduce((a, b) => a + b, 0)

/** Asserts that the parts hold the rows 0, 1, … each once, each part in their order. */
function expectWhole(parts: Readonly<Record<string, Dataset<number>>>, count: number) {
  const all = Object.values(parts).map((part) => part.toArray())
  for (const rows of all) expect(rows).toEqual([...rows].sort((a, b) => a - b))
  expect(all.flat().sort((a, b) => a - b)).toEqual(numbers(count).toArray())
}

describe('shares', () => {
  const sizesOf = (count: number, shares: Record<string, Share>) =>
    Object.values(splitByRows(numbers(count), shares, { rng: new Rng(0) })).map((part) => part.length)

  it.each<[number, Record<string, Share>, number[]]>([
    [10, { a: 0.9, b: 0.1 }, [9, 1]],
    [10, { a: 'rest', b: 0.1 }, [9, 1]],
    [10, { a: 'rest', b: 3, c: 2 }, [5, 3, 2]],
    [10, { a: 4, b: 6 }, [4, 6]],
    [10, { a: 1 / 3, b: 1 / 3, c: 1 / 3 }, [4, 3, 3]],
    [7, { a: 0.5, b: 0.5 }, [4, 3]],
    // 100 * 0.29 is 28.999999999999996.
    [100, { a: 0.29, b: 'rest' }, [29, 71]],
    [10, { a: 0.7, b: 0.2, c: 0.1 }, [7, 2, 1]],
    [3, { a: 'rest' }, [3]],
  ])('%i rows by %o', (count, shares, sizes) => {
    expect(sizesOf(count, shares)).toEqual(sizes)
  })

  it('of fractions are within one row of what was asked', () => {
    fc.assert(fc.property(counts, fc.integer({ min: 200, max: 500 }), (weights, count) => {
      const fractions = weights.map((weight) => weight / total(weights))
      sizesOf(count, named(fractions)).forEach((size, i) => {
        expect(Math.abs(size - fractions[i] * count)).toBeLessThan(1)
      })
    }))
  })

  it.each<[number, Record<string, Share>, RegExp]>([
    [10, {}, /expected parts such as/],
    [10, { a: 0.9, b: 0.2 }, /expected fractions that add up to 1, got 1.1/],
    [10, { a: 0.5, b: 0.4 }, /expected fractions that add up to 1, got 0.9/],
    [10, { a: 0.9, b: 0.1, c: 'rest' }, /expected fractions below 1 in all beside 'rest', got 1/],
    [10, { a: 4, b: 5 }, /expected numbers of rows that add up to 10, got 9/],
    [10, { a: 4, b: 6, c: 'rest' }, /expected numbers of rows below 10 in all beside 'rest', got 10/],
    [10, { a: 'rest', b: 'rest' }, /expected 'rest' for one part at most/],
    [10, { a: 0.5, b: 5 }, /expected fractions or numbers of rows, got both/],
    [10, { a: 1.5, b: 'rest' }, /number of rows from 1, or 'rest' for 'a', got 1.5/],
    [3, { a: 0.9, b: 0.1 }, /expected at least one row for 'b', got 0.300 of 3 rows/],
    [0, { a: 0.9, b: 0.1 }, /got an empty data set/],
    [10, { a: 'half' as Share, b: 'rest' }, /for 'a', got 'half'/],
  ])('%i rows by %o is an error', (count, shares, message) => {
    expect(() => sizesOf(count, shares)).toThrow(message)
    expect(() => sizesOf(count, shares)).toThrow(DatasetError)
  })

  it('are all told wrong at once', () => {
    const wrong = { a: -1, b: NaN, c: 0 }
    expect(() => sizesOf(5, wrong)).toThrow(/3 faults\n {2}1\. .*'a', got -1\n {2}2\. .*'b', got NaN\n {2}3\. .*'c', got 0/)
  })
})

describe('splitByRows', () => {
  it('uses each row once, by the seed', () => {
    fc.assert(fc.property(counts, fc.integer(), (sizes, seed) => {
      const split = () => splitByRows(numbers(total(sizes)), named(sizes), { rng: new Rng(seed) })
      const rowsOf = (parts: ReturnType<typeof split>) => Object.values(parts).map((part) => part.toArray())
      expectWhole(split(), total(sizes))
      expect(rowsOf(split()).map((rows) => rows.length)).toEqual(sizes)
      expect(rowsOf(split())).toEqual(rowsOf(split()))
    }))
  })

  it('draws each row about as often as any other', () => {
    const drawn = new Array<number>(10).fill(0)
    for (let seed = 0; seed < 2000; seed++) {
      for (const row of splitByRows(numbers(10), { held: 3, other: 'rest' }, { rng: new Rng(seed) }).held) drawn[row]++
    }
    // 600 expected, standard deviation 20.5.
    for (const count of drawn) expect(Math.abs(count - 600)).toBeLessThan(100)
  })

  it('names and types the parts', () => {
    const split = splitByRows(dataset(['a', 'b']), { train: 1, test: 'rest' }, { rng: new Rng(0) })
    expectTypeOf(split).toEqualTypeOf<Readonly<Record<'train' | 'test', Dataset<string>>>>()
  })
})

describe('splitByGroup', () => {
  const largestOf = (keys: readonly number[]) =>
    Math.max(...keys.map((key) => keys.filter((other) => other === key).length))

  /** Keys of rows, some often and some once, and the fraction of a part, which no group is large enough to fill. */
  const grouped = fc.record({
    keys: fc.array(fc.oneof(fc.nat(3), fc.nat(50)), { minLength: 60, maxLength: 150 }),
    part: fc.double({ min: 0.2, max: 0.8, noNaN: true }),
    seed: fc.integer(),
  }).filter(({ keys, part }) => largestOf(keys) < keys.length * Math.min(part, 1 - part))

  it('lets no group cross, and uses each row once', () => {
    fc.assert(fc.property(grouped, ({ keys, part, seed }) => {
      const rows = numbers(keys.length)
      const options = { groupBy: (row: number) => keys[row], rng: new Rng(seed) }
      const { train, validation } = splitByGroup(rows, { train: 'rest', validation: part }, options)
      expectWhole({ train, validation }, keys.length)
      expect(countShared(validation, train, { by: (row) => keys[row] })).toBe(0)
    }))
  })

  it('comes within half the largest group of the sizes asked for', () => {
    fc.assert(fc.property(grouped, ({ keys, part, seed }) => {
      const asked = Math.max(1, Math.floor(part * keys.length))
      const options = { groupBy: (row: number) => keys[row], rng: new Rng(seed) }
      const { validation } = splitByGroup(numbers(keys.length), { train: 'rest', validation: asked }, options)
      expect(Math.abs(validation.length - asked)).toBeLessThanOrEqual(largestOf(keys) / 2)
    }))
  })

  it('is exact where every row is a group of its own', () => {
    fc.assert(fc.property(counts, fc.integer(), (sizes, seed) => {
      const split = splitByGroup(numbers(total(sizes)), named(sizes), { groupBy: (row) => row, rng: new Rng(seed) })
      expect(Object.values(split).map((part) => part.length)).toEqual(sizes)
    }))
  })

  it('draws other groups for another seed, the same for the same', () => {
    const held = (seed: number) => {
      const options = { groupBy: (row: number) => row % 50, rng: new Rng(seed) }
      return splitByGroup(numbers(200), { train: 'rest', held: 0.2 }, options).held.toArray()
    }
    expect(held(1)).toEqual(held(1))
    expect(held(1)).not.toEqual(held(2))
  })

  it('gives a small part its share of large groups too', () => {
    // 900 rows on their own, and 150 groups of 6: a tenth of each is due.
    const keyOf = (row: number) => (row < 900 ? row : 900 + Math.floor((row - 900) / 6))
    const due = Array.from({ length: 40 }, (_, seed) => {
      const options = { groupBy: keyOf, rng: new Rng(seed) }
      const { held } = splitByGroup(numbers(1800), { train: 'rest', held: 0.1 }, options)
      return held.toArray().filter((row) => row >= 900).length / 6
    })
    const mean = total(due) / due.length
    // 15 groups are due, with a standard deviation near 3.7 in one draw.
    expect(mean).toBeGreaterThan(15 - 2.5)
    expect(mean).toBeLessThan(15 + 2.5)
  })

  it('needs a group for each part', () => {
    const split = () => splitByGroup(numbers(10), { a: 5, b: 5 }, { groupBy: () => 'same', rng: new Rng(0) })
    expect(split).toThrow("splitByGroup: expected a group for every part, got none for 'b': 1 groups of 10 rows")
  })
})

describe('splitStratified', () => {
  it('keeps the proportion of each label, and uses each row once', () => {
    const labelled = fc.record({
      labels: fc.array(fc.nat(3), { minLength: 40, maxLength: 200 }),
      weights: counts,
      seed: fc.integer(),
    })
    fc.assert(fc.property(labelled, ({ labels, weights, seed }) => {
      const shares = named(weights.map((weight) => weight / total(weights)))
      fc.pre(Object.values(shares).every((share) => share * labels.length >= 1))
      const split = splitStratified(numbers(labels.length), shares, { label: (row) => labels[row], rng: new Rng(seed) })
      const parts: Dataset<number>[] = Object.values(split)
      expectWhole(split, labels.length)
      for (const part of parts) {
        for (const label of new Set(labels)) {
          const found = part.toArray().filter((row) => labels[row] === label).length
          const share = labels.filter((other) => other === label).length * (part.length / labels.length)
          expect(Math.abs(found - share)).toBeLessThanOrEqual(parts.length - 1 + 1e-9)
        }
      }
    }))
  })

  it('splits sorted rows of two classes evenly, at random', () => {
    const held = (seed: number) => {
      const options = { label: (row: number) => row < 500, rng: new Rng(seed) }
      return splitStratified(numbers(1000), { train: 0.9, held: 0.1 }, options).held
    }
    expect(held(3).filter((row) => row < 500).length).toBe(50)
    expect(held(3).length).toBe(100)
    expect(held(3).toArray()).not.toEqual(held(4).toArray())
  })
})

describe('splitByTime', () => {
  it('cuts in order, with gaps', () => {
    fc.assert(fc.property(counts, fc.nat(5), (sizes, gap) => {
      const count = total(sizes) + gap * (sizes.length - 1)
      const parts = Object.values(splitByTime(numbers(count), named(sizes), { gap }))
      expect(parts.map((part) => part.length)).toEqual(sizes)
      let next = 0
      for (const part of parts) {
        expect(part.toArray()).toEqual(Array.from({ length: part.length }, (_, i) => next + i))
        next += part.length + gap
      }
      expect(next - gap).toBe(count)
    }))
  })

  it('refuses rows out of order, whether times are numbers or dates', () => {
    const days = dataset(['2020-01-01', '2020-01-03', '2020-01-02'])
    const split = (time: (day: string) => number | Date) => () => splitByTime(days, { a: 1, b: 2 }, { time })
    expect(split((day) => new Date(day))).toThrow('expected rows in order of time, got row 2 earlier than row 1')
    expect(split((day) => Date.parse(day))).toThrow('row 2 earlier than row 1')
    expect(split(() => new Date('never'))).toThrow('expected a time for every row')
    expect(split(() => 0)().b.length).toBe(2)
  })

  it('refuses gaps that take all rows, no gap, and names that an object reorders', () => {
    expect(() => splitByTime(numbers(10), { a: 0.5, b: 0.5 }, { gap: 10 })).toThrow('more rows than the gaps take')
    expect(() => splitByTime(numbers(10), { a: 0.5, b: 0.5 }, { gap: -1 })).toThrow('expected a gap of whole rows')
    expect(() => splitByTime(numbers(10), { b: 0.5, 2020: 0.5 })).toThrow("got '2020'")
    expect(() => splitByTime(numbers(0), { a: 0.5, b: 0.5 }, { gap: 2 })).toThrow('empty data set')
  })
})

it('countShared counts rows, not keys', () => {
  const shared = countShared(dataset(['A', 'a', 'b', 'c']), dataset(['a', 'C']), { by: (text) => text.toLowerCase() })
  expect(shared).toBe(3)
})
