// The model that a run ends with, fitted to everything, in one file: weights, what it is made with, and the end of
// the series, so that it can go on from there.
import { readFile } from 'node:fs/promises'
import { allForTraining, calendarFeatures, TimeSeries } from '@ostinato/datasets/series'
import type { FittedForecaster, FittedNetwork } from '@ostinato/forecasting'
import { decodeSafetensors, encodeSafetensors } from '@ostinato/safetensors'
import { tensor, type Tensor } from '@ostinato/tensor'
import { writeWhole } from '@ostinato/train/node'
import type { LoadedSeries } from './data.ts'
import { CommandError } from './errors.ts'
import { createForecaster, createNetwork, isNetwork, type ModelName } from './models.ts'
import { levels } from './run.ts'
import type { RunSettings } from './settings.ts'

/** What the file holds beside the weights. */
interface Metadata {
  readonly model: ModelName
  readonly settings: RunSettings
  /** The steps ahead that it was fitted for: at least those that were judged. */
  readonly horizon: number
  readonly loaded: Pick<LoadedSeries, 'period' | 'walk' | 'unit' | 'source' | 'calendar'>
  readonly name: string
}

const format = 'ostinato-forecasting-1'

/** A model with the series that it goes on from. */
export interface SavedModel extends Metadata {
  readonly fitted: FittedForecaster
  /** Without covariates known ahead: `predictable` adds them. */
  readonly history: TimeSeries
}

/** Writes the model whole or not at all. A baseline has no weights: it is fitted again when it is read. */
export async function saveModel(
  path: string,
  {
    fitted,
    model,
    settings,
    horizon,
    loaded,
  }: Pick<Metadata, 'model' | 'settings' | 'horizon'> & {
    readonly loaded: LoadedSeries
    readonly fitted: FittedForecaster
  },
): Promise<void> {
  const { series, period, walk, unit, source, calendar } = loaded
  const numbers = (list: Float64Array) => tensor(list, { shape: [list.length], dtype: 'float64' })
  const tensors = new Map<string, Tensor>([
    ['history.times', numbers(series.times)],
    ['history.values', numbers(series.values)],
    ...series.observed.map((list, i) => [`history.observed.${i}`, numbers(list)] as const),
    ...(isNetwork(model) ? (fitted as FittedNetwork).state() : []),
  ])
  const metadata: Metadata = {
    model,
    settings,
    horizon,
    loaded: { period, walk, unit, source, calendar },
    name: series.name,
  }
  await writeWhole(path, encodeSafetensors(tensors, { format, metadata: JSON.stringify(metadata) }))
}

/** @throws CommandError when there is no model, or the file holds none */
export async function loadModel(path: string): Promise<SavedModel> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CommandError(`there is no trained model at ${path}: train one first with 'pnpm forecasting'`, { cause })
  })
  try {
    const { tensors, metadata: texts } = decodeSafetensors(bytes)
    if (texts['format'] !== format) throw new Error(`expected the format ${format}, got ${texts['format'] ?? 'none'}`)
    const metadata = JSON.parse(texts['metadata'] ?? '') as Metadata
    const state = new Map(tensors as Map<string, Tensor>)
    const take = (key: string) => {
      const found = state.get(key)
      state.delete(key)
      if (found === undefined) throw new Error(`expected '${key}', got none`)
      return Float64Array.from(found.data)
    }
    const [times, values] = [take('history.times'), take('history.values')]
    const observed: Record<string, Float64Array> = {}
    for (let i = 0; state.has(`history.observed.${i}`); i++) observed[String(i)] = take(`history.observed.${i}`)
    const history = new TimeSeries({ name: metadata.name, times, values, observed })
    const { model, horizon, loaded } = metadata
    const options = { horizon, levels }
    const fitted = isNetwork(model)
      ? createNetwork(model, metadata).restore(state, options)
      : await createForecaster(model, metadata).fit([allForTraining(withCalendar(history, loaded)).series], options)
    return { ...metadata, fitted, history }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(`${path} is not a model of this app: ${reason}`, { cause })
  }
}

/** The series with `horizon` times more, and the calendar of all. */
export function predictable({ history, loaded }: SavedModel, horizon: number): TimeSeries {
  return withCalendar(history.extend(horizon), loaded)
}

const withCalendar = (series: TimeSeries, { calendar }: Pick<LoadedSeries, 'calendar'>) =>
  series.withKnown(calendarFeatures(calendar))
