// The report of a backtest: who won, every model beside the baselines, forecasts as they were made, errors step by
// step.
import type { Interval, JudgedCase, Spread } from '@ostinato/forecasting'
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
import { dayOf } from './days.ts'
import { bestBaseline, bestNetwork, byMase, coverageBetween, type JudgedModel } from './judge.ts'
import { formatShare } from './output.ts'
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
        value: shown.scores.mase.mean.toFixed(3),
        note: `± ${shown.scores.mase.deviation.toFixed(3)} over folds`,
      },
      ...(baseline && baseline !== shown
        ? [{ label: `MASE of ${baseline.name}`, value: baseline.scores.mase.mean.toFixed(3), note: 'the best baseline' }]
        : []),
      {
        label: '80 % intervals cover',
        value: formatShare(shown.scores.conformalCoverage80),
        note: `${formatShare(shown.scores.conformalCoverage95)} of 95 %`,
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
      ...crises(models, settings, loaded),
      {
        title: 'Forecasts as they were made',
        text: `By ${shown.name}: the middle and the worst of each fold, with their intervals of 80 and 95 %.`,
        figures: fanFigures(shown, loaded),
      },
      { title: 'Where the errors are', figures: [stepErrors(models), residuals(shown, loaded), residualDistribution(shown)] },
      { title: 'Fold by fold', table: foldTable(models, settings) },
    ],
    footer: `${warning} ${loaded.source}. ${loaded.series.length} steps from ${dayOf(loaded.series.times[0])} to ${dayOf(loaded.series.times[loaded.series.length - 1])}. Seed ${settings.seed}.${loaded.repairs.length > 0 ? ` Repaired: ${loaded.repairs.join('; ')}.` : ''}`,
  })
}

const tableText = ({ period, unit }: LoadedSeries) =>
  `Every model was fitted anew for each fold to what lay before, and judged on the same forecasts. MASE is the absolute error over that of the ${period > 1 ? `naive forecast of ${period} steps before` : 'last value'} within the training part: smaller is better. Errors are in ${unit}; ± is the spread over folds.`

const maseBars = (models: readonly JudgedModel[]): Figure => ({
  svg: barChart(
    byMase(models).map(({ name, scores, baseline }) => ({ name, value: scores.mase.mean, highlight: !baseline })),
    { title: 'MASE of each model', x: 'MASE', format: (value: number) => value.toFixed(3) },
  ),
  caption: 'Scaled errors, smaller is better; the recurrent networks are coloured',
})

function modelTable(models: readonly JudgedModel[]) {
  const rows = byMase(models)
  return {
    columns: ['', 'MASE', '±', 'MAE', 'RMSE', 'MAPE', 'sMAPE', 'direction', 'pinball', 'CRPS', 'seconds'],
    rows: rows.map(({ name, scores, baseline, seconds }) => [
      baseline ? `${name} (baseline)` : name,
      scores.mase.mean.toFixed(3),
      scores.mase.deviation.toFixed(3),
      figure(scores.mae),
      figure(scores.rmse),
      `${scores.mape.mean.toFixed(2)} %`,
      `${scores.smape.mean.toFixed(2)} %`,
      formatShare(scores.directionalAccuracy),
      figure(scores.pinball),
      figure(scores.crps),
      seconds.toFixed(1),
    ]),
    highlight: rows.findIndex(({ baseline }) => !baseline),
  }
}

