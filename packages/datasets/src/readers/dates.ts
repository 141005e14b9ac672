// Dates as they stand in tables: ISO 8601, or three numbers in the order of a country. Times are read in UTC.
import { fail } from '../errors.ts'

/** The order of the three numbers of a date: year first, month first (US), day first. */
export type DateFormat = 'ymd' | 'mdy' | 'dmy'

const numbers =
  /^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$/

/**
 * Reads the dates of a column, in the order given or the one that all of the column fit.
 *
 * @returns milliseconds since 1970, UTC; NaN for what is no date
 * @throws DatasetError when the column may be read in two ways
 */
export function dateReader(where: string, column: readonly string[], format?: DateFormat): (cell: string) => number {
  if (format !== undefined) return (cell) => timeOf(cell, format)
  const fits = (order: DateFormat) => column.filter((cell) => !Number.isNaN(timeOf(cell, order))).length
  const counts = (['ymd', 'mdy', 'dmy'] as const).map((order) => ({ order, count: fits(order) }))
  const most = Math.max(...counts.map(({ count }) => count))
  const best = counts.filter(({ count }) => count === most).map(({ order }) => order)
  if (most > 0 && best.includes('mdy') && best.includes('dmy')) {
    fail(
      where,
      `expected dates that can be read in one way, got '${column[0]}' and the like: say whether the month or the day is first, dateFormat 'mdy' or 'dmy'`,
    )
  }
  return (cell) => timeOf(cell, best[0])
}

function timeOf(cell: string, format: DateFormat): number {
  const found = numbers.exec(cell)
  if (found === null) return NaN
  const [first, second, third] = found.slice(1, 4)
  const [year, month, day] = {
    ymd: [first, second, third],
    mdy: [third, first, second],
    dmy: [third, second, first],
  }[format]
  if (year.length !== 4 || month.length > 2 || day.length > 2) return NaN
  const [hour, minute, second_] = found.slice(4, 7).map((part) => Number(part ?? 0))
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day), hour, minute, second_)
  const date = new Date(time)
  const whole =
    date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day) && hour < 24 && minute < 60
  return whole ? time - offsetOf(found[7]) : NaN
}

/** Milliseconds that a time zone such as `+01:00` is ahead of UTC. */
function offsetOf(zone = 'Z'): number {
  if (zone === 'Z') return 0
  const [sign, hours, minutes] = [zone[0] === '-' ? -1 : 1, Number(zone.slice(1, 3)), Number(zone.slice(-2))]
  return sign * (hours * 60 + minutes) * 60_000
}
