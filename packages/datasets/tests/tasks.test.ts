// Generated tasks: the answers follow from the inputs, the seed decides, and the stated baselines hold.
import { additionTask, copyTask, parityTask } from '@ostinato/datasets/tasks'
import { Rng } from '@ostinato/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('additionTask', () => {
  it('marks one value in each half and asks for their sum', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 30 }), fc.integer(), (steps, seed) => {
      for (const { input, target } of additionTask({ count: 5, steps, rng: new Rng(seed) })) {
        const rows = input.toArray() as [number, number][]
        const marked = rows.flatMap(([, mark], step) => (mark === 1 ? [step] : []))
        expect(rows.every(([value, mark]) => value >= 0 && value <= 1 && (mark === 0 || mark === 1))).toBe(true)
        expect(marked.length).toBe(2)
        expect(marked[0]).toBeLessThan(Math.floor(steps / 2))
        expect(marked[1]).toBeGreaterThanOrEqual(Math.floor(steps / 2))
        expect(target).toBe(rows[marked[0]][0] + rows[marked[1]][0])
      }
    }))
  })

  it('has a mean squared error of 1/6 around 1', () => {
    const rows = additionTask({ count: 20_000, steps: 4, rng: new Rng(1) }).toArray()
    const error = rows.reduce((sum, { target }) => sum + (target - 1) ** 2, 0) / rows.length
    expect(error).toBeCloseTo(1 / 6, 2)
  })

  it('is decided by the generator', () => {
    const first = (seed: number) => additionTask({ count: 2, steps: 3, rng: new Rng(seed) }).get(1)
    expect(first(1)).toEqual(first(1))
    expect(first(1)).not.toEqual(first(2))
  })

  it('refuses sizes out of range', () => {
    expect(() => additionTask({ count: 0, steps: 1, rng: new Rng(0) })).toThrow(/2 faults\n.*count.*got 0\n.*steps.*from 2, got 1/)
  })
})

describe('copyTask', () => {
  it('asks for the symbols after the delay', () => {
    const positive = fc.integer({ min: 1, max: 12 })
    const sizes = fc.record({ length: positive, symbols: positive, delay: fc.nat(20) })
    fc.assert(fc.property(sizes, fc.integer(), ({ length, symbols, delay }, seed) => {
      for (const { input, target } of copyTask({ count: 3, length, symbols, delay, rng: new Rng(seed) })) {
        const list = [...input.subarray(0, length)]
        const blanks = (count: number) => new Array<number>(count).fill(0)
        expect(list.every((id) => id >= 2 && id < 2 + symbols)).toBe(true)
        expect([...input]).toEqual([...list, ...blanks(delay), 1, ...blanks(length)])
        expect([...target]).toEqual([...blanks(length + delay + 1), ...list])
      }
    }))
  })

  it('draws every symbol about equally often', () => {
    const counts = new Array<number>(10).fill(0)
    for (const { input } of copyTask({ count: 800, rng: new Rng(4) })) {
      for (const id of input.subarray(0, 10)) counts[id]++
    }
    // 1000 expected, standard deviation 30.
    for (const count of counts.slice(2)) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it('refuses sizes out of range', () => {
    expect(() => copyTask({ count: 1, length: 0, symbols: 0, delay: -1, rng: new Rng(0) })).toThrow(/3 faults/)
  })
})

describe('parityTask', () => {
  it('asks at every step whether the ones so far are odd in number', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.integer(), (steps, seed) => {
      for (const { input, target } of parityTask({ count: 3, steps, rng: new Rng(seed) })) {
        expect(input.length).toBe(steps)
        target.forEach((odd, step) => {
          expect(odd).toBe(input.slice(0, step + 1).filter((bit) => bit === 1).length % 2)
        })
      }
    }))
  })

  it('has as many ones as zeros, is decided by the generator, and refuses sizes out of range', () => {
    const bits = parityTask({ count: 1000, steps: 20, rng: new Rng(1) }).toArray().flatMap(({ input }) => [...input])
    expect(Math.abs(bits.reduce((a, b) => a + b) / bits.length - 0.5)).toBeLessThan(0.02)
    const row = (seed: number) => parityTask({ count: 1, steps: 30, rng: new Rng(seed) }).get(0)
    expect(row(2)).toEqual(row(2))
    expect(row(2)).not.toEqual(row(3))
    expect(() => parityTask({ count: 1, steps: 0, rng: new Rng(0) })).toThrow(/parityTask.*steps.*from 1, got 0/)
  })
})
