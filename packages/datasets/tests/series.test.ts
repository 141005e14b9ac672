// Time series: what they refuse, how they are cut, and that nothing after a cut reaches what is learned from.
import { DatasetError } from '@ostinato/datasets'
import {
  allForTraining,
  calendarFeatures,
  fitLogScaler,
  fitMinMaxScaler,
  fitReturnScaler,
  fitRobustScaler,
  fitStandardScaler,
  holdOut,
  nextTimes,
  splitSeries,
  TimeSeries,
  usHoliday,
  walkForward,
  windows,
  windowStandardScaler,
  type TrainingPart,
} from '@ostinato/datasets/series'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'

const day = 24 * 60 * 60 * 1000

/** Days from 2000-01-01 with an observed covariate and one known ahead. */
function days(values: readonly number[], ahead = 0): TimeSeries {
  const times = Array.from({ length: values.length + ahead }, (_, i) => Date.UTC(2000, 0, 1) + i * day)
  return new TimeSeries({
    times,
    values,
    known: { step: times.map((_, i) => i) },
    observed: { twice: values.map((value) => 2 * value) },
  })
}

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

describe('TimeSeries', () => {
  it('tells all its faults at once', () => {
    const make = () =>
      new TimeSeries({
        times: [0, 2, 1],
        values: [1, NaN, 3],
        known: { a: [1] },
        observed: { b: [1, 2, Infinity] },
      })
    expect(make).toThrow(DatasetError)
    expect(make).toThrow(
      /4 faults\n.*strictly rise, got 1 after 2 in step 2.*\n.*finite values, got NaN in step 1.*\n.*3 values of known covariate 'a', got 1\n.*finite observed covariate 'b', got Infinity/,
    )
    expect(() => new TimeSeries({ times: [], values: [] })).toThrow(/at least one value, got none/)
    expect(() => new TimeSeries({ times: [0], values: [1, 2] })).toThrow(/a time for each of 2 values, got 1/)
    expect(() => new TimeSeries({ times: [0, 0], values: [1, 2] })).toThrow(/strictly rise, got 0 after 0/)
  })

  it('copies what it is given and takes dates', () => {
    const values = [1, 2]
    const series = new TimeSeries({ times: [new Date(5), new Date(6)], values })
    values[0] = 99
    expect([...series.values, ...series.times]).toEqual([1, 2, 5, 6])
  })

  it('slices with what is known ahead, and refuses what is not there', () => {
    const part = days([1, 2, 3, 4], 2).slice(1, 3, { ahead: 2 })
    expect([[...part.values], [...part.known[0]], [...part.observed[0]], part.ahead]).toEqual([
      [2, 3],
      [1, 2, 3, 4],
      [4, 6],
      2,
    ])
    expect(() => days([1, 2]).slice(1, 3)).toThrow(/expected steps from 0 to 2 in order, got 1 to 3/)
    expect(() => days([1, 2]).slice(2, 1)).toThrow(/got 2 to 1/)
    expect(() => days([1, 2]).until(2, { ahead: 1 })).toThrow(/at most 0 steps ahead of step 2, got 1/)
  })

  it('gets covariates from times alone', () => {
    const series = new TimeSeries({ times: [0, day, 2 * day], values: [1, 2, 3] })
      .extend(2)
      .withKnown((times) => ({ hours: times.map((time) => time / 3_600_000) }))
    expect([series.ahead, series.known[0].length, series.knownNames]).toEqual([2, 5, ['hours']])
    expect(() => series.withKnown(() => ({ hours: [1, 2, 3, 4, 5] }))).toThrow(
      /new name for each covariate, got 'hours' again/,
    )
    expect(() => series.withKnown(() => ({ short: [1] }))).toThrow(/5 values of covariate 'short', got 1/)
    expect(() => series.extend(1)).toThrow(/without known covariates, got hours: extend it first/)
  })
})

describe('nextTimes', () => {
  const from = (start: string, steps: readonly number[]) =>
    Float64Array.from(steps, (step) => Date.parse(start) + step * day)
  const text = (times: Float64Array) => Array.from(times, (time) => new Date(time).toISOString().slice(0, 10))

  it('goes on day by day, over weekends where there are none', () => {
    const weekdays = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
    expect(text(nextTimes(from('2024-01-01', weekdays), 3))).toEqual(['2024-01-15', '2024-01-16', '2024-01-17'])
    expect(text(nextTimes(from('2024-01-01', [0, 1, 2, 3, 4, 5, 6]), 1))).toEqual(['2024-01-08'])
    expect(text(nextTimes(from('2024-01-01', [0, 7, 14]), 2))).toEqual(['2024-01-22', '2024-01-29'])
  })

  it('needs two times', () => {
    expect(() => nextTimes(Float64Array.of(1), -1)).toThrow(
      /2 faults\n.*two times or more.*\n.*whole number of steps, got -1/,
    )
  })
})

