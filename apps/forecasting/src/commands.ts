// What the commands do, with options that have been read.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { allForTraining } from '@ostinato/datasets/series'
import { centralInterval, type FitOptions, type Forecast, type Interval } from '@ostinato/forecasting'
import { formatDuration } from '@ostinato/report'
import { showProgress, terminalChart } from '@ostinato/report/terminal'
import { interruptible, writeWhole } from '@ostinato/train/node'
import { loadSeries, type LoadedSeries } from './data.ts'
import { dayOf } from './days.ts'
import { CommandError, UsageError } from './errors.ts'
import { bestBaseline, bestNetwork, judgeModels, type JudgedModel } from './judge.ts'
import { createForecaster, defaultModels, lessonsFor, modelNames, type ModelName } from './models.ts'
import { print, printModels, say } from './output.ts'
import { foldsOf, levels, runModels } from './run.ts'
import { runReport } from './run-report.ts'
import { loadModel, predictable, saveModel } from './saved-model.ts'
import { files, readSettings, walks, type CsvSettings, type RunSettings, type SeriesName } from './settings.ts'
import { verdict, warning } from './verdict.ts'

interface CommonFlags {
  readonly folder: string
  readonly json: boolean
}

/** The options of a backtest; what is undefined stands at its default. */
export interface RunFlags extends CommonFlags {
  readonly series: SeriesName
  readonly csv: CsvSettings | null
  readonly horizon?: number
  readonly models?: readonly string[]
  readonly folds?: number
  readonly seed: number
  readonly quick: boolean
  readonly resume: boolean
}

/** The line that `--json` prints, also kept in the run's folder. */
export interface RunSummary {
  readonly app: 'forecasting'
  readonly series: SeriesName
  readonly horizon: number
  readonly models: Readonly<Record<string, { readonly mase: number; readonly coverage80: number | null }>>
}

/** Walks forward, judges, reports, and fits the best network once more to everything. */
export async function runBacktest(flags: RunFlags): Promise<void> {
  const started = performance.now()
  const { folder, resume, json } = flags
  const loaded = await loadSeries(flags)
  for (const repair of loaded.repairs) say(`repaired: ${repair}`)
  const settings = settingsOf(flags, loaded)
  const folds = foldsOf(loaded.series, settings)
  await mkdir(folder, { recursive: true })
  const path = (file: keyof typeof files) => join(folder, files[file])
  if (resume) await checkResume(folder, settings)
  else {
    // What is left of another run must not be taken for a part of this one.
    for (const file of Object.values(files)) await rm(join(folder, file), { force: true })
    await writeWhole(path('settings'), JSON.stringify(settings, null, 2))
  }
  say(
    `${loaded.source}: ${loaded.series.length} steps; ${settings.folds} folds of ${settings.foldLength}, ${settings.horizon} steps ahead`,
  )
  const context = { settings, loaded }
  const notice = () => {
    say('stopping: what is done is kept')
  }
  const watch: NonNullable<FitOptions['watch']> = (events) => showProgress(events)
  const finished = await interruptible(notice, async (signal) => {
    const forecasts = await runModels(folds, context, { path: path('forecasts'), resume, signal, say, watch })
    if (forecasts === undefined) return undefined
    const models = judgeModels(folds, forecasts, { horizon: settings.horizon, period: loaded.period })
    const saved = (bestNetwork(models) ?? bestBaseline(models))?.name
    if (saved !== undefined && !(await refit(saved, { ...context, path: path('model'), signal, watch })))
      return undefined
    return { models, saved }
  })
  if (finished === undefined) {
    say('interrupted: go on with the same command and --resume')
    process.exitCode = 130
    return
  }
  const { models, saved } = finished
  const seconds = (performance.now() - started) / 1000
  const summary = summaryOf(settings, models)
  await writeWhole(path('report'), runReport({ settings, loaded, models, seconds }))
  await writeWhole(path('summary'), JSON.stringify(summary))
  print(verdict(models, { ...loaded, ...settings }))
  printModels(models)
  printLastCase(bestNetwork(models) ?? models[0])
  print(`saved: ${saved ?? 'nothing'}, fitted to the whole series; try pnpm forecasting predict`)
  print(`took ${formatDuration(seconds)}; report: ${path('report')}`)
  print(warning)
  if (json) print(JSON.stringify(summary))
}

