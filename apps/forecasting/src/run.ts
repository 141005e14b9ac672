// The walk-forward backtest: each model is fitted to each fold's training part and forecasts its cases. What is done is
// kept after each fitting, so that an interrupted run goes on where it stood and ends with the same forecasts. Scores
// are in judge.ts.
import { readFile } from 'node:fs/promises'
import { walkForward, type Fold, type TimeSeries } from '@ostinato/datasets/series'
import type { FitOptions, Forecast, MadeForecasts } from '@ostinato/forecasting'
import { writeWhole } from '@ostinato/train/node'
import { CommandError } from './errors.ts'
import { createForecaster, lessonsFor, type ModelContext, type ModelName } from './models.ts'
import type { RunSettings } from './settings.ts'

/** The levels of all quantiles: the median and the bounds of 50, 80 and 95 %. */
export const levels: readonly number[] = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]

/** What a model forecast. */
export interface ModelForecasts extends MadeForecasts {
  readonly name: ModelName
  /** Of fitting and forecasting. */
  readonly seconds: number
}

/** How a run tells what it does, and how it is stopped. */
export interface RunOptions {
  readonly path: string
  readonly resume: boolean
  readonly signal: AbortSignal
  readonly say: (line: string) => void
  readonly watch: NonNullable<FitOptions['watch']>
}

/** The folds of a run; the first is for calibration alone. */
export function foldsOf(series: TimeSeries, { horizon, folds, foldLength, stride }: RunSettings): Fold[] {
  return walkForward(series, { horizon, folds: folds + 1, foldLength, stride })
}

/**
 * Fits and forecasts.
 * @returns undefined when it was interrupted: what was done is kept
 */
export async function runModels(
  folds: readonly Fold[],
  context: ModelContext,
  { path, resume, signal, say, watch }: RunOptions,
): Promise<ModelForecasts[] | undefined> {
  const {
    settings: { models, horizon },
  } = context
  const done = resume ? await readDone(path) : {}
  const results: ModelForecasts[] = []
  for (const model of models as readonly ModelName[]) {
    for (const { index, train, cases } of folds) {
      const key = `${model} ${index}`
      if (done[key] !== undefined) continue
      if (signal.aborted) return undefined
      const started = performance.now()
      const lessons = lessonsFor(model, train.series, context.loaded)
      say(
        `${model}: fold ${index + 1} of ${folds.length}, ${lessons.length} steps to learn from, ${cases.length} forecasts`,
      )
      try {
        const fitted = await createForecaster(model, context).fit([lessons], { horizon, levels, signal, watch })
        const forecasts = fitted.predict(
          cases.map(({ history }) => history),
          horizon,
        )
        done[key] = { forecasts: forecasts.map(toPlain), seconds: (performance.now() - started) / 1000 }
      } catch (error) {
        if (signal.aborted) return undefined
        // What the packages refuse is too short or not fit for a model: they say which.
        if (error instanceof RangeError)
          throw new CommandError(`${model} cannot be fitted: ${error.message}`, { cause: error })
        throw error
      }
      await writeWhole(path, JSON.stringify(done))
      // Ctrl-C is heard between two tasks only if one is begun.
      await new Promise((resolve) => setImmediate(resolve))
    }
    const parts = folds.map(({ index }) => done[`${model} ${index}`])
    results.push({
      name: model,
      folds: parts.map(({ forecasts }) => ({ forecasts: forecasts.map(toForecast) })),
      seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
    })
  }
  return results
}

interface PlainForecast {
  readonly mean: readonly number[]
  readonly levels?: readonly number[]
  readonly values?: readonly (readonly number[])[]
}

interface Done {
  readonly forecasts: readonly PlainForecast[]
  readonly seconds: number
}

const toPlain = ({ mean, quantiles }: Forecast): PlainForecast => ({
  mean: [...mean],
  ...(quantiles && { levels: quantiles.levels, values: quantiles.values.map((list) => [...list]) }),
})

function toForecast({ mean, levels: own, values }: PlainForecast): Forecast {
  const point = Float64Array.from(mean)
  if (own === undefined || values === undefined) return { mean: point }
  return { mean: point, quantiles: { levels: [...own], values: values.map((list) => Float64Array.from(list)) } }
}

async function readDone(path: string): Promise<Record<string, Done>> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return {}
  try {
    return JSON.parse(text) as Record<string, Done>
  } catch (cause) {
    throw new CommandError(`${path} is torn: start anew without --resume`, { cause })
  }
}
