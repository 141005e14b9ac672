// Backtests: nothing of the future is given away, scores are those of the metrics, intervals learn with delay.
import { TimeSeries, walkForward } from '@ostinato/datasets/series'
import { Rng } from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'
import {
  backtest,
  compareForecasts,
  coverage,
  crpsQuantiles,
  gaussianHead,
  judgeForecasts,
  mase,
  naiveScale,
  networkForecaster,
  persistence,
  seasonalNaive,
  type Forecaster,
  type History,
} from '../src/index.ts'

const noise = new Rng(11).normal([1200]).data
const times = Array.from({ length: 400 }, (_, t) => t)
const seasonal = new TimeSeries({
  times,
  values: times.map((t) => 10 + [3, -1, 2, -4][t % 4] + 0.5 * noise[t]),
  known: { parity: times.map((t) => t % 2) },
})
const folds = walkForward(seasonal, { horizon: 4, folds: 3, foldLength: 24 })

/** Keeps what it was shown. */
function spy(): { forecaster: Forecaster; fits: History[]; seen: History[] } {
  const [fits, seen]: History[][] = [[], []]
  const forecaster: Forecaster = {
    name: 'spy',
    fit([training]) {
      fits.push(training)
      return {
        predict(histories, horizon) {
          seen.push(...histories)
          return histories.map(() => ({ mean: new Float64Array(horizon) }))
        },
      }
    },
  }
  return { forecaster, fits, seen }
}

describe('what a forecaster is shown', () => {
  test('a training part without the cases that calibrate, and histories without outcomes', async () => {
    const { forecaster, fits, seen } = spy()
    await backtest(forecaster, folds, { horizon: 4, calibration: { steps: 40, stride: 2 } })
    expect(fits.map(({ values }) => values.length)).toEqual(folds.map(({ train }) => train.series.length - 40))
    expect(fits.every(({ values, known }) => known?.[0].length === values.length)).toBe(true)
    // 19 cases to calibrate with and 6 to judge in each fold.
    expect(seen).toHaveLength(3 * (19 + 6))
    for (const { values, known } of seen) expect(known?.[0].length).toBe(values.length + 4)
    expect(seen[0].values.length).toBe(folds[0].train.series.length - 40)
    expect(seen[18].values.length).toBeLessThanOrEqual(folds[0].train.series.length - 4)
  })

  test('changing outcomes changes no forecast and no interval made before them', async () => {
    const options = { horizon: 4, calibration: { steps: 40 }, adaptation: 0.1 }
    const first = await backtest(seasonalNaive(4), folds, options)
    const cases = folds[2].cases.map((one) => ({ ...one, actual: one.actual.map(() => 1e3) }))
    const changed = [...folds.slice(0, 2), { ...folds[2], cases }]
    const second = await backtest(seasonalNaive(4), changed, options)
    const shown = ({ cases }: typeof first) => cases.map(({ forecast, conformal }) => ({ forecast, conformal }))
    // Case 12 is the first of the last fold; the one after it may learn from its outcome.
    expect(shown(second).slice(0, 13)).toEqual(shown(first).slice(0, 13))
    expect(shown(second)[13].conformal).not.toEqual(shown(first)[13].conformal)
    expect(shown(second)[13].forecast).toEqual(shown(first)[13].forecast)
  })
})

