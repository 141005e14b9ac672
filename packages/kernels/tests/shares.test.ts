// How threads share work out: the parts that ranges are cut into, the groups of a batch, the pieces of lanes, and when
// it is done together at all. Not here: the threads.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planOf } from '../src/plan.ts'
import type { Plan } from '../src/plan.ts'
import { MOST_CALLS, MOST_STEPS, MOST_STREAMS, MOST_THREADS } from '../src/wasm/board.ts'
import { forEachRun, groupsOf } from '../src/wasm/groups.ts'
import { piecesOf } from '../src/wasm/lanes.ts'
import type { SharedCall } from '../src/wasm/lanes.ts'
import { Pace } from '../src/wasm/pace.ts'
import { MOST_PARTS_EACH, rangeParts } from '../src/wasm/shares.ts'

interface Part {
  readonly first: number
  readonly last: number
}

/** The parts that are emitted. */
function partsOf(cut: (emit: (first: number, last: number) => void) => void): Part[] {
  const parts: Part[] = []
  cut((first, last) => { parts.push({ first, last }) })
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
      const sharing = Math.max(1, Math.min(threads, Math.floor(items / Math.max(grain, least))))
      let begin = first
      for (let thread = 0; thread < sharing; thread += 1) {
        const end = first + Math.min(items, grain * Math.ceil(((thread + 1) * (items / grain)) / sharing))
        const own = parts.filter(part => part.first >= begin && part.last <= end)
        expect(own.at(-1)?.last).toBe(end)
        begin = end
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

  it('have room on the board, whatever the number of threads', () => {
    expect(MOST_PARTS_EACH * MOST_THREADS).toBeLessThanOrEqual(MOST_STREAMS)
  })

  it('leave little to wait for at the end, but are not many where there is little to do', () => {
    const sizes = (least: number): number[] =>
      partsOf((emit) => { rangeParts(0, 6400, { grain: 1, least, threads: 2 }, emit) }).map(size).slice(0, -1)
    expect(sizes(1)).toEqual([1600, 800, 400, 200, 200, 1600, 800, 400, 200])
    expect(sizes(100)).toEqual([1600, 800, 800, 1600, 800])
    expect(sizes(3000)).toEqual([3200])
  })
})

describe('groups', () => {
  const batches = fc.array(fc.nat(40), { minLength: 1, maxLength: 200 })
  const groups = (lengths: readonly number[], weights: number): readonly Plan[] => {
    const layout = { batch: lengths.length, time: 40, lengths: Int32Array.from(lengths) }
    return groupsOf(planOf(layout), layout, weights)
  }

  it('have every row of a batch once, and its steps as the plan of the batch has them', () => {
    fc.assert(fc.property(batches, fc.integer({ min: 1, max: 1_000_000 }), (lengths, weights) => {
      const all = groups(lengths, weights)
      const rows = all.flatMap((group) => {
        const { order, last } = group
        Array.from(order).forEach((row, place) => {
          const steps = Array.from({ length: lengths[row] }, (_, t) => group.source[group.offsets[t] + place])
          expect(steps).toEqual(Array.from({ length: lengths[row] }, (_, t) => row * 40 + t))
          expect(last[place]).toBe(
            lengths[row] === 0 ? place : group.batch + group.offsets[lengths[row] - 1] + place,
          )
        })
        expect(Array.from(group.indices)).toEqual(
          [group.active, group.offsets, group.source, order, last].flatMap(indices => Array.from(indices)),
        )
        expect(group.source).toHaveLength(group.rows)
        expect(group.full).toBe(order.every(row => lengths[row] === group.steps))
        return Array.from(order)
      })
      expect(rows.toSorted((a, b) => a - b)).toEqual(lengths.map((_, row) => row))
    }))
  })

  it('have runs of rows that are their steps, and one run where all rows are whole', () => {
    const runsOf = (group: Plan): number[][] => {
      const runs: number[][] = []
      forEachRun(group, (first, rows) => { runs.push(Array.from({ length: rows }, (_, i) => first + i)) })
      return runs
    }
    fc.assert(fc.property(batches, fc.integer({ min: 1, max: 1_000_000 }), (lengths, weights) => {
      for (const group of groups(lengths, weights)) {
        const rows = Array.from(group.source).toSorted((a, b) => a - b)
        expect(runsOf(group).flat().toSorted((a, b) => a - b)).toEqual(rows)
      }
    }))
    const whole = groups(Array.from({ length: 70 }, () => 40), 1_000_000)
    expect(whole.map(group => runsOf(group).length)).toEqual([1, 1, 1, 1])
  })

  it('have nearly equal numbers of steps', () => {
    fc.assert(fc.property(batches, (lengths) => {
      const rows = groups(lengths, 1_000_000).map(group => group.rows)
      expect(Math.max(...rows) - Math.min(...rows)).toBeLessThanOrEqual(40)
    }))
  })

  it('are four at most, of 16 rows and more, and one where there is little to do', () => {
    const counts = (batch: number, weights: number): number => {
      const layout = { batch, time: 10 }
      return groupsOf(planOf(layout), layout, weights).length
    }
    expect([1, 16, 31, 32, 48, 64, 500].map(batch => counts(batch, 1_000_000))).toEqual([1, 1, 1, 2, 3, 4, 4])
    expect([9_999, 10_000, 15_000, 20_000].map(weights => counts(100, weights))).toEqual([1, 2, 3, 4])
  })
})

describe('pieces of lanes', () => {
  it('have every step once and in order, and room on the board', () => {
    const calls = fc.array(fc.integer({ min: 1, max: 400_000_000 }), { maxLength: 12 })
    const lanes = fc.array(fc.array(fc.tuple(calls, calls), { maxLength: 700 }), { minLength: 1, maxLength: 3 })
    fc.assert(fc.property(lanes, (all) => {
      const toCall = (work: number): SharedCall => (
        work % 9 === 0 ? () => undefined : { kernel: work % 7, share: { work: () => work }, args: [work] }
      )
      const workOfAll = (all: readonly SharedCall[]): number => (
        all.reduce((sum, call) => sum + (typeof call === 'function' ? 0 : call.args[0]), 0)
      )
      const gathered = all.map(steps => [0, 1].map(stage => steps.map(step => step[stage].map(toCall))))
      const pieces = Array.from(piecesOf(gathered, () => 1e9))
      gathered.forEach((stages, lane) => {
        stages.forEach((steps, stage) => { expect(pieces.flatMap(piece => piece.lanes[lane][stage])).toEqual(steps) })
      })
      for (const piece of pieces) {
        expect(piece.lanes.flat(2).length).toBeLessThanOrEqual(MOST_STEPS)
        expect(piece.lanes.flat(3).length).toBeLessThanOrEqual(MOST_CALLS)
        const called = piece.lanes.flat(3)
        expect(piece.work).toBe(workOfAll(called))
        expect(piece.kinds).toBe(
          called.reduce((bits, call) => bits | (typeof call === 'function' ? 0 : 1 << call.kernel), 0),
        )
        // What is longer than it has to be is one step for each lane.
        const steps = Math.max(...piece.lanes.map(stages => stages[0].length))
        const last = piece.lanes.flatMap(stages => stages.flatMap(stage => stage[steps - 1] ?? []))
        if (steps > 1) expect(piece.work - workOfAll(last)).toBeLessThan(1e9)
      }
    }), { numRuns: 30 })
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