const figure = (score: Spread | undefined) => (score && Number.isFinite(score.mean) ? score.mean.toPrecision(4) : '–')

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
    rows: byMase(models).map(({ name, scores, test }) => [
      name,
      formatShare(scores.conformalCoverage80),
      figure(scores.conformalWidth80),
      formatShare(scores.conformalCoverage95),
      figure(scores.conformalWidth95),
      formatShare(scores.splitCoverage80),
      formatShare(scores.splitCoverage95),
      formatShare(scores.coverage80),
      formatShare(scores.coverage95),
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

function crises(
  models: readonly JudgedModel[],
  { series }: RunSettings,
  { series: { times } }: LoadedSeries,
): Section[] {
  if (series !== 'sp500' && series !== 'nasdaq') return []
  const spans = crisisSpans.filter((span) => coverageBetween(models[0], { times, ...span }).count > 0)
  if (spans.length === 0) return []
  return [
    {
      title: 'In the crises',
      text: 'What the adapted intervals of 80 and 95 % covered from December 2007 to June 2009, and in 2020 as far as the data goes.',
      table: {
        columns: ['', ...spans.flatMap(({ name }) => [`${name}, 80 %`, `${name}, 95 %`])],
        rows: byMase(models).map((model) => [
          model.name,
          ...spans.flatMap((span) => {
            const { coverage80, coverage95 } = coverageBetween(model, { times, ...span })
            return [formatPercent(coverage80), formatPercent(coverage95)]
          }),
        ]),
      },
    },
  ]
}

/** Of each fold: its middle case, and the one with the largest error. */
function fanFigures(model: JudgedModel, loaded: LoadedSeries): Figure[] {
  const folds = [...new Set(model.cases.map(({ fold }) => fold))]
  return folds.flatMap((fold) => {
    const cases = model.cases.filter((one) => one.fold === fold)
    const error = ({ actual, forecast }: JudgedCase) =>
      actual.reduce((sum, value, h) => sum + Math.abs(value - forecast.mean[h]), 0)
    const worst = cases.reduce((a, b) => (error(b) > error(a) ? b : a))
    const chosen = [
      { one: cases[Math.floor(cases.length / 2)], what: 'the middle' },
      { one: worst, what: 'the worst' },
    ]
    return chosen.map(({ one, what }) => ({
      svg: fan(one, loaded),
      caption: `Fold ${fold}, ${what}: from ${dayOf(loaded.series.times[one.origin])}`,
    }))
  })
}

function fan({ origin, history, actual, forecast, conformal }: JudgedCase, { series, unit }: LoadedSeries): string {
  const start = Math.max(0, origin - 2 * Math.max(10, actual.length))
  const times = series.times.subarray(origin, origin + actual.length)
  const band = ({ lower, upper }: Interval) =>
    Array.from(times, (x, h) => ({ x, lower: lower[h], upper: upper[h] }))
  const line = (values: Float64Array, at: Float64Array) => Array.from(values, (y, i) => ({ x: at[i], y }))
  return fanChart(
    {
      actual: [...line(history.values.subarray(start), series.times.subarray(start, origin)), ...line(actual, times)],
      fans: [
        {
          median: line(forecast.mean, times),
          bands: ([95, 80] as const).flatMap((level) => {
            const interval = conformal?.[level]
            return interval === undefined ? [] : [{ name: `${level} %`, points: band(interval) }]
          }),
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
      .map(({ name, errorBySteps }) => ({
        name,
        points: Array.from(errorBySteps, (y, h) => ({ x: h + 1, y })),
        dots: errorBySteps.length < 12,
      })),
    { title: 'Error by step ahead', x: 'steps ahead', y: 'scaled absolute error' },
  ),
  caption: 'How the error grows with the horizon, for the six best models',
})

/** The mean error of each case over time. */
const residuals = ({ name, cases }: JudgedModel, { series: { times } }: LoadedSeries): Figure => ({
  svg: lineChart(
    [
      {
        name,
        points: cases.map(({ origin, actual, forecast }) => ({
          x: times[origin],
          y: actual.reduce((sum, value, h) => sum + value - forecast.mean[h], 0) / actual.length,
        })),
      },
    ],
    { title: 'Mean residual of each forecast', x: 'from', y: 'actual − forecast', axis: 'date' },
  ),
  caption: 'Residuals over time: a drift would show here',
})

const residualDistribution = ({ name, cases }: JudgedModel): Figure => ({
  svg: histogram(
    cases.flatMap(({ actual, forecast }) => Array.from(actual, (value, h) => value - forecast.mean[h])),
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

