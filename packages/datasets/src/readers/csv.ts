// A time series from the text of a CSV file: which columns, what is repaired, what is refused. Splitting the text
// into cells is papaparse's; dates are in dates.ts, steps that are missing in gaps.ts.
import Papa from 'papaparse'
import { fail, failIfAny, isCount, show } from '../errors.ts'
import { TimeSeries } from '../series/time-series.ts'
import { dateReader, type DateFormat } from './dates.ts'
import { counted, mendGaps, type GapPolicy } from './gaps.ts'

/** Which columns make the series, and how they are read. */
export interface CsvOptions {
  /** What tables and errors call the series. Default: the target's column. */
  readonly name?: string
  /** The column of dates. Default `'Date'`. */
  readonly date?: string
  /** The column that is to be forecast. Default `'Close'`. */
  readonly target?: string
  /** Columns that are known only when the target is. Default none. */
  readonly features?: readonly string[]
  /** How `01/02/2020` is read. Default: as the column as a whole allows; where it allows both, an error. */
  readonly dateFormat?: DateFormat
  /**
   * What becomes of missing days: `'fill'` repeats the day before, `'keep'` leaves the steps as they are, `'error'`.
   * Default
   * `'fill'` for daily series that have weekends, else `'keep'`: an exchange's holidays are no gaps.
   */
  readonly gaps?: GapPolicy
  /** Fewer rows than this are too few. Default 2. */
  readonly minimumRows?: number
}

/** A series and what had to be repaired for it. */
export interface CsvSeries {
  readonly series: TimeSeries
  /** A sentence for each kind of repair. */
  readonly repairs: readonly string[]
}

const where = 'readCsvSeries'

/**
 * Reads a series. Stated repairs: rows out of order are sorted, rows that are given twice are dropped once, empty
 * values take the value before (never one after), and gaps are treated as `gaps` says. Refused, with the lines:
 * values that are no numbers, dates that are none, a date with two different rows, too few rows.
 *
 * @param text the contents of the file; commas, semicolons or tabs, with a first line of names
 * @throws DatasetError
 * @example
 * ```ts
 * import { readCsvSeries } from '@ostinato/datasets/csv'
 * const { series, repairs } = readCsvSeries('Date,Close\n2020-01-02,11\n2020-01-01,10\n2020-01-03,\n')
 * console.assert(series.values.join() === '10,11,11' && repairs.length === 2)
 * ```
 */
export function readCsvSeries(text: string, options: CsvOptions = {}): CsvSeries {
  const { date = 'Date', target = 'Close', features = [], name = target, dateFormat, gaps, minimumRows = 2 } = options
  if (!isCount(minimumRows, 2)) fail(where, `expected minimumRows of 2 or more, got ${show(minimumRows)}`)
  const { header, rows } = cellsOf(text)
  const places = columnsOf(header, [date, target, ...features])
  const repairs: string[] = []
  const read = readRows(rows, { places, dateFormat })
  const sorted = sortRows(read, repairs)
  const unique = dropRepeated(sorted, { names: [target, ...features], repairs })
  const full = fillEmpty(unique, { names: [target, ...features], repairs })
  const mended = mendGaps(full, { where, gaps, repairs })
  if (mended.length < minimumRows)
    fail(
      where,
      `expected ${minimumRows} rows or more, got ${mended.length}: give a longer file or forecast fewer steps`,
    )
  const column = (at: number) => mended.map(({ values }) => values[at])
  const series = new TimeSeries({
    name,
    times: mended.map(({ time }) => time),
    values: column(0),
    observed: Object.fromEntries(features.map((feature, i) => [feature, column(i + 1)])),
  })
  return { series, repairs }
}

/** A row: its time, its line in the file, and the target with the features; NaN is empty. */
interface CsvRow {
  readonly time: number
  readonly line: number
  readonly values: readonly number[]
}

interface CellRow {
  readonly line: number
  readonly cells: readonly string[]
}

/**
 * Rows of numbers, from columns by name: for files that are known to be whole.
 * @throws DatasetError when a column is missing or a cell is no number
 */
export function parseRows(
  text: string,
  { where: caller, columns }: { readonly where: string; readonly columns: readonly string[] },
): number[][] {
  const { header, rows } = cellsOf(text)
  const places = columnsOf(header, columns)
  return rows.map(({ line, cells }) =>
    places.map((place) => {
      const value = numberOf(cells[place])
      if (value === undefined || Number.isNaN(value))
        fail(caller, `expected a number in line ${line}, got ${show(cells[place])}`)
      return value
    }),
  )
}

function cellsOf(text: string): { header: readonly string[]; rows: readonly CellRow[] } {
  const { data, errors } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), {
    delimitersToGuess: [',', ';', '\t', '|'],
  })
  const torn = errors.filter(({ type }) => type === 'Quotes')
  if (torn.length > 0) fail(where, `expected quotes that close, got one open in line ${(torn[0].row ?? 0) + 1}`)
  const all = data.map((cells, i) => ({ line: i + 1, cells: cells.map((cell) => cell.trim()) }))
  const [first, ...rows] = all.filter(({ cells }) => cells.some((cell) => cell !== ''))
  if (first === undefined || rows.length === 0) fail(where, 'expected a line of names and rows below it, got none')
  const odd = rows.filter(({ cells }) => cells.length !== first.cells.length)
  if (odd.length > 0)
    fail(
      where,
      `expected ${first.cells.length} columns in every row, got ${odd[0].cells.length} in line ${odd[0].line}${others(odd.length)}`,
    )
  return { header: first.cells, rows }
}

