// Two stock indices, day by day, from npm packages. Prices come as they are: returns and scales are the user's.
import { fail } from '../errors.ts'
import type { TimeSeries } from '../series/time-series.ts'
import { readCsvSeries } from './csv.ts'
import { readPackageText } from './package.ts'

/** Where a reader takes its text from. */
export interface LoadTextOptions {
  /** Gives the contents of the file where it cannot be read by name, as in a browser. */
  readonly load?: () => string | Promise<string>
  /** A folder whose packages are looked at first. */
  readonly from?: string
}

/** An index: closing prices, with `open`, `high`, `low` and `volume` as covariates that are not known ahead. */
export interface StockIndex {
  readonly series: TimeSeries
  readonly source: { readonly name: string; readonly package: string; readonly file: string }
}

interface IndexFile {
  readonly where: string
  readonly label: string
  readonly name: string
  readonly version: string
  readonly file: string
  readonly rows: number
  readonly span: readonly [first: string, last: string]
}

/**
 * The S&P 500, 5,105 trading days from 2000 to April 2020, in US dollars. Needs the package `vega-datasets@3.2.1`.
 *
 * @throws DatasetError when the package is not installed, or its data is not what it should be
 */
export function loadSp500(options: LoadTextOptions = {}): Promise<StockIndex> {
  return loadIndex(
    {
      where: 'loadSp500',
      label: 'S&P 500',
      name: 'vega-datasets',
      version: '3.2.1',
      file: 'data/sp500-2000.csv',
      rows: 5105,
      span: ['2000-01-03', '2020-04-17'],
    },
    options,
  )
}

/**
 * The Nasdaq-100, 6,724 trading days from October 1985 to June 2012, in US dollars. Needs the package `dc@2.1.10`.
 *
 * @throws DatasetError when the package is not installed, or its data is not what it should be
 */
export function loadNasdaq100(options: LoadTextOptions = {}): Promise<StockIndex> {
  return loadIndex(
    {
      where: 'loadNasdaq100',
      label: 'Nasdaq-100',
      name: 'dc',
      version: '2.1.10',
      file: 'web/ndx.csv',
      rows: 6724,
      span: ['1985-11-01', '2012-06-29'],
    },
    options,
  )
}

async function loadIndex(
  { where, label, name, version, file, rows, span }: IndexFile,
  { load, from }: LoadTextOptions,
): Promise<StockIndex> {
  const text = await (load ? load() : readPackageText({ where, name, version, file, from }))
  const { series } = readCsvSeries(text, {
    name: label,
    date: 'date',
    target: 'close',
    features: ['open', 'high', 'low', 'volume'],
    gaps: 'keep',
  })
  const found = [series.times[0], series.times[series.length - 1]].map((time) =>
    new Date(time).toISOString().slice(0, 10),
  )
  if (series.length !== rows || found.some((date, i) => date !== span[i])) {
    fail(
      where,
      `expected ${rows} days from ${span.join(' to ')}, got ${series.length} from ${found.join(' to ')}: is it ${file} of ${name}@${version}?`,
    )
  }
  return { series, source: { name: label, package: `${name}@${version}`, file } }
}
