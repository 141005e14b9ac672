// The forecasts without parameters, and what all forecasters refuse.
import { describe, expect, expectTypeOf, test } from 'vitest'
import { drift, movingAverage, persistence, seasonalNaive, type FittedForecaster, type Forecaster } from '../src/index.ts'

const history = (...values: number[]) => ({ values: Float64Array.from(values) })
const predict = async (forecaster: Forecaster, values: number[], horizon: number) => {
  const fitted = await forecaster.fit([history(...values)], { horizon })
  return Array.from(fitted.predict([history(...values)], horizon)[0].mean)
}

test.each([
  [persistence(), [4, 4, 4, 4, 4]],
  [drift(), [5, 6, 7, 8, 9]],
  [seasonalNaive(2), [8, 4, 8, 4, 8]],
  [seasonalNaive(3), [2, 8, 4, 2, 8]],
  [movingAverage(3), [14 / 3, 14 / 3, 14 / 3, 14 / 3, 14 / 3]],
])('by hand', async (forecaster, expected) => {
  expect(await predict(forecaster, [1, 2, 8, 4], 5)).toEqual(expected)
})

describe('what is refused', () => {
  test('training', () => {
    expect(() => persistence().fit([], { horizon: 0 })).toThrow(/persistence: 2 faults[^]*horizon to be an integer of 1 or more, got 0[^]*at least one series/)
    expect(() => drift().fit([history(1)], { horizon: 1 })).toThrow('drift: expected training[0] of at least 2 values, got 1')
    expect(() => drift().fit([history(1, NaN)], { horizon: 1 })).toThrow(/training\[0\] of finite numbers, got NaN at 1/)
    expect(() => persistence().fit([history(1)], { horizon: 1, levels: [0.5, 0.5] })).toThrow(/rising levels/)
    const known = [Float64Array.of(1)]
    expect(() => persistence().fit([{ ...history(1, 2), known }], { horizon: 1 })).toThrow(/training\[0\].known\[0\] of at least 2 values, got 1/)
    expect(() => persistence().fit([history(1), { ...history(1), known }], { horizon: 1 })).toThrow(
      /covariates of training\[0\], 0 known and 0 observed, in every series, got 1 known and 0 observed in training\[1\]/)
  })

  test('histories', async () => {
    const fitted = await seasonalNaive(2).fit([history(1, 2)], { horizon: 1 })
    expect(() => fitted.predict([history(1, 2), history(1)], 1)).toThrow(/histories\[1\] of at least 2 values, got 1/)
    expect(() => fitted.predict([{ ...history(1, 2), known: [Float64Array.of(1, 2, 3)] }], 2)).toThrow(
      /histories\[0\].known\[0\] of at least 4 values, got 3/)
    expect(() => seasonalNaive(0)).toThrow(/period to be an integer of 1 or more, got 0/)
    expect(() => movingAverage(1.5)).toThrow(/window to be an integer/)
  })

  test('types: predicting needs fitting first', () => {
    expectTypeOf<Forecaster>().not.toHaveProperty('predict')
    expectTypeOf<Forecaster['fit']>().returns.toEqualTypeOf<FittedForecaster | Promise<FittedForecaster>>()
  })
})
