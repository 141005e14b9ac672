// Metrics against values worked out by hand, closed forms against numeric integration, one test against a published
// example. Calibration of intervals is in conformal.test.ts.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  centralInterval,
  coverage,
  crpsGaussian,
  crpsQuantiles,
  crpsSamples,
  crpsStudentT,
  dieboldMariano,
  directionalAccuracy,
  intervalScore,
  mae,
  mape,
  mase,
  meanWidth,
  naiveScale,
  pinball,
  rmse,
  smape,
  type DieboldMariano,
  type Quantiles,
} from '../src/index.ts'
import { normal, studentT, type Distribution } from '../src/distributions/distribution.ts'

describe('errors of points', () => {
  const [actual, predicted] = [[10, 20, 40, 50], [12, 18, 40, 60]]

  test('by hand', () => {
    expect(mae(actual, predicted)).toBe(3.5)
    expect(rmse(actual, predicted)).toBe(Math.sqrt(27))
    expect(mape(actual, predicted)).toBeCloseTo((20 + 10 + 0 + 20) / 4, 12)
    expect(smape(actual, predicted)).toBeCloseTo((200 / 4) * (2 / 22 + 2 / 38 + 10 / 110), 12)
    expect(naiveScale([3, 5, 4, 8, 9, 4], 2)).toBe((1 + 3 + 5 + 4) / 4)
    expect(mase(actual, predicted, 7)).toBe(0.5)
  })

  test('a zero has no percentage', () => {
    expect(mape([0], [1])).toBe(Infinity)
    expect(smape([0], [1])).toBe(200)
    expect(smape([0], [0])).toBe(0)
  })

  test('MASE of the seasonal naive forecast inside the training part is 1, whatever the unit', () => {
    fc.assert(fc.property(
      fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 8, maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      (values, period) => {
        const scale = naiveScale(values, period)
        fc.pre(scale > 0)
        expect(mase(values.slice(period), values.slice(0, -period), scale)).toBeCloseTo(1, 12)
        const [miles, kilometres] = [values, values.map((value) => value * 1.609344)]
        const score = (list: number[]) => mase(list.slice(1), list.slice(0, -1), naiveScale(list, period))
        expect(score(miles)).toBeCloseTo(score(kilometres), 9)
      }))
  })

  test('directions', () => {
    expect(directionalAccuracy([1, -1, 2, -2], [3, -0.1, -1, -5])).toBe(0.75)
    expect(directionalAccuracy([1, -1], [0, 0])).toBe(0.5)
    expect(directionalAccuracy([0, 0], [1, 1])).toBeNaN()
  })

  test('errors', () => {
    expect(() => mae([1], [1, 2])).toThrow('mae: expected predicted as long as actual, 1 values, got 2')
    expect(() => rmse([], [])).toThrow('rmse: expected actual of at least one value, got none')
    expect(() => naiveScale([1, 2], 2)).toThrow('naiveScale: expected more than 2 values, a season, got 2')
    expect(() => naiveScale([1, NaN], 0)).toThrow(/2 faults[^]*period to be an integer of 1 or more, got 0[^]*got NaN at 1/)
    expect(() => mase([1], [2], naiveScale([4, 4, 4]))).toThrow(/expected a scale above 0, got 0/)
  })
})

describe('quantiles and intervals', () => {
  test('by hand', () => {
    expect(pinball([10, 10], [8, 13], 0.9)).toBeCloseTo((0.9 * 2 + 0.1 * 3) / 2, 12)
    expect(coverage([1, 2, 3, 4], [1, 0, 4, 0], [5, 2, 5, 3])).toBe(0.5)
    expect(meanWidth([0, 2], [3, 3])).toBe(2)
    const bounds = { lower: [0, 0], upper: [2, 2], level: 0.8 }
    expect(intervalScore([5, -1], bounds)).toBeCloseTo(2 + (10 * 3 + 10 * 1) / 2, 12)
  })

  test('the pinball loss is least at the sample quantile', () => {
    const values = Float64Array.from({ length: 99 }, (_, i) => i + 1)
    const loss = (q: number) => pinball(values, new Float64Array(99).fill(q), 0.8)
    const best = Array.from({ length: 99 }, (_, i) => i + 1).reduce((a, b) => (loss(b) < loss(a) ? b : a))
    expect(best).toBe(80)
  })

  test('central intervals', () => {
    const values = [[1], [2], [3]].map((list) => Float64Array.from(list))
    const quantiles: Quantiles = { levels: [0.025, 0.5, 0.975], values }
    expect(centralInterval(quantiles, 0.95)).toEqual({ lower: quantiles.values[0], upper: quantiles.values[2] })
    expect(() => centralInterval(quantiles, 0.8)).toThrow(/expected the level 0.1 among the quantiles, got 0.025, 0.5, 0.975/)
  })

  test('errors', () => {
    expect(() => pinball([1], [1], 1)).toThrow(/rising levels between 0 and 1, got \[1\]/)
    expect(() => coverage([1], [1], [])).toThrow(/expected upper as long as actual, 1 values, got 0/)
  })
})

