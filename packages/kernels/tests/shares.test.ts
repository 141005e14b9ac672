// How threads share work out: the parts that ranges are cut into, and when it is done together at all. Not here: the
// threads.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planOf } from '../src/plan.ts'
import { MOST_PARTS } from '../src/wasm/board.ts'
import { Pace } from '../src/wasm/pace.ts'
import { fallingParts, placeParts } from '../src/wasm/shares.ts'

describe('parts', () => {
  const cut = fc.record({
    grain: fc.integer({ min: 1, max: 16 }),
    least: fc.integer({ min: 1, max: 50 }),
    threads: fc.integer({ min: 2, max: 32 }),
  })

  it('are whole grains that get smaller, and cover the range once', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 100_000 }), cut, (items, { grain, least, threads }) => {
      const bounds = fallingParts(0, items, { grain, least, threads })
      expect([bounds[0], bounds.at(-1)]).toEqual([0, items])
      expect(bounds.length - 1).toBeLessThanOrEqual(MOST_PARTS)
      const sizes = bounds.slice(1).map((bound, i) => bound - bounds[i])
      // The last one takes what would be too little for a part.
      for (const [i, size] of sizes.slice(0, -1).entries()) {
        expect(size % grain).toBe(0)
        expect(size).toBeGreaterThanOrEqual(least)
        expect(size).toBeLessThanOrEqual(i === 0 ? items / (2 * threads) + least + grain : sizes[i - 1])
      }
    }))
  })

  it('leave little to wait for at the end', () => {
    const bounds = fallingParts(0, 6000, { grain: 6, least: 1, threads: 2 })
    expect(bounds[1]).toBe(1500)
    expect(6000 - (bounds.at(-2) ?? 0)).toBeLessThan(6000 / 2 / 8)
  })

  it('of places are few, and those of a size have nearly equal numbers of steps', () => {
    fc.assert(fc.property(
      fc.array(fc.nat(40), { minLength: 1, maxLength: 200 }), fc.integer({ min: 2, max: 8 }), fc.boolean(),
      (lengths, threads, other) => {
        const plan = planOf({ batch: lengths.length, time: 40, lengths: Int32Array.from(lengths) })
        const bounds = placeParts(plan.active, plan.batch, { threads, other })
        expect([bounds[0], bounds.at(-1)]).toEqual([0, plan.batch])
        expect(bounds.length - 1).toBeLessThanOrEqual(2 * threads)
        const sorted = lengths.toSorted((a, b) => b - a)
        bounds.slice(1).forEach((end, i) => {
          expect(end).toBeGreaterThan(bounds[i])
          const steps = sorted.slice(bounds[i], end).reduce((sum, length) => sum + length, 0)
          const share = other || plan.batch < 12 * threads ? 1 : i < threads ? 5 / 8 : 3 / 8
          expect(steps).toBeLessThanOrEqual((share * plan.rows) / threads + 80)
        })
      },
    ))
    const whole = planOf({ batch: 32, time: 9 })
    expect(placeParts(whole.active, 32, { threads: 2, other: false })).toEqual([0, 10, 20, 26, 32])
    expect(placeParts(whole.active, 32, { threads: 2, other: true })).toEqual([0, 16, 32])
    expect(placeParts(whole.active, 32, { threads: 4, other: false })).toEqual([0, 8, 16, 24, 32])
  })
})

describe('pace', () => {
  /** What a job takes in milliseconds, one way and the other, at a time. */
  type Machine = (together: boolean, now: number) => number

  interface Run {
    readonly from?: number
    readonly milliseconds: number
    /** The one way to compare with: together, or alone. */
    readonly way: boolean
  }

  /** Jobs one after another for so many milliseconds; gives the time that they take, against doing all one way. */
  function cost(pace: Pace, machine: Machine, { from = 0, milliseconds, way }: Run): number {
    let now = from
    let best = 0
    while (now < from + milliseconds) {
      const together = pace.together(now)
      best += machine(way, now)
      const end = now + machine(together, now)
      pace.note(0, { together, work: 1000, start: now, end })
      now = end
    }
    return (now - from) / best
  }

  const quicker: Machine = together => (together ? 0.6 : 1)
  const slower: Machine = together => (together ? 2 : 1)

  it('keeps together what is quicker so', () => {
    expect(cost(new Pace(), quicker, { milliseconds: 20_000, way: true })).toBeLessThan(1.02)
  })

  it('leaves it alone where the cores are busy, and comes back when they no longer are', () => {
    const pace = new Pace()
    expect(cost(pace, slower, { milliseconds: 20_000, way: false })).toBeLessThan(1.03)
    cost(pace, quicker, { from: 20_000, milliseconds: 5000, way: true })
    expect(cost(pace, quicker, { from: 25_000, milliseconds: 10_000, way: true })).toBeLessThan(1.02)
  })

  it('gets over a start that misleads, and notices when the cores get busy', () => {
    const start: Machine = (together, now) => (now < 300 && !together ? 5 : slower(together, now))
    expect(cost(new Pace(), start, { milliseconds: 20_000, way: false })).toBeLessThan(1.04)
    const busy: Machine = (together, now) => (now < 19_000 ? quicker : slower)(together, now)
    const pace = new Pace()
    cost(pace, busy, { milliseconds: 19_000, way: true })
    expect(cost(pace, busy, { from: 19_000, milliseconds: 5000, way: false })).toBeLessThan(1.05)
  })

  it('is not taken in by a machine whose speed changes', () => {
    for (const period of [3, 70, 900, 5000]) {
      const speed = (now: number): number => (Math.floor(now / period) % 2 === 0 ? 1 : 2.2)
      const changing = (machine: Machine): Machine => (together, now) => machine(together, now) * speed(now)
      expect(cost(new Pace(), changing(quicker), { milliseconds: 30_000, way: true }), `${period}`).toBeLessThan(1.05)
      expect(cost(new Pace(), changing(slower), { milliseconds: 30_000, way: false }), `${period}`).toBeLessThan(1.05)
    }
  })

  it('compares each kind of job with its own', () => {
    const pace = new Pace()
    let [now, count] = [0, 0]
    for (let i = 0; i < 4000; i += 1) {
      // The second kind takes ten times as long for as much work, and comes in runs.
      const kind = Math.floor(i / 5) % 2
      const together = pace.together(now)
      const end = now + (together ? 0.6 : 1) * (kind === 0 ? 1 : 10)
      pace.note(kind, { together, work: 1000, start: now, end })
      now = end
      if (together) count += 1
    }
    expect(count / 4000).toBeGreaterThan(0.95)
  })
})
