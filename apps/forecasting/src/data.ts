// The series that a run forecasts, with the calendar that is known ahead. Packages of data live in a project of their
// own, data/, which is no part of the workspace; the user's file is read with every repair said.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatasetError } from '@ostinato/datasets'
import { loadUsBirths } from '@ostinato/datasets/births'
import { readCsvSeries } from '@ostinato/datasets/csv'
import { calendarFeatures, TimeSeries, type CalendarOptions } from '@ostinato/datasets/series'
import { loadNasdaq100, loadSp500 } from '@ostinato/datasets/stocks'
import { CommandError } from './errors.ts'
import type { CsvSettings, RunSettings } from './settings.ts'

/** A series and what is known about it. */
export interface LoadedSeries {
  readonly series: TimeSeries
  /** Steps of its strongest cycle; 1: none. MASE is scaled by the seasonal naive forecast of this period. */
  readonly period: number
  /** Whether it is near a random walk, as prices are: then changes of the logarithm are forecast. */
  readonly walk: boolean
  readonly unit: string
  readonly source: string
  readonly repairs: readonly string[]
  /** What of the calendar is given to the models. */
  readonly calendar: CalendarOptions
  /** A series of the same kind, to learn from and forecast this one. */
  readonly sibling?: TimeSeries
}

export const appFolder = join(import.meta.dirname, '..')
const installCommand = 'npx -y pnpm@12.21.0 --filter @ostinato-apps/forecasting data'
const from = join(appFolder, 'data')

/** Fewer rows of a file leave too little to learn from. */
const leastRows = 120

/** More than this is not read. */
const largestFile = 256 * 2 ** 20

/** @throws CommandError when the data is not installed, or the file is not to be used */
export async function loadSeries({ series, csv }: Pick<RunSettings, 'series' | 'csv'>): Promise<LoadedSeries> {
  try {
    switch (series) {
      case 'births': {
        const { series: births, source } = await loadUsBirths({ from })
        const calendar = { weekday: true, yearly: 4, trendSince: 2007, usHolidays: { around: 2 } }
        const unit = 'births a day'
        return {
          series: births.withKnown(calendarFeatures(calendar)),
          calendar,
          period: 7,
          walk: false,
          unit,
          source: `${source.name}, ${source.authority} (${source.package})`,
          repairs: [],
        }
      }
      case 'sp500':
        return index(await loadSp500({ from }), await loadNasdaq100({ from }))
      case 'nasdaq':
        return index(await loadNasdaq100({ from }), await loadSp500({ from }))
      case 'csv':
        if (csv === null) throw new CommandError('expected a file for --series csv: give --csv file.csv')
        return await loadCsv(csv)
    }
  } catch (cause) {
    if (!(cause instanceof DatasetError)) throw cause
    const missing = cause.faults.some((fault) => fault.startsWith('expected the package'))
    throw new CommandError(missing ? `the app's data is not installed: run ${installCommand}` : cause.message, {
      cause,
    })
  }
}

type LoadedIndex = Awaited<ReturnType<typeof loadSp500>>

/** Prices, without covariates: what the exchange's day said is in the price. */
const prices = ({ series: { name, times, values } }: LoadedIndex) => new TimeSeries({ name, times, values })

function index(loaded: LoadedIndex, sibling: LoadedIndex): LoadedSeries {
  const { source } = loaded
  return {
    series: prices(loaded),
    sibling: prices(sibling),
    calendar: {},
    period: 1,
    walk: true,
    unit: 'index points',
    source: `${source.name} (${source.package})`,
    repairs: [],
  }
}

async function loadCsv({ file, date, target, features }: CsvSettings): Promise<LoadedSeries> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new CommandError(`there is no file ${file}`, { cause })
  })
  if (size > largestFile)
    throw new CommandError(`${file} is too large: expected at most 256 MB, got ${Math.round(size / 2 ** 20)} MB`)
  const { series, repairs } = readCsvSeries(await readFile(file, 'utf8'), {
    date,
    target,
    features,
    minimumRows: leastRows,
  })
  const { period, calendar } = rhythmOf(series)
  const walk = isWalk(series, period)
  return {
    series: series.withKnown(calendarFeatures(calendar)),
    calendar,
    period,
    walk,
    unit: target,
    source: file,
    repairs,
  }
}

const day = 24 * 60 * 60 * 1000

/** A day's rhythm is the week, an hour's the day, a month's the year; without weekends and beyond there is none. */
function rhythmOf({ times }: TimeSeries): { period: number; calendar: CalendarOptions } {
  const steps = Array.from(times.subarray(1), (time, i) => time - times[i]).sort((a, b) => a - b)
  const step = steps[Math.floor(steps.length / 2)]
  const weekends = times.some((time) => [0, 6].includes(new Date(time).getUTCDay()))
  if (step < day) return { period: Math.max(1, Math.round(day / step)), calendar: { weekday: true, daily: 3 } }
  if (step === day) return { period: weekends ? 7 : 1, calendar: weekends ? { weekday: true, yearly: 3 } : {} }
  if (step >= 28 * day && step <= 31 * day) return { period: 12, calendar: { yearly: 3 } }
  return { period: 1, calendar: step === 7 * day ? { yearly: 3 } : {} }
}

/** Above 0 throughout, and better told by the last value than by the mean of the last 20, in the first half. */
function isWalk({ values }: TimeSeries, period: number): boolean {
  if (period !== 1 || values.some((value) => !(value > 0))) return false
  let [last, mean] = [0, 0]
  for (let t = 20; t < values.length / 2; t++) {
    last += Math.abs(values[t] - values[t - 1])
    mean += Math.abs(values[t] - values.subarray(t - 20, t).reduce((a, b) => a + b, 0) / 20)
  }
  return last < mean
}
