// Conformal intervals cover what they promise: on exchangeable cases by theory, on shifting ones after adaptation.
import { Rng } from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'
import { ConformalIntervals, type Forecast } from '../src/index.ts'

const point = (mean: number): Forecast => ({ mean: Float64Array.of(mean) })
const outcome = (value: number) => Float64Array.of(value)

/** The share covered when outcomes are noise of the given deviation at each step, learned from as time goes on. */
function share(intervals: ConformalIntervals, steps: number, deviation: (t: number) => number): number {
  const noise = new Rng(4).normal([steps])
  let inside = 0
  for (let t = 0; t < steps; t++) {
    const y = noise.data[t] * deviation(t)
    const { lower, upper } = intervals.around(point(0))
    if (y >= lower[0] && y <= upper[0]) inside++
    intervals.observe(point(0), outcome(y))
  }
  return inside / steps
}

const calibrated = (options: { adaptation?: number; memory?: number }, level = 0.8) => {
  const intervals = new ConformalIntervals({ level, horizon: 1, ...options })
  const noise = new Rng(9).normal([200])
  for (const value of noise.data) intervals.observe(point(0), outcome(value), { adapt: false })
  return intervals
}

describe('split conformal', () => {
  test('the bound is the score of rank ⌈(n + 1)(1 - α)⌉', () => {
    const intervals = new ConformalIntervals({ level: 0.8, horizon: 1 })
    for (const error of [5, -1, 2, -4, 3, 7, -6, 8, 9]) intervals.observe(point(10), outcome(10 + error))
    // Nine scores 1 to 9 of ⌈10 · 0.8⌉ = 8th rank.
    expect(intervals.around(point(20))).toEqual({ lower: outcome(12), upper: outcome(28) })
  })

  test('covers exchangeable cases', () => {
    const covered = share(calibrated({}), 4000, () => 1)
    expect(Math.abs(covered - 0.8)).toBeLessThan(0.02)
  })

  test('quantiles are widened by a share of their width, or narrowed', () => {
    const forecast = (width: number): Forecast => ({
      mean: outcome(0),
      quantiles: { levels: [0.1, 0.9], values: [outcome(-width / 2), outcome(width / 2)] },
    })
    const wide = new ConformalIntervals({ level: 0.8, horizon: 1 })
    for (let i = 1; i <= 9; i++) wide.observe(forecast(2), outcome(1 + i / 10))
    // The 8th of nine scores: 0.8 above an interval of 2, which is 0.4 of its width.
    expect(wide.around(forecast(10)).upper[0]).toBeCloseTo(5 + 4, 12)
    const narrow = new ConformalIntervals({ level: 0.8, horizon: 1 })
    for (let i = 1; i <= 9; i++) narrow.observe(forecast(10), outcome(0))
    expect(narrow.around(forecast(10))).toEqual({ lower: outcome(0), upper: outcome(0) })
  })
})

describe('adaptive conformal inference', () => {
  test('follows a crisis that split conformal prediction with a long memory does not', () => {
    const crisis = (t: number) => (t > 500 && t < 800 ? 6 : 1)
    const adaptive = share(calibrated({ adaptation: 0.03 }), 1500, crisis)
    const split = share(calibrated({}), 1500, crisis)
    expect(Math.abs(adaptive - 0.8)).toBeLessThan(0.03)
    expect(Math.abs(split - 0.8)).toBeGreaterThan(Math.abs(adaptive - 0.8))
  })

  test('the long-run share is right whatever comes: Gibbs and Candès, proposition 4.1', () => {
    // Ever growing outcomes are adversarial; the bound on the error is (max(α, 1 - α) + γ) / (γ T).
    const [gamma, steps] = [0.05, 3000]
    const covered = share(calibrated({ adaptation: gamma }), steps, (t) => 1 + Math.sin(t / 40) ** 2 * 5)
    expect(Math.abs(covered - 0.8)).toBeLessThanOrEqual((0.8 + gamma) / (gamma * steps) + 0.02)
  })

  test('steps are known one by one', () => {
    const intervals = new ConformalIntervals({ level: 0.5, horizon: 2 })
    const forecast = { mean: Float64Array.of(0, 0) }
    intervals.observe(forecast, Float64Array.of(3, NaN), { to: 1 })
    expect(() => intervals.around(forecast)).toThrow(/expected outcomes to calibrate with, got none/)
    intervals.observe(forecast, Float64Array.of(NaN, 5), { from: 1 })
    expect(intervals.around(forecast).upper).toEqual(Float64Array.of(3, 5))
    intervals.forget()
    expect(() => intervals.around(forecast)).toThrow(/observe\(\) first/)
  })

  test('errors', () => {
    expect(() => new ConformalIntervals({ level: 1, horizon: 0, adaptation: -1 })).toThrow(/3 faults/)
    const intervals = new ConformalIntervals({ level: 0.8, horizon: 2 })
    expect(() => intervals.observe(point(0), outcome(0))).toThrow(/expected forecasts of 2 steps, got 1/)
  })
})
