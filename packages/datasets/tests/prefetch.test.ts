// Prefetching: the same batches, begun as early as asked for, and failures where they are due.
import { DataLoader, type Cursor } from '@ostinato/datasets'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { asRows, loaderOf, numbers, setup } from './loaders.ts'

describe('prefetch', () => {
  /** A loader whose batches are ready when the test says so. */
  function manual(count: number) {
    const begun: number[] = []
    const ready: (() => void)[] = []
    const loader = new DataLoader(numbers(count), {
      batchSize: 1,
      collate: ([item]) => new Promise<number>((resolve) => {
        begun.push(item)
        ready.push(() => {
          resolve(item)
        })
      }),
    })
    return { loader, begun, ready }
  }

  it('gives what epoch gives, from a cursor too', async () => {
    await fc.assert(fc.asyncProperty(setup, fc.nat(4), async ({ count, epoch, options }, ahead) => {
      const loader = loaderOf(count, options)
      const later = new DataLoader(numbers(count), { ...options, collate: async (items) => asRows(items) })
      const batch = epoch % loader.length
      const seen: number[][] = []
      for await (const rows of later.prefetch({ epoch, batch }, { ahead })) seen.push(rows)
      expect(seen).toEqual([...loader.epoch({ epoch, batch })])
    }))
  })

  it('begins the batches that are ahead, and no more', async () => {
    const { loader, begun, ready } = manual(6)
    const batches = loader.prefetch(0, { ahead: 2 })
    expect(begun).toEqual([])
    const first = batches.next()
    expect(begun).toEqual([0, 1, 2])
    ready[0]()
    expect(await first).toEqual({ done: false, value: 0 })
    expect(begun).toEqual([0, 1, 2])
    const second = batches.next()
    ready[2]()
    ready[1]()
    expect(await second).toEqual({ done: false, value: 1 })
    expect(begun).toEqual([0, 1, 2, 3])
  })

  it('counts in its cursor what was handed out, not what was begun', async () => {
    const loader = new DataLoader(numbers(3), { batchSize: 1, collate: async ([item]) => item })
    const batches = loader.prefetch(0, { ahead: 2 })
    const cursors: Cursor[] = []
    for await (const batch of batches) if (batch >= 0) cursors.push(batches.cursor())
    expect(cursors).toEqual([{ epoch: 0, batch: 1 }, { epoch: 0, batch: 2 }, { epoch: 1, batch: 0 }])
  })

  it('reports a failure when its batch is due, and ends', async () => {
    const collate = async ([item]: readonly number[]) => {
      if (item === 1) throw new Error('broken')
      return item
    }
    const batches = new DataLoader(numbers(4), { batchSize: 1, collate }).prefetch(0, { ahead: 3 })
    expect(await batches.next()).toEqual({ done: false, value: 0 })
    await expect(batches.next()).rejects.toThrow('broken')
    expect(batches.cursor()).toEqual({ epoch: 0, batch: 1 })
    expect((await batches.next()).done).toBe(true)
  })

  it('leaves no failure unhandled after a break', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const collate = ([item]: readonly number[]) => {
      if (item > 0) throw new Error('broken')
      return item
    }
    for await (const batch of new DataLoader(numbers(3), { batchSize: 1, collate }).prefetch(0)) if (batch === 0) break
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('refuses to run a part of a batch ahead', () => {
    const loader = loaderOf(3, { batchSize: 1 })
    for (const ahead of [-1, 0.5]) expect(() => loader.prefetch(0, { ahead })).toThrow('expected a whole number')
  })
})
