// Data sets: each transform against the same done to an array, what is computed when, types, and errors.
import { dataset, DatasetError, type Dataset, type Rows } from '@ostinato/datasets'
import { Rng } from '@ostinato/tensor'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'

const letters = () => dataset(['a', 'b', 'c', 'd', 'e'])

describe('dataset', () => {
  it('reads an array, a typed array and anything with length and get', () => {
    expect(letters().length).toBe(5)
    expect(letters().get(4)).toBe('e')
    expect([...dataset(new Float32Array([0.5, 2]))]).toEqual([0.5, 2])
    expect([...dataset({ length: 3, get: (i) => i * 10 })]).toEqual([0, 10, 20])
  })

  it('returns a data set as it is', () => {
    const rows = letters()
    expect(dataset(rows)).toBe(rows)
  })

  it('keeps its length when the array behind it grows', () => {
    const items = [1, 2]
    const rows = dataset(items)
    items.push(3)
    expect(rows.length).toBe(2)
    expect([...rows]).toEqual([1, 2])
  })

  it.each([null, undefined, 'text', 7])('refuses %s', (source) => {
    expect(() => dataset(source as unknown as number[])).toThrow(DatasetError)
  })

  it.each([-1, 1.5, NaN, 2 ** 31])('refuses a length of %s', (length) => {
    expect(() => dataset({ length, get: () => 0 }).length).toThrow(/Dataset: expected a length/)
  })

  it.each([-1, 5, 1.5, NaN, Infinity])('has no row %s', (index) => {
    expect(() => letters().get(index)).toThrow(`Dataset.get: expected a row number from 0 to 4, got ${index}`)
  })
})

describe('transforms agree with arrays', () => {
  // A chain of random transforms, done to a data set and to an array.
  const step = fc.oneof(
    fc.nat(12).map((n) => ({
      name: `take ${n}`,
      lazy: (d: Dataset<number>) => d.take(n),
      eager: (a: number[]) => a.slice(0, n),
    })),
    fc.nat(5).map((n) => ({
      name: `skip ${n}`,
      lazy: (d: Dataset<number>) => d.skip(n),
      eager: (a: number[]) => a.slice(n),
    })),
    fc.integer({ min: 1, max: 4 }).map((n) => ({
      name: `filter ${n}`,
      lazy: (d: Dataset<number>) => d.filter((x, i) => (x + i) % n === 0),
      eager: (a: number[]) => a.filter((x, i) => (x + i) % n === 0),
    })),
    fc.integer().map((n) => ({
      name: `map ${n}`,
      lazy: (d: Dataset<number>) => d.map((x, i) => (x ^ n) + i),
      eager: (a: number[]) => a.map((x, i) => (x ^ n) + i),
    })),
    fc.array(fc.integer()).map((more) => ({
      name: `concat ${more.length}`,
      lazy: (d: Dataset<number>) => d.concat(dataset<number>([]), dataset(more)),
      eager: (a: number[]) => [...a, ...more],
    })),
    fc.constant({ name: 'cache', lazy: (d: Dataset<number>) => d.cache(), eager: (a: number[]) => a }),
    fc.constant({
      name: 'reverse',
      lazy: (d: Dataset<number>) => d.select(Array.from({ length: d.length }, (_, i) => d.length - 1 - i)),
      eager: (a: number[]) => [...a].reverse(),
    }),
  )

  it('over random chains, read by iteration and by number', () => {
    const chain = fc.array(step, { maxLength: 6 })
    fc.assert(fc.property(fc.array(fc.integer(), { maxLength: 20 }), chain, (items, steps) => {
      let rows = dataset(items)
      let expected = items
      for (const { lazy, eager } of steps) {
        rows = lazy(rows)
        expected = eager(expected)
      }
      expect(rows.toArray()).toEqual(expected)
      const backwards = Array.from({ length: rows.length }, (_, i) => rows.get(rows.length - 1 - i))
      expect(backwards).toEqual([...expected].reverse())
    }))
  })

  it('zip pairs rows', () => {
    const pairs = letters().zip(dataset([1, 2, 3, 4, 5]))
    expect(pairs.get(2)).toEqual(['c', 3])
    expect(() => letters().zip(dataset([1]))).toThrow('Dataset.zip: expected two data sets of one length, got 5 and 1')
  })

  it('select takes rows again and refuses numbers that are none, all at once', () => {
    expect([...letters().select([4, 0, 0])]).toEqual(['e', 'a', 'a'])
    expect(() => letters().select([0, 5, -1, 0.5])).toThrow(/got 3 others: 5 at place 1, -1 at place 2, 0.5 at place 3/)
  })

  it('select copies the numbers', () => {
    const numbers = [0, 1]
    const rows = letters().select(numbers)
    numbers[0] = 4
    expect([...rows]).toEqual(['a', 'b'])
  })

  it.each(['take', 'skip'] as const)('%s refuses what is no number of rows', (method) => {
    for (const count of [-1, 0.5, NaN]) expect(() => letters()[method](count)).toThrow(/expected a whole number of rows/)
  })
})

