// Steps that are missing in a table of dates: found by the usual step, then filled, kept or refused. Empty cells of
// steps that are there are the reader's.
import { fail } from '../errors.ts'

/** What becomes of missing steps. */
export type GapPolicy = 'fill' | 'keep' | 'error'

/** A number of things, in words. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

interface TimedRow {
  readonly time: number
  readonly line: number
  readonly values: readonly number[]
}

const day = 24 * 60 * 60 * 1000

/** More missing steps than this in one go are not made up. */
const longestFill = 31

/**
 * The rows with their gaps treated. The usual step is the median one. A day that is missing in a series of weekdays
 * is a holiday as like as not, so there `'keep'` is the default; `'fill'` is it for a series with weekends.
 *
 * @throws DatasetError for a gap that is not to be, or too long to fill
 */
export function mendGaps<Row extends TimedRow>(
  rows: readonly Row[],
  {
    where,
    gaps,
    repairs,
  }: { readonly where: string; readonly gaps: GapPolicy | undefined; readonly repairs: string[] },
): Row[] {
  if (rows.length < 3) return [...rows]
  const steps = rows.slice(1).map(({ time }, i) => time - rows[i].time)
  const step = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)]
  const weekend = (time: number) => [0, 6].includes(new Date(time).getUTCDay())
  const weekdays = step === day && !rows.some(({ time }) => weekend(time))
  const missing = (i: number) => {
    const count = Math.round(steps[i] / step) - 1
    if (!weekdays) return Math.max(0, count)
    return Array.from({ length: Math.max(0, count) }, (_, j) => rows[i].time + (j + 1) * day).filter(
      (time) => !weekend(time),
    ).length
  }
  const found = steps.flatMap((_, i) => (missing(i) > 0 ? [{ i, count: missing(i) }] : []))
  if (found.length === 0) return [...rows]
  const regular = step === day && !weekdays
  const policy = gaps ?? (regular ? 'fill' : 'keep')
  const total = found.reduce((sum, { count }) => sum + count, 0)
  const longest = found.reduce((a, b) => (b.count > a.count ? b : a))
  const place = `the longest of ${longest.count} after ${new Date(rows[longest.i].time).toISOString().slice(0, 10)}`
  const verb = total === 1 ? 'is' : 'are'
  if (policy === 'error') fail(where, `expected no gaps, got ${counted(total, 'missing step')}, ${place}`)
  if (policy === 'keep') {
    repairs.push(`${counted(total, 'step')} ${verb} missing (${place}): the rows on both sides count as neighbours`)
    return [...rows]
  }
  if (longest.count > longestFill) {
    fail(
      where,
      `expected gaps of at most ${longestFill} steps, got ${place}: cut the file there, or keep the gaps (gaps: 'keep')`,
    )
  }
  const times = (i: number) =>
    Array.from({ length: Math.round(steps[i] / step) - 1 }, (_, j) => rows[i].time + (j + 1) * step)
  repairs.push(
    `${counted(total, 'step')} ${verb} missing (${place}) and ${total === 1 ? 'takes' : 'take'} the value before`,
  )
  return rows.flatMap((row, i) =>
    i === rows.length - 1
      ? [row]
      : [
          row,
          ...times(i)
            .filter((time) => !weekdays || !weekend(time))
            .map((time) => ({ ...row, time })),
        ],
  )
}
