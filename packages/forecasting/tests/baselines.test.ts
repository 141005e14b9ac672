// The baselines with parameters: on series that their own equations made, against solutions found another way.
import { Rng } from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'
import { boostedTrees, holtWinters, mae, ridgeAutoregression, type Forecaster, type History } from '../src/index.ts'
import { nelderMead } from '../src/baselines/nelder-mead.ts'
import { binColumns, growTree, treeValue } from '../src/baselines/tree.ts'

const series = (length: number, value: (t: number) => number): History =>
  ({ values: Float64Array.from({ length }, (_, t) => value(t)) })

/** Fits to all but the last `horizon` values and returns the mean absolute error there. */
async function errorOf(forecaster: Forecaster, { values, known }: History, horizon: number): Promise<number> {
  const past = { values: values.slice(0, -horizon), ...(known && { known }) }
  const fitted = await forecaster.fit([past], { horizon })
  return mae(values.slice(-horizon), fitted.predict([past], horizon)[0].mean)
}

describe('the simplex method', () => {
  test('finds the minimum of Rosenbrock (1960)', () => {
    const rosenbrock = ([x, y]: Float64Array) => 100 * (y - x * x) ** 2 + (1 - x) ** 2
    const { at } = nelderMead(rosenbrock, Float64Array.of(-1.2, 1), { evaluations: 500, tolerance: 1e-14 })
    expect(at[0]).toBeCloseTo(1, 4)
    expect(at[1]).toBeCloseTo(1, 4)
  })

  test('passes over NaN', () => {
    const { at } = nelderMead(([x]) => (x < 0 ? NaN : (x - 2) ** 2), Float64Array.of(0.2))
    expect(at[0]).toBeCloseTo(2, 3)
  })
})

describe('Holt-Winters', () => {
  const week = [5, 1, 0, -1, 2, -3, -4]

  test.each([
    ['additive', (t: number) => 50 + 0.3 * t + week[t % 7]],
    ['multiplicative', (t: number) => (50 + 0.3 * t) * (1 + week[t % 7] / 20)],
  ] as const)('goes on with a %s season and a line', async (seasonal, value) => {
    expect(await errorOf(holtWinters({ period: 7, seasonal, trend: 'linear' }), series(140, value), 14)).toBeLessThan(0.05)
  })

  test('the wrong kind of season is worse', async () => {
    const grows = series(140, (t) => (50 + 0.5 * t) * (1 + week[t % 7] / 10))
    const [right, wrong] = await Promise.all((['multiplicative', 'additive'] as const).map((seasonal) =>
      errorOf(holtWinters({ period: 7, seasonal, trend: 'linear' }), grows, 14)))
    expect(right).toBeLessThan(wrong / 5)
  })

  test('a damped trend fades: later steps differ less', async () => {
    const bends = series(60, (t) => 100 * (1 - 0.9 ** t))
    const fitted = await holtWinters().fit([bends], { horizon: 12 })
    const [{ mean }] = fitted.predict([bends], 12)
    const steps = Array.from(mean.subarray(1), (value, i) => Math.abs(value - mean[i]))
    expect(steps.every((step, i) => i === 0 || step <= steps[i - 1])).toBe(true)
    expect(await errorOf(holtWinters(), bends, 12)).toBeLessThan(0.5)
  })

  test('noise is smoothed as well as the mean would, which is best', async () => {
    const noise = new Rng(3).normal([400], { mean: 20 })
    const rows = series(400, (t) => noise.data[t])
    const fitted = await holtWinters({ trend: 'none' }).fit([rows], { horizon: 1 })
    expect(Math.abs(fitted.predict([rows], 1)[0].mean[0] - 20)).toBeLessThan(0.3)
  })

  test('errors', () => {
    const model = holtWinters({ period: 4, seasonal: 'multiplicative' })
    expect(() => holtWinters({ period: 0 })).toThrow(/period to be an integer of 1 or more, got 0/)
    expect(() => model.fit([series(7, () => 1)], { horizon: 1 })).toThrow(/at least 8 values, got 7/)
    expect(() => model.fit([series(9, (t) => t)], { horizon: 1 })).toThrow(/values above 0 where seasons multiply/)
  })
})

