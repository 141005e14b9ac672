// What a run is made with. Saved beside its forecasts, so that a resumed run goes on with the same.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The series that the app knows, and the user's own. */
export const seriesNames = ['births', 'sp500', 'nasdaq', 'csv'] as const
export type SeriesName = (typeof seriesNames)[number]

/** The user's file and its columns. */
export interface CsvSettings {
  readonly file: string
  readonly date: string
  readonly target: string
  readonly features: readonly string[]
}

/** Everything that decides a run's outcome. */
export interface RunSettings {
  readonly series: SeriesName
  readonly csv: CsvSettings | null
  readonly horizon: number
  readonly models: readonly string[]
  /** Fittings that are judged; one more comes before them, whose errors calibrate the first intervals. */
  readonly folds: number
  /** Steps that each fitting forecasts. */
  readonly foldLength: number
  /** Steps from one forecast to the next. */
  readonly stride: number
  /** Few and short fittings, for a first look. */
  readonly quick: boolean
  readonly seed: number
}

/** How each series is walked through unless told otherwise. */
export const walks: Readonly<Record<SeriesName, Pick<RunSettings, 'horizon' | 'folds' | 'foldLength' | 'stride'>>> = {
  births: { horizon: 28, folds: 3, foldLength: 364, stride: 7 },
  // The crises of 2008 and 2020 lie in what is judged.
  sp500: { horizon: 5, folds: 7, foldLength: 468, stride: 1 },
  // From 2006 on: its sibling, from which a model is transferred, begins in 2000.
  nasdaq: { horizon: 5, folds: 3, foldLength: 468, stride: 1 },
  csv: { horizon: 5, folds: 3, foldLength: 0, stride: 5 },
}

/** The files of a run in its folder. */
export const files = {
  settings: 'settings.json',
  forecasts: 'forecasts.json',
  model: 'model.safetensors',
  summary: 'summary.json',
  report: 'report.html',
} as const

/** The settings that the run in `folder` was made with; undefined when there is none. */
export async function readSettings(folder: string): Promise<RunSettings | undefined> {
  const text = await readFile(join(folder, files.settings), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as RunSettings)
}
