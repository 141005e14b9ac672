// What the date tells: covariates that are known for any time ahead. Computed from times alone, so they cannot leak.
import { failIfAny, isCount, show } from '../errors.ts'
import { usHoliday, usHolidayNames } from './us-holidays.ts'

/** Which features are computed. None is on by itself. */
export interface CalendarOptions {
  /** The day of the week, as seven indicators `monday` … `sunday`. */
  readonly weekday?: boolean
  /** So many pairs of sine and cosine over the year: `year sin 1`, `year cos 1`, … */
  readonly yearly?: number
  /** So many pairs of sine and cosine over the day, for series of hours or minutes. */
  readonly daily?: number
  /** Years since the given one, in tens: a slow trend that a network can follow. */
  readonly trendSince?: number
  /**
   * US federal holidays: an indicator for each, and for each of the days around it as far as `around` says (one before:
   * `christmas -1`).
   */
  readonly usHolidays?: { readonly around?: number }
}

const day = 24 * 60 * 60 * 1000
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const

/**
 * A function from times to features, for `TimeSeries.withKnown`. All times are read in UTC.
 *
 * @throws DatasetError when a number of pairs or days is no whole number
 * @example
 * ```ts
 * import { calendarFeatures, TimeSeries } from '@ostinato/datasets/series'
 * const days = Array.from({ length: 28 }, (_, i) => Date.UTC(2014, 10, 10 + i))
 * const births = new TimeSeries({ times: days, values: days.slice(0, 14).map((_, i) => 10_000 + i) })
 * const features = calendarFeatures({ weekday: true, yearly: 2, usHolidays: { around: 1 } })
 * const { knownNames, known } = births.withKnown(features)
 * console.assert(known[knownNames.indexOf('monday')][0] === 1)
 * console.assert(known[knownNames.indexOf('thanksgiving')][17] === 1)
 * console.assert(known[knownNames.indexOf('thanksgiving +1')][18] === 1)
 * ```
 */
export function calendarFeatures(options: CalendarOptions): (times: Float64Array) => Record<string, Float64Array> {
  const { weekday = false, yearly = 0, daily = 0, trendSince, usHolidays } = options
  const around = usHolidays?.around ?? 0
  failIfAny('calendarFeatures', [
    ...Object.entries({ yearly, daily, 'usHolidays.around': around }).flatMap(([name, count]) =>
      isCount(count) ? [] : [`expected a whole number from 0 for ${name}, got ${show(count)}`],
    ),
    ...(trendSince === undefined || Number.isFinite(trendSince) ? [] : [`expected a year for trendSince, got ${show(trendSince)}`]),
  ])
  return (times) => ({
    ...(weekday && weekdayFeatures(times)),
    ...waves('year', yearly, times.map(yearPhase)),
    ...waves('day', daily, times.map((time) => (time / day) % 1)),
    ...(trendSince !== undefined && { trend: times.map((time) => (yearOf(time) - trendSince) / 10) }),
    ...(usHolidays && holidayFeatures(times, around)),
  })
}

/** Monday first. */
function weekdayFeatures(times: Float64Array): Record<string, Float64Array> {
  const order = [1, 2, 3, 4, 5, 6, 0]
  return Object.fromEntries(
    order.map((number) => [weekdays[number], times.map((time) => Number(new Date(time).getUTCDay() === number))]),
  )
}

/** `sin` and `cos` of `2 pi k phase` for k = 1, 2, … */
function waves(name: string, pairs: number, phases: Float64Array): Record<string, Float64Array> {
  const entries = Array.from({ length: pairs }, (_, i) => {
    const angles = phases.map((phase) => 2 * Math.PI * (i + 1) * phase)
    return [
      [`${name} sin ${i + 1}`, angles.map(Math.sin)],
      [`${name} cos ${i + 1}`, angles.map(Math.cos)],
    ] as const
  })
  return Object.fromEntries(entries.flat())
}

/** The year and how much of it has passed. */
function yearOf(time: number): number {
  const year = new Date(time).getUTCFullYear()
  const [start, end] = [Date.UTC(year, 0), Date.UTC(year + 1, 0)]
  return year + (time - start) / (end - start)
}

const yearPhase = (time: number) => yearOf(time) % 1

function holidayFeatures(times: Float64Array, around: number): Record<string, Float64Array> {
  const offsets = Array.from({ length: 2 * around + 1 }, (_, i) => i - around)
  const features: Record<string, Float64Array> = {}
  const label = (name: string, offset: number) => (offset === 0 ? name : `${name} ${offset > 0 ? '+' : ''}${offset}`)
  for (const offset of offsets) {
    for (const name of usHolidayNames) features[label(name, offset)] = new Float64Array(times.length)
    times.forEach((time, i) => {
      const name = usHoliday(time - offset * day)
      if (name !== undefined) features[label(name, offset)][i] = 1
    })
  }
  return features
}