describe('scores', () => {
  test('are those of the metrics, fold by fold, with mean and deviation', async () => {
    const result = await backtest(persistence(), folds, { horizon: 4, period: 4 })
    const expected = folds.map(({ train, cases }) => {
      const actual = cases.flatMap((one) => Array.from(one.actual))
      const predicted = cases.flatMap(({ history: { values } }) => new Array<number>(4).fill(values[values.length - 1]))
      return mase(actual, predicted, naiveScale(train.series.values, 4))
    })
    expect(result.folds.map((fold) => fold.mase)).toEqual(expected)
    const mean = expected.reduce((sum, value) => sum + value, 0) / 3
    expect(result.scores.mase.mean).toBeCloseTo(mean, 12)
    const variance = expected.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2
    expect(result.scores.mase.deviation).toBeCloseTo(Math.sqrt(variance), 12)
    expect(result.scores.directionalAccuracy.mean).toBe(0.5)
    expect(result.folds[0].crps).toBe(result.folds[0].mae)
    expect('coverage80' in result.scores || 'conformalCoverage80' in result.scores).toBe(false)
    expect(result.errorBySteps).toHaveLength(4)
    // The season comes round at the fourth step: persistence is right again but for the noise.
    expect(result.errorBySteps[3]).toBeLessThan(Math.min(...result.errorBySteps.subarray(0, 3)))
  })

  test('of quantiles and of conformal intervals', async () => {
    const size = { inputLength: 8, hiddenSize: 8, epochs: 6, learningRate: 0.02 }
    const network = networkForecaster({ head: gaussianHead(), ...size })
    const result = await backtest(network, folds, { horizon: 4, calibration: { steps: 60 } })
    expect(result.folds).toHaveLength(3)
    for (const name of ['pinball', 'coverage80', 'width95', 'conformalCoverage80', 'conformalWidth95'] as const) {
      expect(Number.isFinite(result.scores[name]?.mean)).toBe(true)
    }
    const [{ actual, conformal }] = result.cases
    expect(conformal && coverage(actual, conformal[95].lower, conformal[95].upper)).toBeGreaterThanOrEqual(0.5)
  })

  test('intervals of a naive forecast cover their share over many cases', async () => {
    const many = walkForward(seasonal, { horizon: 4, folds: 2, foldLength: 100, stride: 1 })
    const { scores } = await backtest(seasonalNaive(4), many, { horizon: 4, calibration: { steps: 120 } })
    expect(Math.abs((scores.conformalCoverage80?.mean ?? NaN) - 0.8)).toBeLessThan(0.08)
    expect(scores.conformalWidth95?.mean).toBeGreaterThan(scores.conformalWidth80?.mean ?? NaN)
  })
})

test('comparing: the better one is told from the worse, and from itself it is not', async () => {
  const good = await backtest(seasonalNaive(4), folds, { horizon: 4 })
  const bad = await backtest(persistence(), folds, { horizon: 4 })
  expect(compareForecasts(good, bad).difference).toBeLessThan(0)
  expect(compareForecasts(good, bad).pValue).toBeLessThan(0.001)
  expect(compareForecasts(good, good).pValue).toBe(1)
  const others = await backtest(persistence(), folds.slice(1), { horizon: 4 })
  expect(() => compareForecasts(good, others)).toThrow(/results on the same cases, got others of 'seasonal naive' and 'persistence'/)
})

test('errors', async () => {
  await expect(backtest(persistence(), [], { horizon: 4 })).rejects.toThrow(/folds with at least one case/)
  await expect(backtest(persistence(), folds, { horizon: 3 })).rejects.toThrow(/cases of 3 steps, the horizon, got 4/)
  await expect(backtest(persistence(), folds, { horizon: 4, calibration: { steps: 3 } })).rejects.toThrow(/at least 4 steps to calibrate/)
  await expect(backtest(persistence(), folds, { horizon: 4, calibration: { steps: 5000 } })).rejects.toThrow(/at least 5002 values/)
})

