// The report of a backtest: who won, every model beside the baselines, forecasts as they were made, errors step by
// step.
import type { Interval } from '@ostinato/forecasting'
import {
  barChart,
  fanChart,
  formatDuration,
  formatPercent,
  histogram,
  htmlPage,
  lineChart,
  type Figure,
  type Section,
} from '@ostinato/report'
import type { LoadedSeries } from './data.ts'
import { bestBaseline, bestNetwork, coverageBetween, type JudgedCase, type JudgedModel } from './judge.ts'
import type { RunSettings } from './settings.ts'
import { verdict, warning } from './verdict.ts'

/** A finished backtest. */
export interface RunResult {
  readonly settings: RunSettings
  readonly loaded: LoadedSeries
  readonly models: readonly JudgedModel[]
  readonly seconds: number
}

/** The report as an HTML document. */
export function runReport({ settings, loaded, models, seconds }: RunResult): string {
  const shown = bestNetwork(models) ?? models[0]
  const baseline = bestBaseline(models)
  return htmlPage({
    title: `Forecasting ${loaded.series.name}`,
    summary: `${verdict(models, { ...loaded, ...settings })} ${warning}`,
    keyFigures: [
      {
        label: `MASE of ${shown.name}`,
        value: shown.mean.mase.toFixed(3),
        note: `± ${shown.spread.mase.toFixed(3)} over folds`,
      },
      ...(baseline && baseline !== shown
        ? [{ label: `MASE of ${baseline.name}`, value: baseline.mean.mase.toFixed(3), note: 'the best baseline' }]
        : []),
      {
        label: '80 % intervals cover',
        value: formatPercent(shown.mean.coverage80),
        note: `${formatPercent(shown.mean.coverage95)} of 95 %`,
      },
      { label: 'Time', value: formatDuration(seconds) },
    ],
    sections: [
      { title: 'All models', text: tableText(loaded), figures: [maseBars(models)], table: modelTable(models) },
      {
        title: 'Intervals and tests',
        text: 'Coverage of the intervals of 80 and 95 %: adapted as outcomes come in, plain split-conformal, and the quantiles of the model itself. The test is of equal absolute errors, against the best baseline.',
        table: intervalTable(models),
      },
      ...crises(models, settings),
      {
        title: 'Forecasts as they were made',
        text: `By ${shown.name}: the middle and the worst of each fold, with their intervals of 80 and 95 %.`,
        figures: fanFigures(shown, loaded),
      },
      { title: 'Where the errors are', figures: [stepErrors(models), residuals(shown), residualDistribution(shown)] },
      { title: 'Fold by fold', table: foldTable(models, settings) },
    ],
    footer: `${warning} ${loaded.source}. ${loaded.series.length} steps from ${dayOf(loaded.series.times[0])} to ${dayOf(loaded.series.times[loaded.series.length - 1])}. Seed ${settings.seed}.${loaded.repairs.length > 0 ? ` Repaired: ${loaded.repairs.join('; ')}.` : ''}`,
  })
}

const tableText = ({ period, unit }: LoadedSeries) =>
  `Every model was fitted anew for each fold to what lay before, and judged on the same forecasts. MASE is the absolute error over that of the ${period > 1 ? `naive forecast of ${period} steps before` : 'last value'} within the training part: smaller is better. Errors are in ${unit}; ± is the spread over folds.`

const byMase = (models: readonly JudgedModel[]) => models.toSorted((a, b) => a.mean.mase - b.mean.mase)

const maseBars = (models: readonly JudgedModel[]): Figure => ({
  svg: barChart(
    byMase(models).map(({ name, mean, baseline }) => ({ name, value: mean.mase, highlight: !baseline })),
    { title: 'MASE of each model', x: 'MASE', format: (value: number) => value.toFixed(3) },
  ),
  caption: 'Scaled errors, smaller is better; the recurrent networks are coloured',
})

function modelTable(models: readonly JudgedModel[]) {
  const rows = byMase(models)
  const figure = (value: number) => (Number.isFinite(value) ? value.toPrecision(4) : '–')
  return {
    columns: ['', 'MASE', '±', 'MAE', 'RMSE', 'MAPE', 'sMAPE', 'direction', 'pinball', 'CRPS', 'seconds'],
    rows: rows.map(({ name, mean, spread, baseline, seconds }) => [
      baseline ? `${name} (baseline)` : name,
      mean.mase.toFixed(3),
      spread.mase.toFixed(3),
      figure(mean.mae),
      figure(mean.rmse),
      `${mean.mape.toFixed(2)} %`,
      `${mean.smape.toFixed(2)} %`,
      formatPercent(mean.direction),
      figure(mean.pinball),
      figure(mean.crps),
      seconds.toFixed(1),
    ]),
    highlight: rows.findIndex(({ baseline }) => !baseline),
  }
}

const percent = (value: number) => (Number.isFinite(value) ? formatPercent(value) : '–')

function intervalTable(models: readonly JudgedModel[]) {
  return {
    columns: [
      '',
      '80 % adapted',
      'width',
      '95 % adapted',
      'width',
      '80 % split',
      '95 % split',
      '80 % own',
      '95 % own',
      'difference',
      'p',
    ],
    rows: byMase(models).map(({ name, mean, test }) => [
      name,
      percent(mean.coverage80),
      mean.width80.toPrecision(4),
      percent(mean.coverage95),
      mean.width95.toPrecision(4),
      percent(mean.split80),
      percent(mean.split95),
      percent(mean.own80),
      percent(mean.own95),
      test === undefined ? '–' : test.difference.toPrecision(3),
      test === undefined ? 'best baseline' : test.pValue < 0.001 ? '< 0.001' : test.pValue.toFixed(3),
    ]),
  }
}