describe('ridge autoregression', () => {
  test('finds the equation that made a series', async () => {
    const values = [1, 0.5]
    for (let t = 2; t < 80; t++) values.push(1.6 * values[t - 1] - 0.9 * values[t - 2])
    expect(await errorOf(ridgeAutoregression({ lags: 2 }), series(80, (t) => values[t]), 10)).toBeLessThan(1e-4)
  })

  test('uses what is known ahead', async () => {
    const rng = new Rng(5)
    const holiday = Float64Array.from({ length: 200 }, () => Number(rng.next() < 0.2))
    const rows = { ...series(200, (t) => 10 - 6 * holiday[t]), known: [holiday] }
    expect(await errorOf(ridgeAutoregression({ lags: 3 }), rows, 20)).toBeLessThan(0.05)
    expect(await errorOf(ridgeAutoregression({ lags: 3 }), { values: rows.values }, 20)).toBeGreaterThan(1)
  })

  test('the penalty is chosen on the tail: noise gets small weights', async () => {
    const noise = new Rng(8).normal([120])
    const rows = series(120, (t) => noise.data[t])
    expect(await errorOf(ridgeAutoregression({ lags: 40 }), rows, 20))
      .toBeLessThan(await errorOf(ridgeAutoregression({ lags: 40, penalties: [1e-9] }), rows, 20))
  })

  test('errors', async () => {
    expect(() => ridgeAutoregression({ lags: 0 })).toThrow(/lags to be an integer/)
    expect(() => ridgeAutoregression({ lags: 1, penalties: [0] })).toThrow(/finite penalties above 0, got \[0\]/)
    const known = [new Float64Array(30)]
    const fitted = await ridgeAutoregression({ lags: 2 }).fit([{ ...series(30, (t) => t), known }], { horizon: 1 })
    expect(() => fitted.predict([series(30, (t) => t)], 1)).toThrow(/expected 1 known covariates as in training, got 0/)
  })
})

describe('boosted trees', () => {
  test('a tree finds the one split that explains all, and respects the least rows', () => {
    const x = Float64Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? i >> 1 : 7))
    const data = binColumns(x, 20, 2)
    const residuals = Float64Array.from({ length: 20 }, (_, i) => (i < 8 ? -1 : 1))
    const fitted = new Float64Array(20)
    const tree = growTree(data, residuals, { fitted, leaves: 4, leastRows: 1, penalty: 0 })
    expect(Array.from(fitted)).toEqual(Array.from(residuals))
    expect([tree.column[0], tree.threshold[0], tree.value.length]).toEqual([0, 7.5, 3])
    expect(treeValue(tree, Float64Array.of(100, 7))).toBe(1)
    const stump = growTree(data, residuals, { fitted, leaves: 4, leastRows: 11, penalty: 0 })
    expect(stump.value).toEqual([0.2])
  })

  test('learn what no line can: exclusive or of two known covariates', async () => {
    const rng = new Rng(2)
    const [a, b] = [0, 1].map(() => Float64Array.from({ length: 600 }, () => Number(rng.next() < 0.5)))
    const rows = { ...series(600, (t) => 10 + 4 * (a[t] === b[t] ? 1 : -1)), known: [a, b] }
    const options = { lags: 1, anchor: 'none' } as const
    expect(await errorOf(boostedTrees(options), rows, 20)).toBeLessThan(0.6)
    expect(await errorOf(ridgeAutoregression(options), rows, 20)).toBeGreaterThan(2)
  })

  test('a line beyond all that was seen, from an anchor', async () => {
    expect(await errorOf(boostedTrees({ lags: 5 }), series(200, (t) => 3 * t), 10)).toBeLessThan(1e-6)
  })

  test('errors', () => {
    expect(() => boostedTrees({ lags: 1, trees: 0, learningRate: 2 })).toThrow(/2 faults[^]*trees[^]*learningRate above 0/)
  })
})
