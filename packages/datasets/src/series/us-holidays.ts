// The public holidays of the United States, by rule, for any year since 1971. Whether a day is one; nothing else of the
// calendar.

/** A holiday, and the day of its month in a year. */
interface HolidayRule {
  readonly name: string
  /** January is 0. */
  readonly month: number
  readonly day: (year: number) => number
  /** The first year. */
  readonly since?: number
}

/** The day of the month of the `n`th weekday; Sunday is 0. */
const nth = (n: number, weekday: number, month: number) => (year: number) =>
  1 + ((weekday - new Date(Date.UTC(year, month, 1)).getUTCDay() + 7) % 7) + 7 * (n - 1)

/** The day of the month of its last Monday; `days` it has. */
const lastMonday = (days: number, month: number) => (year: number) =>
  days - ((new Date(Date.UTC(year, month, days)).getUTCDay() + 6) % 7)

const on = (day: number) => () => day

/** 5 U.S.C. 6103 (a), with the dates that the Uniform Monday Holiday Act of 1968 gave them. */
const rules: readonly HolidayRule[] = [
  { name: 'new year', month: 0, day: on(1) },
  { name: 'martin luther king', month: 0, day: nth(3, 1, 0), since: 1986 },
  { name: 'washington', month: 1, day: nth(3, 1, 1) },
  { name: 'memorial', month: 4, day: lastMonday(31, 4) },
  { name: 'juneteenth', month: 5, day: on(19), since: 2021 },
  { name: 'independence', month: 6, day: on(4) },
  { name: 'labor', month: 8, day: nth(1, 1, 8) },
  { name: 'columbus', month: 9, day: nth(2, 1, 9) },
  { name: 'veterans', month: 10, day: on(11) },
  { name: 'thanksgiving', month: 10, day: nth(4, 4, 10) },
  { name: 'christmas', month: 11, day: on(25) },
]

/** The names that `usHoliday` gives. */
export const usHolidayNames: readonly string[] = rules.map(({ name }) => name)

/**
 * The federal holiday that falls on the day of `time` (UTC), or undefined. The day itself counts: a day off given for a
 * holiday on a weekend does not.
 *
 * @param time milliseconds since 1970
 * @example
 * ```ts
 * import { usHoliday } from '@ostinato/datasets/series'
 * console.assert(usHoliday(Date.UTC(2014, 10, 27)) === 'thanksgiving')
 * console.assert(usHoliday(Date.UTC(2014, 10, 26)) === undefined)
 * ```
 */
export function usHoliday(time: number): string | undefined {
  const date = new Date(time)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  return rules.find((rule) => rule.month === month && year >= (rule.since ?? 0) && rule.day(year) === day)?.name
}