describe('shuffle', () => {
  it('keeps every row and follows the generator', () => {
    fc.assert(fc.property(fc.nat(60), fc.integer(), (count, seed) => {
      const rows = dataset({ length: count, get: (i) => i })
      const shuffled = rows.shuffle(new Rng(seed)).toArray()
      expect([...shuffled].sort((a, b) => a - b)).toEqual(rows.toArray())
      expect(rows.shuffle(new Rng(seed)).toArray()).toEqual(shuffled)
    }))
  })

  it('draws at once, so that the order of reading does not matter', () => {
    const rows = dataset({ length: 50, get: (i) => i })
    const [a, b] = [new Rng(1), new Rng(1)]
    const first = rows.shuffle(a)
    first.toArray()
    const second = rows.shuffle(a)
    rows.shuffle(b)
    expect(rows.shuffle(b).toArray()).toEqual(second.toArray())
    expect(second.toArray()).not.toEqual(first.toArray())
  })
})

describe('laziness', () => {
  it('map reads only the rows that are asked for, each time', () => {
    const change = vi.fn((x: string) => x.toUpperCase())
    const rows = letters().map(change).skip(1).take(2)
    expect(rows.length).toBe(2)
    expect(change).not.toHaveBeenCalled()
    rows.get(0)
    rows.get(0)
    expect(change.mock.calls).toEqual([['b', 1], ['b', 1]])
  })

  it('cache reads a row once, undefined included', () => {
    const change = vi.fn((x: string) => (x === 'b' ? undefined : x))
    const rows = letters().map(change).cache()
    expect(change).not.toHaveBeenCalled()
    expect([rows.get(1), rows.get(1), rows.get(0), rows.get(0)]).toEqual([undefined, undefined, 'a', 'a'])
    expect(change).toHaveBeenCalledTimes(2)
  })

  it('filter asks once a row, at the first use', () => {
    const keep = vi.fn((x: string) => x > 'b')
    const rows = letters().filter(keep)
    expect(keep).not.toHaveBeenCalled()
    expect(rows.length).toBe(3)
    expect([...rows, rows.get(0)]).toEqual(['c', 'd', 'e', 'c'])
    expect(keep).toHaveBeenCalledTimes(5)
  })

  it('a filter that fails is asked again', () => {
    let broken = true
    const rows = letters().filter((x) => {
      if (broken) throw new Error('not yet')
      return x === 'a'
    })
    expect(() => rows.length).toThrow('not yet')
    broken = false
    expect([...rows]).toEqual(['a'])
  })
})

it('infers types through chains', () => {
  const rows = dataset([{ text: 'a', label: 1 }, { text: 'b' }])
  expectTypeOf(rows.map((row) => row.text.length)).toEqualTypeOf<Dataset<number>>()
  expectTypeOf(rows.filter((row) => row.text === 'a').take(1).shuffle(new Rng(0)).cache()).toEqualTypeOf(rows)
  expectTypeOf(dataset([1, null]).filter((x) => x !== null)).toEqualTypeOf<Dataset<number>>()
  expectTypeOf(letters().zip(dataset([1, 2, 3, 4, 5])).get(0)).toEqualTypeOf<readonly [string, number]>()
  expectTypeOf(letters().concat(dataset([1]))).toEqualTypeOf<Dataset<string | number>>()
  expectTypeOf(dataset({ length: 2, get: (i) => `${i}` })).toEqualTypeOf<Dataset<string>>()
  expectTypeOf(dataset(new Int32Array(2))).toEqualTypeOf<Dataset<number>>()
  expectTypeOf<Dataset<'a'>>().toExtend<Dataset<string>>()
  expectTypeOf<Dataset<string>>().toExtend<Rows<string>>()
  expectTypeOf<Dataset<string>>().not.toExtend<Dataset<'a'>>()
})
