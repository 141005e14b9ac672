// Cursors: what remains comes again exactly, whatever was saved when.
import { DataLoader, dataset, padSequences, type Cursor } from '@ostinato/datasets'
import { Rng } from '@ostinato/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loaderOf, numbers, setup } from './loaders.ts'

describe('a cursor', () => {
  it('restores the remaining batches exactly, through JSON and in another loader', () => {
    fc.assert(fc.property(setup, fc.nat(), ({ count, epoch, options }, stop) => {
      const make = () => loaderOf(count, options)
      const batches = make().epoch(epoch)
      const taken = stop % make().length
      for (let i = 0; i < taken; i++) batches.next()
      const cursor = JSON.parse(JSON.stringify(batches.cursor())) as Cursor
      expect(cursor).toEqual({ epoch, batch: taken })
      expect([...make().epoch(cursor)]).toEqual([...batches])
    }))
  })

  it('restores bit-equal tensors, over the end of an epoch', () => {
    const rng = new Rng(3)
    const sentence = () => Array.from({ length: rng.integer(0, 9) }, () => rng.integer(1, 100))
    const rows = dataset(Array.from({ length: 53 }, sentence))
    const make = () => new DataLoader(rows, {
      batchSize: 4,
      seed: 8,
      bucketBy: (ids) => ids.length,
      bucketSize: 3,
      collate: (items) => padSequences(items, { paddingId: 0 }),
    })
    const run = (from: Cursor, batches: number) => {
      const loader = make()
      const seen: { ids: Int32Array; lengths: Int32Array }[] = []
      let cursor = from
      while (seen.length < batches) {
        const walk = loader.epoch(cursor)
        for (const batch of walk) {
          cursor = walk.cursor()
          seen.push({ ids: batch.ids.data, lengths: batch.lengths })
          if (seen.length === batches) break
        }
      }
      return { seen, cursor }
    }
    const whole = run({ epoch: 0, batch: 0 }, 40)
    const before = run({ epoch: 0, batch: 0 }, 9)
    const after = run(JSON.parse(JSON.stringify(before.cursor)) as Cursor, 31)
    expect([...before.seen, ...after.seen]).toEqual(whole.seen)
    expect(after.cursor).toEqual(whole.cursor)
    expect(whole.cursor).toEqual({ epoch: 2, batch: 12 })
  })

  it('stands before the batch that comes next; after the last one, at the next epoch', () => {
    const batches = loaderOf(5, { batchSize: 2 }).epoch(7)
    const seen = [batches.cursor()]
    for (const batch of batches) if (batch.length > 0) seen.push(batches.cursor())
    expect(seen.map(({ epoch, batch }) => `${epoch}:${batch}`)).toEqual(['7:0', '7:1', '7:2', '8:0'])
    expect(batches.next()).toEqual({ done: true, value: undefined })
  })

  it('lets a walk that was broken off go on', () => {
    const batches = loaderOf(5, { batchSize: 2 }).epoch(0)
    for (const batch of batches) if (batch[0] === 0) break
    expect([...batches]).toEqual([[2, 3], [4]])
  })

  it('stays before a batch that cannot be made', () => {
    let broken = true
    const loader = new DataLoader(numbers(4), {
      batchSize: 2,
      collate: (items) => {
        if (broken && items[0] === 2) throw new Error('broken')
        return [...items]
      },
    })
    const batches = loader.epoch(0)
    batches.next()
    expect(() => batches.next()).toThrow('broken')
    expect(batches.cursor()).toEqual({ epoch: 0, batch: 1 })
    broken = false
    expect([...batches]).toEqual([[2, 3]])
  })

  it.each<[unknown, RegExp]>([
    [-1, /expected an epoch from 0, got -1/],
    [0.5, /expected an epoch from 0, got 0.5/],
    [{ epoch: 0, batch: 3 }, /expected a batch from 0 to 2, got 3: is the cursor of another loader\?/],
    [{ epoch: '1', batch: -1 }, /2 faults\n.*got '1'\n.*got -1/],
    [null, /2 faults/],
    [{}, /2 faults/],
  ])('that reads %o is refused', (cursor, message) => {
    const loader = loaderOf(5, { batchSize: 2 })
    expect(() => loader.epoch(cursor as Cursor)).toThrow(message)
    expect(() => loader.prefetch(cursor as Cursor)).toThrow(message)
  })
})
