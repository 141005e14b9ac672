// What a run is made with. Saved beside its checkpoint, so that a resumed run goes on with the same.
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
  checkpoint: 'checkpoint.safetensors',
  settings: 'settings.json',
  model: 'model.safetensors',
  report: 'report.html',
} as const
