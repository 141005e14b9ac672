// How threads share work out: the parts that ranges are cut into, and when it is done together at all. Not here: the
// threads.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planOf } from '../src/plan.ts'
import { Pace } from '../src/wasm/pace.ts'
import { MOST_PARTS_EACH, placeParts, rangeParts } from '../src/wasm/shares.ts'

interface Part {
  readonly thread: number
  readonly first: number
  readonly last: number
}

/** The parts that are emitted. */
function partsOf(cut: (emit: (thread: number, first: number, last: number) => void) => void): Part[] {
  const parts: Part[] = []
  cut((thread, first, last) => { parts.push({ thread, first, last }) })
  return parts
}

const size = ({ first, last }: Part): number => last - first

/** That the parts cover the range once, each with something in it. */
function expectCover(parts: readonly Part[], [first, last]: readonly [number, number]): void {
  const sorted = parts.toSorted((a, b) => a.first - b.first)
  expect([sorted[0].first, sorted.at(-1)?.last]).toEqual([first, last])
  sorted.forEach((part, i) => {
    expect(size(part)).toBeGreaterThan(0)
    if (i > 0) expect(part.first).toBe(sorted[i - 1].last)
  })
}

describe('parts', () => {
  const cut = fc.record({
    grain: fc.integer({ min: 1, max: 16 }),
    least: fc.integer({ min: 1, max: 50 }),
    threads: fc.integer({ min: 2, max: 32 }),
  })

  it('are whole grains that get smaller, an equal share for each thread, and cover the range once', () => {
    fc.assert(fc.property(fc.nat(1000), fc.integer({ min: 1, max: 100_000 }), cut, (first, items, how) => {
      const { grain, least, threads } = how
      const parts = partsOf((emit) => { rangeParts(first, first + items, how, emit) })
      expectCover(parts, [first, first + items])
      for (let thread = 0; thread < threads; thread += 1) {
        const own = parts.filter(part => part.thread === thread)
        expect(own.length).toBeLessThanOrEqual(MOST_PARTS_EACH)
        const share = own.reduce((sum, part) => sum + size(part), 0)
        if (items > threads * (grain + least)) expect(Math.abs(share - items / threads)).toBeLessThanOrEqual(grain)
        // The last one takes what would be too little for a part.
        for (const [i, part] of own.slice(0, -1).entries()) {
          expect(size(part) % grain).toBe(0)
          expect(size(part)).toBeGreaterThanOrEqual(least)
          if (i > 0) expect(size(part)).toBeLessThanOrEqual(size(own[i - 1]))
        }
      }
    }))
  })

  it('leave little to wait for at the end, but are not many where there is little to do', () => {
    const sizes = (least: number): number[] =>
      partsOf((emit) => { rangeParts(0, 6400, { grain: 1, least, threads: 2 }, emit) }).map(size).slice(0, -1)
    expect(sizes(1)).toEqual([1600, 800, 400, 200, 200, 1600, 800, 400, 200])
    expect(sizes(100)).toEqual([1600, 800, 800, 1600, 800])
    expect(sizes(3000)).toEqual([3200])
  })

  it('of places are few, and those of a size have nearly equal numbers of steps', () => {
    fc.assert(fc.property(
      fc.array(fc.nat(40), { minLength: 1, maxLength: 200 }), fc.integer({ min: 2, max: 8 }), fc.boolean(),
      (lengths, threads, other) => {
        const plan = planOf({ batch: lengths.length, time: 40, lengths: Int32Array.from(lengths) })
        const parts = partsOf((emit) => { placeParts(plan.active, plan.batch, { threads, other }, emit) })
        expectCover(parts, [0, plan.batch])
        expect(parts.length).toBeLessThanOrEqual(2 * threads)
        const sorted = lengths.toSorted((a, b) => b - a)
        parts.forEach(({ thread, first, last }, i) => {
          expect(thread).toBe(i % threads)
          const steps = sorted.slice(first, last).reduce((sum, length) => sum + length, 0)
          const share = other || plan.batch < 12 * threads ? 1 : i < threads ? 5 / 8 : 3 / 8
          expect(steps).toBeLessThanOrEqual((share * plan.rows) / threads + 80)
        })
      },
    ))
    const whole = planOf({ batch: 32, time: 9 })
    const sizes = (threads: number, other: boolean): number[] =>
      partsOf((emit) => { placeParts(whole.active, 32, { threads, other }, emit) }).map(size)
    expect(sizes(2, false)).toEqual([10, 10, 6, 6])
    expect(sizes(2, true)).toEqual([16, 16])
    expect(sizes(4, false)).toEqual([8, 8, 8, 8])
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
