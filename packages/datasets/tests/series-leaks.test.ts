// That nothing after a cut reaches what is learned from: training parts, windows, scalers, histories.
import {
  allForTraining,
  fitLogScaler,
  fitMinMaxScaler,
  fitReturnScaler,
  fitRobustScaler,
  fitStandardScaler,
  walkForward,
  windows,
  windowStandardScaler,
  type TrainingPart,
} from '@ostinato/datasets/series'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { day, days } from './days.ts'

const positive = fc.double({ min: 0.01, max: 1e4, noNaN: true })
const walks = fc.record({
  values: fc.array(positive, { minLength: 40, maxLength: 90 }),
  horizon: fc.integer({ min: 1, max: 4 }),
  folds: fc.integer({ min: 1, max: 3 }),
  more: fc.integer({ min: 0, max: 6 }),
  stride: fc.integer({ min: 1, max: 5 }),
  gap: fc.integer({ min: 0, max: 5 }),
  training: fc.oneof(fc.constant('expanding' as const), fc.integer({ min: 2, max: 4 })),
})
type Walk = typeof walks extends fc.Arbitrary<infer T> ? T : never
const foldsOf = ({ values, horizon, folds, more, stride, gap, training }: Walk) =>
  walkForward(days(values), { horizon, folds, foldLength: horizon + more, stride, gap, training })

const scalers = { fitStandardScaler, fitMinMaxScaler, fitRobustScaler, fitLogScaler }

describe('nothing leaks: values changed after a cut change nothing before it', () => {
  /** Everything that can be learned from a fold, as text. */
  const learned = (train: TrainingPart, inputs: Float64Array) =>
    JSON.stringify([
      [...train.series.values],
      [...train.series.times],
      train.series.known.map((list) => [...list]),
      train.series.observed.map((list) => [...list]),
      windows(train, { inputLength: 1, horizon: 1 })
        .toArray()
        .map(({ input, target, known, observed }) => [input, target, ...known, ...observed].map((list) => [...list])),
      Object.values(scalers).map((fit) => [...fit(train).transform(inputs)]),
      [...fitReturnScaler(train).of(inputs).input],
    ])

  it('in training parts, windows and scalers of every fold', () => {
    fc.assert(
      fc.property(walks, fc.array(positive, { minLength: 90, maxLength: 90 }), (walk, others) => {
        const inputs = Float64Array.of(1, 2, 3)
        for (const { index, train, cases } of foldsOf(walk)) {
          const cut = cases[0].origin - walk.gap
          const changed = walk.values.map((value, i) => (i < cut ? value : others[i]))
          const again = foldsOf({ ...walk, values: changed })[index]
          expect(learned(again.train, inputs)).toBe(learned(train, inputs))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('in the history of every case', () => {
    fc.assert(
      fc.property(walks, fc.array(positive, { minLength: 90, maxLength: 90 }), (walk, others) => {
        foldsOf(walk).forEach(({ cases }, fold) =>
          cases.forEach(({ origin, history }, i) => {
            const changed = walk.values.map((value, step) => (step < origin ? value : others[step]))
            const again = foldsOf({ ...walk, values: changed })[fold].cases[i]
            expect(again.history).toEqual(history)
            expect(history.length).toBe(origin)
            expect(history.ahead).toBe(walk.horizon)
          }),
        )
      }),
      { numRuns: 40 },
    )
  })

  it('by times: every training step lies a gap before every case, every case in the series, none judged twice', () => {
    fc.assert(
      fc.property(walks, (walk) => {
        const judged: number[] = []
        const folds = foldsOf(walk)
        expect(folds).toHaveLength(walk.folds)
        for (const { train, cases } of folds) {
          expect(train.series.ahead).toBe(0)
          if (walk.training !== 'expanding') expect(train.series.length).toBe(walk.training)
          const last = train.series.times[train.series.length - 1]
          for (const { times, actual, origin } of cases) {
            expect(times[0] - last).toBeGreaterThanOrEqual((walk.gap + 1) * day)
            expect([...actual]).toEqual(walk.values.slice(origin, origin + walk.horizon))
            judged.push(...times)
          }
        }
        if (walk.stride >= walk.horizon) expect(new Set(judged).size).toBe(judged.length)
      }),
    )
  })

  it('between windows and the end of their part, nor between parts', () => {
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 5 }),
    )
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 40 }),
        fc.integer({ min: 10, max: 40 }),
        sizes,
        (a, b, [inputLength, horizon, stride]) => {
          const parts = [a, b].map((length, p) => allForTraining(days(Array.from({ length }, (_, i) => 1000 * p + i))))
          const rows = windows(parts, { inputLength, horizon, stride })
          for (const { part, start, input, target, known, observed } of rows) {
            expect([...input, ...target]).toEqual(
              Array.from({ length: inputLength + horizon }, (_, i) => 1000 * part + start + i),
            )
            expect([...known[0]]).toEqual(Array.from({ length: inputLength + horizon }, (_, i) => start + i))
            expect([...observed[0]]).toEqual(Array.from(input, (value) => 2 * value))
            expect(start % stride).toBe(0)
          }
          const each = [a, b].map((length) => Math.max(0, Math.floor((length - inputLength - horizon) / stride) + 1))
          expect(rows.length).toBe(each[0] + each[1])
        },
      ),
    )
  })
})