/** Forecasts what follows the series, with the saved model. */
export async function runPredict({
  folder,
  json,
  horizon,
}: CommonFlags & { readonly horizon?: number }): Promise<void> {
  const saved = await loadModel(join(folder, files.model))
  const { model, settings, loaded, history, fitted } = saved
  const steps = horizon ?? settings.horizon
  const series = predictable(saved, steps)
  let forecast
  try {
    forecast = fitted.predict([series], steps)[0]
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new CommandError(`${cause.message}: train with --horizon ${steps}, or with --models encoder-decoder`, {
      cause,
    })
  }
  const { mean, quantiles } = forecast
  const interval = quantiles === undefined ? { lower: mean, upper: mean } : centralInterval(quantiles, 0.8)
  const days = Array.from(series.times.subarray(history.length), (time) => dayOf(time))
  print(
    `${model} on ${history.name}, ${loaded.unit}, ${steps} steps after ${dayOf(history.times[history.length - 1])}:`,
  )
  print(chartOf(history.values, forecast, interval))
  days.forEach((date, h) => {
    const between =
      quantiles === undefined ? '' : `   80 %: ${interval.lower[h].toFixed(1)} to ${interval.upper[h].toFixed(1)}`
    print(`${date}  ${mean[h].toFixed(1)}${between}`)
  })
  print(warning)
  if (!json) return
  const rows = days.map((date, h) => ({
    date,
    mean: mean[h],
    ...(quantiles && { lower80: interval.lower[h], upper80: interval.upper[h] }),
  }))
  print(JSON.stringify({ app: 'forecasting', series: settings.series, model, horizon: steps, forecast: rows }))
}

/** The settings that the flags ask for, with what suits the series. */
function settingsOf(
  { series, csv, horizon, models, folds, seed, quick }: RunFlags,
  loaded: LoadedSeries,
): RunSettings {
  const walk = walks[series]
  const steps = horizon ?? walk.horizon
  const count = folds ?? (quick ? 1 : walk.folds)
  // A file of any length: half of it is walked through.
  const length = walk.foldLength || Math.floor(loaded.series.length / (2 * (count + 1)))
  const wanted = models ?? defaultModels(loaded)
  const unknown = wanted.filter((name) => !(modelNames as readonly string[]).includes(name))
  if (unknown.length > 0)
    throw new UsageError(`unknown models ${unknown.join(', ')}: expected some of ${modelNames.join(', ')}`)
  if (wanted.includes('gru-transfer') && loaded.sibling === undefined)
    throw new UsageError('gru-transfer needs a sibling to learn from: only sp500 and nasdaq have one')
  if (length < steps) {
    throw new CommandError(
      `the series is too short: ${count + 1} folds of at least ${steps} steps take half of it, expected ${2 * (count + 1) * steps} rows or more, got ${loaded.series.length}`,
    )
  }
  const stride = walk.foldLength === 0 ? steps : walk.stride
  return {
    series,
    csv,
    horizon: steps,
    models: [...new Set(wanted)],
    folds: count,
    foldLength: Math.max(length, steps),
    stride,
    quick,
    seed,
  }
}

/**
 * What is saved can forecast so many steps, if the series is not too short for it: `predict` may ask for more
 * than was judged.
 */
const leastSaved = 28

/** Fits a model to the whole series and saves it; false when it was interrupted. */
async function refit(
  model: ModelName,
  {
    settings,
    loaded,
    path,
    signal,
    watch,
  }: {
    readonly settings: RunSettings
    readonly loaded: LoadedSeries
    readonly path: string
    readonly signal: AbortSignal
    readonly watch: NonNullable<FitOptions['watch']>
  },
): Promise<boolean> {
  say(`${model}: once more, on the whole series`)
  try {
    const { series } = allForTraining(loaded.series)
    const horizon = Math.max(settings.horizon, series.length < 10 * leastSaved ? 1 : leastSaved)
    const fitted = await createForecaster(model, { settings, loaded }).fit([lessonsFor(model, series, loaded)], {
      horizon,
      levels,
      signal,
      watch,
    })
    await saveModel(path, { model, settings, loaded, fitted, horizon })
    return true
  } catch (error) {
    if (signal.aborted) return false
    throw error
  }
}

function summaryOf({ series, horizon }: RunSettings, models: readonly JudgedModel[]): RunSummary {
  const figures = models.map(({ name, scores: { mase, conformalCoverage80 } }) => [
    name,
    { mase: mase.mean, coverage80: conformalCoverage80?.mean ?? null },
  ] as const)
  return { app: 'forecasting', series, horizon, models: Object.fromEntries(figures) }
}

function printLastCase({ name, cases }: JudgedModel): void {
  const last = cases.at(-1)
  if (last === undefined) return
  print(`the last forecast of ${name} (●, with 80 %: ░) after what was known (·):`)
  print(chartOf(last.history.values, last.forecast, last.conformal?.[80]))
}

/** The end of what was known, and what follows. */
function chartOf(known: Float64Array, { mean }: Pick<Forecast, 'mean'>, interval: Interval | undefined): string {
  const past = known.subarray(-Math.max(12, 72 - mean.length))
  const after = (values: Float64Array) => [...past.map(() => NaN), ...values]
  const bands = interval && [{ lower: after(interval.lower), upper: after(interval.upper) }]
  return terminalChart([past, after(mean)], { height: 12, ...(bands && { bands }) })
}

/** Refuses to go on with a run that was made with other settings. */
async function checkResume(folder: string, settings: RunSettings): Promise<void> {
  const saved = await readSettings(folder)
  if (saved === undefined) throw new CommandError(`there is no run to resume in ${folder}: start one without --resume`)
  if (JSON.stringify(saved) !== JSON.stringify(settings)) {
    throw new CommandError(
      `the run in ${folder} was made with other settings (${files.settings}): give the same options, or start anew without --resume`,
    )
  }
}