/** `∫ (F(x) - 1{x >= y})² dx` by the trapezoidal rule. */
function integrate({ cumulative }: Distribution, y: number, [from, to]: readonly [number, number]): number {
  const steps = 20_000
  const part = (a: number, b: number, f: (x: number) => number) => {
    const width = (b - a) / steps
    let sum = (f(a) + f(b)) / 2
    for (let i = 1; i < steps; i++) sum += f(a + i * width)
    return sum * width
  }
  return part(from, y, (x) => cumulative(x) ** 2) + part(y, to, (x) => (1 - cumulative(x)) ** 2)
}

describe('CRPS', () => {
  test.each([-2.5, 0, 0.8])('of a normal distribution is its integral at %d', (z) => {
    const expected = integrate(normal, z, [-12, 12])
    expect(crpsGaussian(z, { location: 0, scale: 1 })).toBeCloseTo(expected, 6)
    expect(crpsGaussian(10 + 3 * z, { location: 10, scale: 3 })).toBeCloseTo(3 * expected, 6)
  })

  test.each([[5, -3], [3.5, 0], [8, 1.7]])('of t with %d degrees is its integral at %d', (degrees, z) => {
    const expected = integrate(studentT(degrees), z, [-400, 400])
    expect(crpsStudentT(z, { location: 0, scale: 1, degrees })).toBeCloseTo(expected, 3)
    const mirrored = crpsStudentT(2 - 5 * z, { location: 2, scale: 5, degrees })
    expect(mirrored).toBeCloseTo(5 * crpsStudentT(z, { location: 0, scale: 1, degrees }), 10)
  })

  test('of samples is its definition over all pairs', () => {
    const samples = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 12 })
    fc.assert(fc.property(samples, fc.integer({ min: -60, max: 60 }), (samples, y) => {
      const n = samples.length
      let [distance, spread] = [0, 0]
      for (const a of samples) {
        distance += Math.abs(a - y) / n
        for (const b of samples) spread += Math.abs(a - b) / (2 * n * n)
      }
      expect(crpsSamples(y, samples)).toBeCloseTo(distance - spread, 10)
    }))
  })

  test('from many quantiles and from samples comes to that of the distribution', () => {
    const levels = Array.from({ length: 999 }, (_, i) => (i + 1) / 1000)
    const values = levels.map((level) => 2 + 3 * normal.quantile(level))
    const expected = crpsGaussian(4, { location: 2, scale: 3 })
    expect(Math.abs(crpsQuantiles(4, levels, values) / expected - 1)).toBeLessThan(2e-3)
    expect(Math.abs(crpsSamples(4, values) / expected - 1)).toBeLessThan(1e-2)
  })

  test('errors', () => {
    expect(() => crpsGaussian(0, { location: 0, scale: 0 })).toThrow(/finite scale above 0, got 0/)
    expect(() => crpsStudentT(0, { location: 0, scale: 1, degrees: 1 })).toThrow(/more than one degree of freedom, got 1/)
    expect(() => crpsSamples(0, [])).toThrow(/samples of at least one value, got none/)
    expect(() => crpsQuantiles(0, [0.5, 0.4], [1, 2])).toThrow(/rising levels/)
  })
})

describe('Diebold-Mariano', () => {
  test('for one step with the correction it is the paired t-test: the sleep data of Student (1908)', () => {
    const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2]
    const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    const { difference, statistic, pValue } = dieboldMariano(first, second)
    expect(difference).toBeCloseTo(-1.58, 10)
    expect(statistic).toBeCloseTo(-4.0621, 4)
    expect(pValue).toBeCloseTo(0.002833, 6)
  })

  test('several steps: written out', () => {
    const d = [1, 2, 3, 1, 0, -1, 2, 3, 4, 2]
    const mean = 1.7
    const gamma = [0, 1].map((lag) => d.slice(lag).reduce((sum, x, i) => sum + (x - mean) * (d[i] - mean), 0) / 10)
    const expected = Math.sqrt((10 + 1 - 4 + 2 / 10) / 10) * mean / Math.sqrt((gamma[0] + 2 * gamma[1]) / 10)
    expect(dieboldMariano(d, d.map(() => 0), 2).statistic).toBeCloseTo(expected, 12)
  })

  test('a variance that is not positive falls back to Bartlett weights', () => {
    const d = [1, -1, 1, -1, 1, -1, 1, -1, 1, -0.5]
    const { statistic, pValue } = dieboldMariano(d, d.map(() => 0), 2)
    expect(Number.isFinite(statistic) && pValue > 0 && pValue <= 1).toBe(true)
  })

  test('equal losses; a constant difference', () => {
    expect(dieboldMariano([1, 2, 3], [1, 2, 3])).toEqual({ difference: 0, statistic: NaN, pValue: 1 })
    expect(dieboldMariano([1, 1, 1], [2, 2, 2])).toEqual({ difference: -1, statistic: -Infinity, pValue: 0 })
  })

  test('errors and types', () => {
    expect(() => dieboldMariano([1, 2], [1], 2)).toThrow(/b as long as a[^]*more than 2 losses, got 2/)
    expectTypeOf(dieboldMariano).returns.toEqualTypeOf<DieboldMariano>()
    expectTypeOf(mae).parameter(0).toEqualTypeOf<ArrayLike<number>>()
  })
})