describe('judging forecasts that were made elsewhere', () => {
  const horizon = 4
  const made = (mean: (origin: number) => number, name = 'made') => ({
    name,
    folds: folds.map(({ cases }) => ({
      forecasts: cases.map(({ origin }) => ({ mean: new Float64Array(horizon).fill(mean(origin)) })),
    })),
  })

  test('gives what a backtest gives', async () => {
    const result = await backtest(seasonalNaive(4), folds, { horizon, period: 4 })
    const said = (fold: number) => result.cases.filter((one) => one.fold === fold).map(({ forecast }) => forecast)
    const again = { name: result.name, folds: folds.map((_, fold) => ({ forecasts: said(fold) })) }
    expect(judgeForecasts(again, folds, { horizon, period: 4 })).toEqual(result)
  })

  test('folds that calibrate are not judged; what they taught is kept, adapted or not', () => {
    const options = { horizon, calibration: { folds: 1 }, adaptation: 0.2 }
    const result = judgeForecasts(made(() => 10), folds, options)
    expect(result.folds).toHaveLength(2)
    expect(new Set(result.cases.map(({ fold }) => fold))).toEqual(new Set([1, 2]))
    const widths = (of: 'conformal' | 'split') => result.cases.map((one) => {
      const interval = one[of]?.[80]
      return interval === undefined ? NaN : interval.upper[0] - interval.lower[0]
    })
    expect(widths('split').every((width) => width > 0)).toBe(true)
    expect(widths('conformal')).not.toEqual(widths('split'))
    // Without adaptation they are the same.
    const plain = judgeForecasts(made(() => 10), folds, { horizon, calibration: { folds: 1 } })
    expect(plain.cases.map(({ conformal }) => conformal)).toEqual(result.cases.map(({ split }) => split))
    expect(plain.scores.splitCoverage80).toEqual(result.scores.splitCoverage80)
  })

  test('a step counts as soon as it is known, and not before', () => {
    const stepwise = walkForward(seasonal, { horizon, folds: 2, foldLength: 24, stride: 1 })
    const forecasts = (cases: (typeof stepwise)[0]['cases']) => cases.map(() => ({ mean: new Float64Array(horizon) }))
    const all = { name: 'zero', folds: stepwise.map(({ cases }) => ({ forecasts: forecasts(cases) })) }
    const change = (actual: Float64Array, origin: number) => actual.map((y, h) => (origin + h === 390 ? 1e6 : y))
    const wild = stepwise.map((fold) => ({
      ...fold,
      cases: fold.cases.map((one) => ({ ...one, actual: change(one.actual, one.origin) })),
    }))
    const shown = (of: typeof stepwise) => {
      const { cases } = judgeForecasts(all, of, { horizon, calibration: { folds: 1 } })
      return cases.map(({ origin, conformal }) => [origin, conformal])
    }
    const [before, after] = [shown(stepwise), shown(wild)]
    const first = before.findIndex((one, i) => JSON.stringify(one) !== JSON.stringify(after[i]))
    expect(before[first][0]).toBe(391)
  })

  test('models with and without quantiles are scored at the same levels', () => {
    const levels = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
    const spread = [-6, -4, -2, 0, 2, 4, 6]
    const point = made(() => 10)
    const sure = {
      ...point,
      folds: point.folds.map(({ forecasts }) => ({
        forecasts: forecasts.map(({ mean }) => ({
          mean, quantiles: { levels, values: spread.map((d) => mean.map((y) => y + d)) },
        })),
      })),
    }
    const options = { horizon, calibration: { folds: 1 } }
    const [{ cases, scores }, other] = [judgeForecasts(sure, folds, options), judgeForecasts(point, folds, options)]
    const five = [0.025, 0.1, 0.5, 0.9, 0.975]
    const expected = cases.flatMap(({ actual }) =>
      Array.from(actual, (y) => crpsQuantiles(y, five, [4, 6, 10, 14, 16])))
    expect(scores.crps.mean).toBeCloseTo(expected.reduce((a, b) => a + b, 0) / expected.length, 10)
    expect(other.scores.crps.mean).toBeLessThan(other.scores.mae.mean)
    expect(other.scores.pinball?.mean).toBeGreaterThan(0)
    expect(scores.coverage80?.mean).toBeGreaterThan(0)
    expect('coverage80' in other.scores).toBe(false)
  })

  test('errors', () => {
    expect(() => judgeForecasts({ name: 'a', folds: [] }, folds, { horizon })).toThrow(/forecasts of a for 3 folds, got 0/)
    const few = { name: 'a', folds: folds.map(() => ({ forecasts: [] })) }
    expect(() => judgeForecasts(few, folds, { horizon })).toThrow(/3 faults[^]*expected 6 forecasts of a in fold 1, got 0/)
    const short = { name: 'a', folds: folds.map(({ cases }) => ({ forecasts: cases.map(() => ({ mean: new Float64Array(3) })) })) }
    expect(() => judgeForecasts(short, folds, { horizon })).toThrow(/forecasts of a in fold 0 of 4 steps, got 3/)
    expect(() => judgeForecasts(made(() => 0), folds, { horizon, calibration: { folds: 3 } }))
      .toThrow(/more folds than the 3 that calibrate, got 3/)
  })
})
