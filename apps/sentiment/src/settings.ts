// What a run is made with. Saved beside its checkpoint, so that a resumed run goes on with the same.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SentimentConfig } from './model.ts'

/** Everything that decides a run's outcome. */
export interface RunSettings {
  readonly seed: number
  readonly epochs: number
  readonly limit: number | null
  readonly batchSize: number
  readonly learningRate: number
  readonly model: SentimentConfig
}

export const defaults = {
  seed: 1,
  epochs: 3,
  batchSize: 64,
  learningRate: 4e-3,
  model: { vocabularySize: 20_000, embeddingSize: 64, hiddenSize: 48, dropout: 0.5, maximumLength: 256 },
} as const

/** The files of a run in its folder. */
export const files = {
  settings: 'settings.json',
  checkpoint: 'checkpoint.safetensors',
  log: 'log.json',
  model: 'model.safetensors',
  summary: 'summary.json',
  report: 'report.html',
} as const

/** The line that `--json` prints, also kept in the run's folder. */
export interface RunSummary {
  readonly app: 'sentiment'
  readonly accuracy: number
  readonly baselines: { readonly majority: number; readonly linear: number }
  readonly seconds: number
  readonly seed: number
}

/** The settings that the run in `folder` was made with; undefined when there is none. */
export async function readSettings(folder: string): Promise<RunSettings | undefined> {
  const text = await readFile(join(folder, files.settings), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as RunSettings)
}

/** The summary of the finished run in `folder`; undefined when there is none. */
export async function readSummary(folder: string): Promise<RunSummary | undefined> {
  const text = await readFile(join(folder, files.summary), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as RunSummary)
}