/** Times in which prices moved as hardly ever: the recession of 2007 to 2009 (NBER), and 2020. */
const crisisSpans = [
  { name: '2008', from: '2007-12-01', to: '2009-06-30' },
  { name: '2020', from: '2020-01-01', to: '2020-12-31' },
] as const

function crises(models: readonly JudgedModel[], { series }: RunSettings): Section[] {
  if (series !== 'sp500' && series !== 'nasdaq') return []
  const spans = crisisSpans.filter(({ from, to }) => coverageBetween(models[0], from, to).count > 0)
  if (spans.length === 0) return []
  return [
    {
      title: 'In the crises',
      text: 'What the adapted intervals of 80 and 95 % covered from December 2007 to June 2009, and in 2020 as far as the data goes.',
      table: {
        columns: ['', ...spans.flatMap(({ name }) => [`${name}, 80 %`, `${name}, 95 %`])],
        rows: byMase(models).map((model) => [
          model.name,
          ...spans.flatMap(({ from, to }) => {
            const { coverage80, coverage95 } = coverageBetween(model, from, to)
            return [percent(coverage80), percent(coverage95)]
          }),
        ]),
      },
    },
  ]
}

/** Of each fold: its middle case, and the one with the largest error. */
function fanFigures(model: JudgedModel, { unit }: LoadedSeries): Figure[] {
  const folds = [...new Set(model.cases.map(({ fold }) => fold))]
  return folds.flatMap((fold) => {
    const cases = model.cases.filter((one) => one.fold === fold)
    const error = ({ case: { actual }, forecast }: JudgedCase) =>
      actual.reduce((sum, value, h) => sum + Math.abs(value - forecast.mean[h]), 0)
    const worst = cases.reduce((a, b) => (error(b) > error(a) ? b : a))
    const chosen = [
      { one: cases[Math.floor(cases.length / 2)], what: 'the middle' },
      { one: worst, what: 'the worst' },
    ]
    return chosen.map(({ one, what }) => ({
      svg: fan(one, unit),
      caption: `Fold ${fold}, ${what}: from ${dayOf(one.case.times[0])}`,
    }))
  })
}

function fan(judged: JudgedCase, unit: string): string {
  const { case: { history, actual, times }, forecast: { mean }, interval80, interval95 } = judged
  const start = Math.max(0, history.length - 2 * Math.max(10, actual.length))
  const band = ({ lower, upper }: Interval) =>
    Array.from(times, (x, h) => ({ x, lower: lower[h], upper: upper[h] }))
  const line = (values: Float64Array, at: Float64Array) => Array.from(values, (y, i) => ({ x: at[i], y }))
  return fanChart(
    {
      actual: [...line(history.values.subarray(start), history.times.subarray(start)), ...line(actual, times)],
      fans: [
        {
          median: line(mean, times),
          bands: [
            { name: '95 %', points: band(interval95) },
            { name: '80 %', points: band(interval80) },
          ],
        },
      ],
    },
    { title: 'A forecast and what came true', x: 'day', y: unit, axis: 'date' },
  )
}

const stepErrors = (models: readonly JudgedModel[]): Figure => ({
  svg: lineChart(
    byMase(models)
      .slice(0, 6)
      .map(({ name, byStep }) => ({
        name,
        points: byStep.map((y, h) => ({ x: h + 1, y })),
        dots: byStep.length < 12,
      })),
    { title: 'Error by step ahead', x: 'steps ahead', y: 'scaled absolute error' },
  ),
  caption: 'How the error grows with the horizon, for the six best models',
})

/** The mean error of each case over time. */
const residuals = ({ name, cases }: JudgedModel): Figure => ({
  svg: lineChart(
    [
      {
        name,
        points: cases.map(({ case: { actual, times }, forecast }) => ({
          x: yearOf(times[0]),
          y: actual.reduce((sum, value, h) => sum + value - forecast.mean[h], 0) / actual.length,
        })),
      },
    ],
    { title: 'Mean residual of each forecast', x: 'year', y: 'actual − forecast' },
  ),
  caption: 'Residuals over time: a drift would show here',
})

const residualDistribution = ({ name, cases }: JudgedModel): Figure => ({
  svg: histogram(
    cases.flatMap(({ case: { actual }, forecast }) => Array.from(actual, (value, h) => value - forecast.mean[h])),
    { title: `Residuals of ${name}`, x: 'actual − forecast', y: 'days' },
  ),
  caption: 'How residuals are spread: a bias would show as a middle beside 0',
})

function foldTable(models: readonly JudgedModel[], { folds }: RunSettings) {
  return {
    columns: ['MASE', ...Array.from({ length: folds }, (_, i) => `fold ${i + 1}`)],
    rows: byMase(models).map(({ name, folds: scores }) => [name, ...scores.map(({ mase }) => mase.toFixed(3))]),
  }
}

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)

const yearOf = (time: number) => 1970 + time / (365.25 * 24 * 60 * 60 * 1000)
