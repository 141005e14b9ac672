// The loader: batches against their definition, orders that are a function of seed and epoch, and errors.
import { DataLoader, dataset, DatasetError, type Batches, type PrefetchedBatches } from '@ostinato/datasets'
import { Rng } from '@ostinato/tensor'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { asRows, loaderOf, numbers, setup, type Options } from './loaders.ts'

describe('an epoch', () => {
  it('has each row once, in full batches but for one', () => {
    fc.assert(fc.property(setup, ({ count, epoch, options }) => {
      const loader = loaderOf(count, options)
      const batches = [...loader.epoch(epoch)]
      const rows = batches.flat()
      expect(batches.length).toBe(loader.length)
      expect(new Set(rows).size).toBe(rows.length)
      expect(rows.length).toBe(options.dropLast ? count - (count % options.batchSize) : count)
      const left = rows.length % options.batchSize
      const odd = batches.filter((batch) => batch.length !== options.batchSize)
      expect(odd.map((batch) => batch.length)).toEqual(left === 0 ? [] : [left])
    }))
  })

  it('is a function of seed and epoch, whatever was read before', () => {
    fc.assert(fc.property(setup, ({ count, epoch, options }) => {
      const used = loaderOf(count, options)
      used.epoch(epoch + 1).next()
      const first = [...used.epoch(epoch)]
      expect([...used.epoch(epoch)]).toEqual(first)
      expect([...loaderOf(count, options).epoch(epoch)]).toEqual(first)
    }))
  })

  it('keeps the order of the rows without a seed', () => {
    expect([...loaderOf(5, { batchSize: 2 }).epoch(0)]).toEqual([[0, 1], [2, 3], [4]])
    expect([...loaderOf(5, { batchSize: 2 }).epoch(3)]).toEqual([[0, 1], [2, 3], [4]])
    expect([...loaderOf(5, { batchSize: 2, dropLast: true }).epoch(0)]).toEqual([[0, 1], [2, 3]])
    expect([...loaderOf(3, { batchSize: 8 }).epoch(0)]).toEqual([[0, 1, 2]])
  })

  it('differs between epochs, between seeds, and leaves out other rows each time', () => {
    const order = (seed: number, epoch: number) =>
      [...loaderOf(50, { batchSize: 8, seed, dropLast: true }).epoch(epoch)].flat()
    const orders = [order(0, 0), order(0, 1), order(0, 2), order(1, 0)]
    expect(new Set(orders.map((rows) => rows.join())).size).toBe(4)
    const left = orders.map((rows) => numbers(50).filter((row) => !rows.includes(row)).toArray().join())
    expect(new Set(left).size).toBe(4)
  })

  it('gives every row every place about equally often', () => {
    const loader = loaderOf(6, { batchSize: 6, seed: 9 })
    const first = new Array<number>(6).fill(0)
    for (let epoch = 0; epoch < 600; epoch++) first[[...loader.epoch(epoch)].flat()[0]]++
    // 100 expected, standard deviation 9.1.
    for (const count of first) expect(Math.abs(count - 100)).toBeLessThan(46)
  })

  it('hands row numbers to collate, views of one array', () => {
    const collate = vi.fn((items: readonly string[], indices: Int32Array) =>
      [...indices].map((i) => `${i}${items.length}`).join())
    const loader = new DataLoader(dataset(['a', 'b', 'c']), { batchSize: 2, collate })
    expect([...loader.epoch(0)]).toEqual(['02,12', '21'])
    expect(collate.mock.calls[0][1].buffer).toBe(collate.mock.calls[1][1].buffer)
  })

  it('makes a batch when it is asked for', () => {
    const get = vi.fn((i: number) => i)
    const batches = new DataLoader({ length: 100, get }, { batchSize: 10, seed: 1, collate: asRows }).epoch(0)
    expect(get).not.toHaveBeenCalled()
    batches.next()
    expect(get).toHaveBeenCalledTimes(10)
  })
})

describe('buckets', () => {
  const lengths = Array.from(new Rng(5).permutation(400), (x) => x % 37)
  const bucketed = (options: Partial<Options>) =>
    loaderOf(400, { batchSize: 10, bucketBy: (row) => lengths[row], ...options })

  it('hold rows of like length, from short to long within each batch', () => {
    for (const batch of bucketed({ seed: 2 }).epoch(0)) {
      const sizes = batch.map((row) => lengths[row])
      expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
      expect(sizes[9] - sizes[0]).toBeLessThanOrEqual(2)
    }
  })

  it('are cut from pools of bucketSize batches of the shuffled order, ties as they were', () => {
    const pool = 4 * 10
    const shuffled = [...loaderOf(400, { batchSize: 400, seed: 2 }).epoch(3)].flat()
    const expected = Array.from({ length: 400 / pool }, (_, i) => shuffled.slice(i * pool, (i + 1) * pool))
      .flatMap((rows) => [...rows].sort((a, b) => lengths[a] - lengths[b]))
    const batches = Array.from({ length: 40 }, (_, i) => expected.slice(i * 10, (i + 1) * 10).join())
    const got = [...bucketed({ seed: 2, bucketSize: 4 }).epoch(3)].map((batch) => batch.join())
    expect([...got].sort()).toEqual([...batches].sort())
    expect(got).not.toEqual(batches)
  })

  it('come in order of length, and tied rows in theirs, without a seed', () => {
    const rows = [...bucketed({}).epoch(0)].flat()
    expect(rows).toEqual(numbers(400).toArray().sort((a, b) => lengths[a] - lengths[b] || a - b))
  })

  it('measure each row once, at the first epoch', () => {
    const bucketBy = vi.fn((row: number) => lengths[row])
    const loader = loaderOf(400, { batchSize: 10, seed: 2, bucketBy })
    expect(bucketBy).not.toHaveBeenCalled()
    loader.epoch(0)
    loader.epoch(1)
    expect(bucketBy).toHaveBeenCalledTimes(400)
  })

  it.each([-1, 0.5, NaN, 'long'])('refuse a length of %s', (length) => {
    const loader = loaderOf(2, { batchSize: 1, bucketBy: () => length as number })
    expect(() => loader.epoch(0)).toThrow(/expected bucketBy to give a whole number from 0, got .* for row 0/)
  })
})

describe('options', () => {
  it('that are wrong are told all at once', () => {
    expect(() => loaderOf(0, { batchSize: 0, seed: 0.5, bucketSize: 0 })).toThrow(
      /5 faults\n.*empty data set.*\n.*batchSize.*got 0\n.*seed.*got 0.5\n.*bucketSize.*got 0\n.*bucketBy beside bucketSize/,
    )
    expect(() => loaderOf(0, { batchSize: 1 })).toThrow(DatasetError)
  })

  it('that would leave no batch are refused', () => {
    expect(() => loaderOf(3, { batchSize: 4, dropLast: true })).toThrow(/got 3 rows for a batchSize of 4: nothing would be left/)
  })
})

it('infers the batch from collate', () => {
  const loader = new DataLoader(dataset(['a']), { batchSize: 1, collate: (items) => items.map((text) => text.length) })
  expectTypeOf(loader).toEqualTypeOf<DataLoader<string, number[]>>()
  expectTypeOf(loader.epoch(0)).toEqualTypeOf<Batches<number[]>>()
  const later = new DataLoader(dataset(['a']), { batchSize: 1, collate: async (items) => items.length })
  expectTypeOf(later.prefetch(0)).toEqualTypeOf<PrefetchedBatches<Promise<number>>>()
  expectTypeOf(later.prefetch(0)).toExtend<AsyncIterable<number>>()
})