describe('scalers', () => {
  const lists = fc.array(positive, { minLength: 2, maxLength: 40 })

  it.each(Object.entries(scalers))('%s inverts what it transforms', (_, fit) => {
    fc.assert(
      fc.property(lists, lists, (training, values) => {
        const scaler = fit(allForTraining(days(training)))
        const back = scaler.invert(scaler.transform(Float64Array.from(values)))
        back.forEach((value, i) =>
          expect(Math.abs(value - values[i])).toBeLessThan(1e-7 * (1 + Math.max(...values, ...training))),
        )
      }),
    )
  })

  it('of windows invert what they transform', () => {
    fc.assert(
      fc.property(lists, lists, lists, (training, input, following) => {
        for (const scaler of [fitReturnScaler(allForTraining(days(training))), windowStandardScaler]) {
          const { target, input: seen } = scaler.of(Float64Array.from(input))
          expect(seen.length).toBe(input.length)
          const back = target.invert(target.transform(Float64Array.from(following)))
          back.forEach((value, i) =>
            expect(Math.abs(value - following[i])).toBeLessThan(1e-6 * (1 + Math.max(...following, ...input))),
          )
        }
      }),
    )
  })

  it('have the values of their equations', () => {
    const part = allForTraining(days([1, 2, 3, 4, 100]))
    expect([...fitStandardScaler(part).transform(Float64Array.of(22))]).toEqual([0])
    expect([...fitMinMaxScaler(part).transform(Float64Array.of(1, 100, 199))]).toEqual([0, 1, 2])
    expect([...fitRobustScaler(part).transform(Float64Array.of(3, 5))]).toEqual([0, 1])
    const logs = fitLogScaler(allForTraining(days([1, Math.E ** 2])))
    expect([...logs.transform(Float64Array.of(Math.E))]).toEqual([0])
    const { input } = fitReturnScaler(allForTraining(days([1, Math.E, 1]))).of(Float64Array.of(5, 5 * Math.E))
    expect(input[0]).toBe(0)
    expect(input[1]).toBeCloseTo(1, 12)
  })

  it('keep a series without spread', () => {
    for (const fit of Object.values(scalers)) {
      expect([...fit(allForTraining(days([7, 7, 7]))).transform(Float64Array.of(7))]).toEqual([0])
    }
    expect(fitReturnScaler(allForTraining(days([7, 7]))).of(Float64Array.of(7, 7)).input).toEqual(
      Float64Array.of(0, 0),
    )
    expect(windowStandardScaler.of(Float64Array.of(3, 3)).input).toEqual(Float64Array.of(0, 0))
  })

  it('are fitted to training parts only', () => {
    expectTypeOf(fitStandardScaler).parameter(0).toEqualTypeOf<TrainingPart>()
    const series = days([1, 2, 3])
    // @ts-expect-error a series is no training part
    expect(() => fitStandardScaler(series)).toThrow(/fitStandardScaler: expected a training part, as walkForward/)
    // @ts-expect-error nor is an object that looks like one
    expect(() => windows({ series }, { inputLength: 1, horizon: 1 })).toThrow(/windows: expected a training part/)
  })

  it('of logarithms and returns refuse values that are not positive', () => {
    const part = allForTraining(days([1, 0, 2]))
    expect(() => fitLogScaler(part)).toThrow(/fitLogScaler: expected positive values, got 0 in step 1/)
    expect(() => fitReturnScaler(part)).toThrow(/expected positive values, got 0 in step 1/)
    expect(() => fitReturnScaler(allForTraining(days([1])))).toThrow(/two values or more, got 1/)
    expect(() => fitLogScaler(allForTraining(days([1, 2]))).transform(Float64Array.of(-1))).toThrow(/got -1 in step 0/)
  })
})
