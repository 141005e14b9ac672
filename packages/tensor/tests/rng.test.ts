// The generator against published numbers, its streams, its distributions and its errors.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { isRng, Rng, type RngState, type Tensor } from '@ostinato/tensor'

const mean = (x: ArrayLike<number>) => Array.from(x).reduce((a, b) => a + b, 0) / x.length
const moment = (x: ArrayLike<number>, power: number, about = mean(x)) =>
  mean(Array.from(x, (v) => (v - about) ** power))

/** Pearson's statistic of counts that are all expected to be alike. */
const chiSquare = (counts: readonly number[]) => {
  const expected = mean(counts)
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

const count = (values: Iterable<number>, bins: number) => {
  const counts = new Array<number>(bins).fill(0)
  for (const value of values) counts[value]++
  return counts
}

describe('Rng: the generator', () => {
  it('gives the numbers of the published xoshiro128**', () => {
    // The sequence from state 1, 2, 3, 4 of the authors' C code; next() takes the upper 27 and 26 bits of two words.
    const published = [
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]
    const rng = Rng.fromState({ algorithm: 'xoshiro128**', words: [1, 2, 3, 4] })
    for (let i = 0; i < published.length; i += 2) {
      expect(rng.next()).toBe(((published[i] >>> 5) * 2 ** 26 + (published[i + 1] >>> 6)) / 2 ** 53)
    }
  })

  it('fills its state by SplitMix64', () => {
    // From an implementation in exact integers.
    expect(new Rng(0).state().words).toEqual([0x7b1dcdaf, 0xe220a839, 0xa1b965f4, 0x6e789e6a])
    expect(new Rng(1234567).state().words).toEqual(
      [6457827717110365317n, 3203168211198807973n].flatMap((z) => [Number(z & 0xffffffffn), Number(z >> 32n)]),
    )
  })

  it('takes 0, negative and large integers as different seeds', () => {
    const seeds = [0, 1, -1, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 60]
    expect(new Set(seeds.map((seed) => new Rng(seed).next())).size).toBe(seeds.length)
    expect(new Rng(-0).next()).toBe(new Rng(0).next())
  })

  it.each([NaN, Infinity, -Infinity, 0.5])('refuses the seed %s', (seed) => {
    expect(() => new Rng(seed)).toThrow(new RangeError(`Rng: expected a seed that is an integer, got ${seed}`))
  })

  it('gives the same values in every engine, normal deviates included', () => {
    expect([...new Rng(42).uniform([4], { dtype: 'float64' }).data]).toEqual([
      0.4137016681565887, 0.003983993377814743, 0.6500837027638867, 0.6846020186141416,
    ])
    expect([...new Rng(3).normal([5], { dtype: 'float64' }).data]).toEqual([
      -0.28360438826686163, 1.9811419434072999, 0.1732278033983755, 0.4025744708768385, 0.5707195569834947,
    ])
    const rng = new Rng(0)
    expect(Array.from({ length: 12 }, () => rng.integer(0, 10))).toEqual([5, 1, 4, 5, 2, 4, 4, 6, 5, 5, 1, 7])
  })

  it('goes on from a saved state as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(20), (seed, draws) => {
        const rng = new Rng(seed)
        for (let i = 0; i < draws; i++) rng.next()
        const saved = JSON.parse(JSON.stringify(rng.state())) as RngState
        const other = Rng.fromState(saved)
        expect(other.state()).toEqual(saved)
        expect(other.normal([7]).data).toEqual(rng.normal([7]).data)
        expect(other.split().next()).toBe(rng.split().next())
        expect(other.permutation(5)).toEqual(rng.permutation(5))
      }),
    )
  })

  it.each([
    { algorithm: 'xoshiro128**', words: [0, 0, 0, 0] },
    { algorithm: 'xoshiro128**', words: [1, 2, 3] },
    { algorithm: 'xoshiro128**', words: [1, 2, 3, -4] },
    { algorithm: 'xoshiro128**', words: [1, 2, 3, 2 ** 32] },
    { algorithm: 'pcg', words: [1, 2, 3, 4] },
    {},
    null,
  ])('refuses the state %j', (state) => {
    expect(() => Rng.fromState(state as RngState)).toThrow(/Rng\.restore: expected .*not all 0.*, got/)
  })

  it('splits into streams that neither repeat nor follow each other', () => {
    const parent = new Rng(11)
    const streams = Array.from({ length: 20 }, () => parent.split())
    const draws = [parent, ...streams].map((rng) => Array.from({ length: 2000 }, () => rng.next()))
    expect(new Set(draws.flat()).size).toBe(21 * 2000)
    // Correlations of independent streams of 2000 have a deviation of 1 / sqrt(2000) = 0.022.
    for (let i = 1; i < draws.length; i++) {
      const products = draws[i].map((value, j) => (value - 0.5) * (draws[i - 1][j] - 0.5) * 12)
      expect(Math.abs(mean(products))).toBeLessThan(0.09)
    }
  })

  it('splits without regard to what the child draws', () => {
    const [a, b] = [new Rng(5), new Rng(5)]
    a.split().uniform([100])
    b.split()
    expect(a.state()).toEqual(b.state())
  })
})