/** Where the named columns are; an exact name comes before one that differs in case alone. */
function columnsOf(header: readonly string[], names: readonly string[]): readonly number[] {
  const faults: string[] = []
  const places = names.map((name) => {
    const exact = header.flatMap((column, i) => (column === name ? [i] : []))
    const near = header.flatMap((column, i) => (column.toLowerCase() === name.toLowerCase() ? [i] : []))
    const found = exact.length > 0 ? exact : near
    if (found.length === 0)
      faults.push(`expected a column '${name}', got ${header.map((column) => `'${column}'`).join(', ')}`)
    if (found.length > 1) faults.push(`expected one column '${name}', got ${found.length}`)
    return found[0]
  })
  const repeated = places.find((place, i) => place !== undefined && places.indexOf(place) < i)
  if (repeated !== undefined) faults.push(`expected each column once, got '${header[repeated]}' for two purposes`)
  failIfAny(where, faults)
  return places
}

function readRows(
  rows: readonly CellRow[],
  { places, dateFormat }: { readonly places: readonly number[]; readonly dateFormat: DateFormat | undefined },
): CsvRow[] {
  const dateOf = dateReader(
    where,
    rows.map(({ cells }) => cells[places[0]]),
    dateFormat,
  )
  const [badDates, badNumbers]: [string[], string[]] = [[], []]
  const read = rows.map(({ line, cells }): CsvRow => {
    const time = dateOf(cells[places[0]])
    if (Number.isNaN(time)) badDates.push(`${show(cells[places[0]])} in line ${line}`)
    const values = places.slice(1).map((place) => {
      const value = numberOf(cells[place])
      if (value === undefined) badNumbers.push(`${show(cells[place])} in line ${line}`)
      return value ?? NaN
    })
    return { time, line, values }
  })
  failIfAny(where, [
    ...(badDates.length > 0 ? [`expected dates such as 2020-12-31, got ${listed(badDates)}`] : []),
    ...(badNumbers.length > 0
      ? [`expected numbers such as 1234.5, got ${listed(badNumbers)}: mend the file, or leave such cells empty`]
      : []),
  ])
  return read
}

const empty = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '-', '.'])

/** NaN for an empty cell, undefined for what is no number. Thousands may be grouped by commas. */
function numberOf(cell: string): number | undefined {
  if (empty.has(cell.toLowerCase())) return NaN
  const plain = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(cell) ? cell.replaceAll(',', '') : cell
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return undefined
  const value = Number(plain)
  return Number.isFinite(value) ? value : undefined
}

function sortRows(rows: readonly CsvRow[], repairs: string[]): CsvRow[] {
  const late = rows.filter(({ time }, i) => i > 0 && time < rows[i - 1].time).length
  if (late > 0) {
    const falling = rows.every(({ time }, i) => i === 0 || time <= rows[i - 1].time)
    repairs.push(
      falling
        ? 'the newest row stood first: the order is turned round'
        : `${counted(late, 'row')} stood before an earlier one: all are sorted by date`,
    )
  }
  return rows.toSorted((a, b) => a.time - b.time || a.line - b.line)
}

/** Rows that are the same in all that is read count once; a date with two different rows is an error. */
function dropRepeated(
  rows: readonly CsvRow[],
  { names, repairs }: { readonly names: readonly string[]; readonly repairs: string[] },
): CsvRow[] {
  const clashes: string[] = []
  const kept = rows.filter((row, i) => {
    const before = rows[i - 1]
    if (i === 0 || row.time !== before.time) return true
    if (row.values.some((value, at) => !Object.is(value, before.values[at]))) {
      clashes.push(`${dayOf(row.time)} in lines ${before.line} and ${row.line}`)
    }
    return false
  })
  if (clashes.length > 0)
    fail(
      where,
      `expected one value of ${names.join(', ')} for each date, got several for ${listed(clashes)}: keep one of each`,
    )
  if (kept.length < rows.length) repairs.push(twice(rows.length - kept.length))
  return kept
}

/** An empty value takes the one before; rows before the first full one are dropped. */
function fillEmpty(
  rows: readonly CsvRow[],
  { names, repairs }: { readonly names: readonly string[]; readonly repairs: string[] },
): CsvRow[] {
  const start = rows.findIndex(({ values }) => !values.some(Number.isNaN))
  if (start < 0) fail(where, `expected a row with a value of each of ${names.join(', ')}, got none`)
  if (start > 0)
    repairs.push(`${counted(start, 'row')} before the first with all values ${start === 1 ? 'is' : 'are'} left out`)
  let filled = 0
  let last = rows[start].values
  const full = rows.slice(start).map((row) => {
    last = row.values.map((value, at) => {
      if (!Number.isNaN(value)) return value
      filled++
      return last[at]
    })
    return { ...row, values: last }
  })
  if (filled > 0) repairs.push(`${counted(filled, 'empty value')} ${filled === 1 ? 'takes' : 'take'} the value before`)
  return full
}

const shown = 5

const twice = (count: number) =>
  count === 1 ? '1 row was given twice and counts once' : `${count} rows were given twice and count once`

const others = (count: number) => (count > 1 ? ` and in ${count - 1} more` : '')

const listed = (all: readonly string[]) =>
  all.slice(0, shown).join(', ') + (all.length > shown ? ` and ${all.length - shown} more` : '')

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)