describe('cuts', () => {
  it('refuse more folds than there are steps for', () => {
    const walk = () => walkForward(days([1, 2, 3, 4, 5]), { horizon: 2, folds: 2, foldLength: 2, gap: 1 })
    expect(walk).toThrow(
      /at least 6 steps for 2 folds of 2, 2 before the first included, got 5: take fewer or shorter folds/,
    )
    const wrong = () =>
      walkForward(days([1, 2]), { horizon: 0, folds: 1.5, foldLength: 1, stride: 1, gap: -1, training: 0 })
    expect(wrong).toThrow(/4 faults/)
    expect(() => walkForward(days([1, 2, 3]), { horizon: 2, folds: 1, foldLength: 1 })).toThrow(
      /foldLength of at least the horizon, 2, got 1/,
    )
  })

  it('of a part leave a gap', () => {
    const { train, validation, test } = splitSeries(days([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), {
      validation: 2,
      test: 3,
      gap: 1,
    })
    expect([[...train.series.values], [...validation.values], [...test.values]]).toEqual([
      [0, 1, 2],
      [4, 5],
      [7, 8, 9],
    ])
    const held = holdOut(train, { rows: 1, gap: 1 })
    expect([[...held.train.series.values], [...held.validation.series.values]]).toEqual([[0], [2]])
    expect(() => holdOut(train, { rows: 3 })).toThrow(/expected 1 to 2 rows with their gap, got 3/)
    expect(() => splitSeries(days([1, 2, 3]), { validation: 1, test: 2 })).toThrow(/more than 3 steps, got 3/)
  })

  it('refuse parts too short, or of other covariates', () => {
    const part = allForTraining(days([1, 2, 3]))
    expect(() => windows(part, { inputLength: 3, horizon: 1 })).toThrow(
      /at least 4 steps \(input 3, horizon 1\), got 3 at most/,
    )
    const bare = allForTraining(new TimeSeries({ times: [0, 1, 2], values: [1, 2, 3] }))
    expect(() => windows([part, bare], { inputLength: 1, horizon: 1 })).toThrow(
      /1 known and 1 observed, in every part, got 0 known and 0 observed in part 1/,
    )
  })
})

describe('the calendar', () => {
  it('knows the holidays of 2014 and 2021', () => {
    const found = (year: number) =>
      Array.from({ length: 365 }, (_, i) => Date.UTC(year, 0, 1 + i)).flatMap((time) =>
        usHoliday(time) === undefined ? [] : [new Date(time).toISOString().slice(5, 10)],
      )
    // As the Office of Personnel Management listed them, on the day itself.
    expect(found(2014)).toEqual([
      '01-01',
      '01-20',
      '02-17',
      '05-26',
      '07-04',
      '09-01',
      '10-13',
      '11-11',
      '11-27',
      '12-25',
    ])
    expect(found(2021)).toEqual([
      '01-01',
      '01-18',
      '02-15',
      '05-31',
      '06-19',
      '07-04',
      '09-06',
      '10-11',
      '11-11',
      '11-25',
      '12-25',
    ])
    expect(found(1979)).not.toContain('01-15')
  })

  it('gives weekdays, waves over the year and the day, and a trend', () => {
    const noon = Date.UTC(2001, 6, 2, 12)
    const features = calendarFeatures({ weekday: true, yearly: 2, daily: 1, trendSince: 2000 })(Float64Array.of(noon))
    expect(Object.keys(features).slice(0, 7)).toEqual([
      'monday',
      'tuesday',
      'wednesday',
      'thursday',
      'friday',
      'saturday',
      'sunday',
    ])
    expect(features['monday'][0]).toBe(1)
    expect(features['year cos 1'][0]).toBeCloseTo(-1, 9)
    expect(features['year cos 2'][0]).toBeCloseTo(1, 9)
    expect(features['day cos 1'][0]).toBeCloseTo(-1, 9)
    expect(features['trend'][0]).toBeCloseTo(0.15, 9)
    expect(() => calendarFeatures({ yearly: -1, trendSince: NaN })).toThrow(/2 faults/)
  })
})