describe('Rng: distributions', () => {
  it('next and uniform are uniform', () => {
    const rng = new Rng(1)
    const values = Array.from({ length: 100_000 }, () => rng.next())
    expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThanOrEqual(0)
    expect(values.every((v) => v < 1)).toBe(true)
    expect(Math.abs(mean(values) - 0.5)).toBeLessThan(0.004)
    expect(Math.abs(moment(values, 2) - 1 / 12)).toBeLessThan(0.002)
    // 99 degrees of freedom: 149 is passed by chance once in a thousand.
    expect(
      chiSquare(
        count(
          values.map((v) => Math.floor(v * 100)),
          100,
        ),
      ),
    ).toBeLessThan(149)
    // The lowest bits too.
    expect(
      chiSquare(
        count(
          values.map((v) => (v * 2 ** 53) % 64),
          64,
        ),
      ),
    ).toBeLessThan(104)
    const scaled = rng.uniform([50_000], { low: -3, high: 5 })
    expect(scaled.dtype).toBe('float32')
    expect(Math.abs(mean(scaled.data) - 1)).toBeLessThan(0.05)
    expect(scaled.data.every((v) => v >= -3 && v < 5)).toBe(true)
  })

  it('uniform stays below its bound after rounding to float32', () => {
    const high = 1 + 2 ** -22
    const { data } = new Rng(2).uniform([1000], { low: 1, high })
    expect(new Set(data)).toEqual(new Set([1, 1 + 2 ** -23]))
    // Bounds that one float32 stands for give that value, not an endless search.
    expect([...new Rng(2).uniform([2], { low: 1 + 2e-8, high: 1 + 3e-8 }).data]).toEqual([1, 1])
    expect([...new Rng(2).uniform([2], { low: 4, high: 4 }).data]).toEqual([4, 4])
  })

  it('normal is normal', () => {
    const { data } = new Rng(3).normal([100_001], { mean: 2, deviation: 3, dtype: 'float64' })
    expect(Math.abs(mean(data) - 2)).toBeLessThan(0.04)
    expect(Math.abs(moment(data, 2) - 9)).toBeLessThan(0.16)
    expect(Math.abs(moment(data, 3) / 27)).toBeLessThan(0.03)
    expect(Math.abs(moment(data, 4) / 81 - 3)).toBeLessThan(0.08)
    // Eight bins of equal probability: quartiles and octiles of the normal distribution; 7 degrees of freedom.
    const edges = [
      -1.1503493803760079, -0.6744897501960817, -0.31863936396437514, 0, 0.31863936396437514, 0.6744897501960817,
      1.1503493803760079,
    ]
    expect(
      chiSquare(
        count(
          Array.from(data, (v) => edges.filter((edge) => (v - 2) / 3 > edge).length),
          8,
        ),
      ),
    ).toBeLessThan(24.3)
  })

  it('normal agrees between float32 and float64, and takes no part of a pair along', () => {
    const double = new Rng(8).normal([3, 3], { dtype: 'float64' })
    expect(new Rng(8).normal([3, 3]).data).toEqual(Float32Array.from(double.data))
    expect([...new Rng(8).normal([2, 2], { mean: 1, deviation: 0 }).data]).toEqual([1, 1, 1, 1])
    expect(new Rng(8).normal([0, 4]).shape).toEqual([0, 4])
    expect(new Rng(8).normal([]).shape).toEqual([])
  })

  it('integer is uniform over its range, wherever that lies', () => {
    const rng = new Rng(4)
    expect(
      chiSquare(
        count(
          Array.from({ length: 60_000 }, () => rng.integer(-3, 4) + 3),
          7,
        ),
      ),
    ).toBeLessThan(22.5)
    // A range that does not divide 2^32 and takes up most of it: reduction alone would favour its lower half two to
    // one.
    const high = Array.from({ length: 20_000 }, () => (rng.integer(0, 3 * 2 ** 30) >= 1.5 * 2 ** 30 ? 1 : 0))
    expect(Math.abs(mean(high) - 0.5)).toBeLessThan(0.015)
    const wide = Array.from({ length: 20_000 }, () => rng.integer(0, 3 * 2 ** 50) / (3 * 2 ** 50))
    expect(Math.abs(mean(wide) - 0.5)).toBeLessThan(0.01)
    expect(rng.integer(2 ** 53 - 2, 2 ** 53 - 1)).toBe(2 ** 53 - 2)
  })

  it('bernoulli is true as often as it should be', () => {
    const rng = new Rng(5)
    for (const p of [0.1, 0.5, 0.9]) {
      const mask = rng.bernoulli([200, 250], p)
      expect(mask.dtype).toBe('bool')
      expect(Math.abs(mean(mask.data) - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 50_000))
    }
    expect(rng.bernoulli([1000], 0).data.some((v) => v !== 0)).toBe(false)
    expect(rng.bernoulli([1000], 1).data.every((v) => v === 1)).toBe(true)
  })

  it('permutation gives every order equally often', () => {
    const rng = new Rng(6)
    const orders = new Map<string, number>()
    for (let i = 0; i < 24_000; i++) {
      const order = rng.permutation(4).join('')
      orders.set(order, (orders.get(order) ?? 0) + 1)
    }
    expect(orders.size).toBe(24)
    expect(chiSquare([...orders.values()])).toBeLessThan(49.7)
    expect(rng.permutation(0)).toEqual(new Int32Array(0))
    expect([...rng.permutation(1000)].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  })

  it('shuffle keeps what it shuffles, in place', () => {
    const words = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const shuffled = new Rng(1).shuffle(words)
    expect(shuffled).toBe(words)
    expect(words.join('')).not.toBe('abcdefgh')
    expect([...words].sort().join('')).toBe('abcdefgh')
  })

  it('categorical draws in proportion and never what has no weight', () => {
    const rng = new Rng(7)
    const counts = count(
      Array.from({ length: 30_000 }, () => rng.categorical([0, 1, 0, 2, 3, 0])),
      6,
    )
    expect([counts[0], counts[2], counts[5]]).toEqual([0, 0, 0])
    expect(chiSquare([counts[1] * 6, counts[3] * 3, counts[4] * 2].map((n) => n / 6))).toBeLessThan(13.8)
  })
})

describe('Rng: errors', () => {
  const rng = new Rng(0)
  it.each([
    [() => rng.integer(3, 3), 'Rng.integer: expected integers low < high, less than 2^53 apart, got 3 and 3'],
    [() => rng.integer(0, 1.5), /got 0 and 1\.5/],
    [() => rng.integer(-(2 ** 53) + 1, 2 ** 53 - 1), /Rng\.integer/],
    [
      () => rng.uniform([2], { low: 1, high: 0 }),
      'Rng.uniform: expected finite bounds, low <= high, got low 1 and high 0',
    ],
    [() => rng.uniform([2], { low: NaN }), /Rng\.uniform/],
    [
      () => rng.normal([2], { deviation: -1 }),
      'Rng.normal: expected a finite mean and a deviation of 0 or more, got mean 0 and deviation -1',
    ],
    [() => rng.normal([2, -1]), /Rng\.normal: expected sizes .* axis 1 is -1/],
    [() => rng.bernoulli([2], 1.1), 'Rng.bernoulli: expected a probability from 0 to 1, got 1.1'],
    [() => rng.bernoulli([2], NaN), /got NaN/],
    [() => rng.permutation(-1), /Rng\.permutation: expected a count from 0 .*got -1/],
    [() => rng.categorical([]), /Rng\.categorical: .*got 0 over 0 weights/],
    [() => rng.categorical([1, -1]), 'Rng.categorical: expected weights of 0 or more, got -1 at 1'],
  ])('case %#', (run, message) => {
    expect(run).toThrow(message)
  })
})

it('is known by its brand, also from another copy of the package', () => {
  const values = [new Rng(0), new Rng(0).split(), { state: () => ({}), restore: () => undefined }, 1, null, undefined]
  expect(values.map(isRng)).toEqual([true, true, false, false, false, false])
  expect(isRng({ [Symbol.for('@ostinato/tensor/rng')]: true })).toBe(true)
})

it('has the types it says', () => {
  expectTypeOf(new Rng(0).uniform([1])).toEqualTypeOf<Tensor<'float32'>>()
  expectTypeOf(new Rng(0).normal([1], { dtype: 'float64' })).toEqualTypeOf<Tensor<'float64'>>()
  expectTypeOf(new Rng(0).bernoulli([1], 0.5)).toEqualTypeOf<Tensor<'bool'>>()
  expectTypeOf(new Rng(0).shuffle(['a'])).toEqualTypeOf<string[]>()
  // @ts-expect-error: integers are not normal
  new Rng(0).normal([1], { dtype: 'int32' })
})
