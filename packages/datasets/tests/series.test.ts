// Time series: what they refuse, how they are cut, and what the calendar tells.
import { DatasetError } from '@ostinato/datasets'
import {
  allForTraining,
  calendarFeatures,
  holdOut,
  nextTimes,
  splitSeries,
  TimeSeries,
  usHoliday,
  walkForward,
  windows,
} from '@ostinato/datasets/series'
import { describe, expect, it } from 'vitest'
import { day, days } from './days.ts'

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
