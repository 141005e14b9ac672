// What a run is made with. Saved beside its checkpoint, so that a resumed run goes on with the same.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { augmentDefaults, type AugmentSettings } from './data-augment.ts'
import type { Vendor } from './data-drawings.ts'
import type { Language } from './data-names.ts'
import type { CaptioningConfig, SearchOptions } from './model.ts'

/** What the test asks for: a vendor never seen, or nouns with a skin tone never seen together. */
export type HoldOut = Vendor | 'tones'

/** Everything that decides a run's outcome. */
export interface RunSettings {
  readonly holdOut: HoldOut
  readonly language: Language
  readonly seed: number
  readonly epochs: number
  /** Only so many emoji, evenly chosen; null: all. */
  readonly limit: number | null
  readonly batchSize: number
  readonly learningRate: number
  readonly weightDecay: number
  readonly labelSmoothing: number
  /** Skin tones of an emoji in each epoch. */
  readonly tones: number
  readonly search: SearchOptions
  readonly augment: AugmentSettings
  readonly model: Omit<CaptioningConfig, 'vocabularySize'>
}

export const defaults: RunSettings = {
  holdOut: 'noto',
  language: 'en',
  seed: 1,
  epochs: 24,
  limit: null,
  batchSize: 64,
  learningRate: 2e-3,
  weightDecay: 0.02,
  labelSmoothing: 0.05,
  tones: 2,
  // More words than any name has.
  search: { width: 4, lengthPenalty: 0.6, maxLength: 24 },
  augment: augmentDefaults,
  model: {
    size: 32,
    width: 24,
    vectorSize: 256,
    dropout: 0.1,
    decoder: 'merge',
    cell: 'gru',
    embeddingSize: 96,
    hiddenSize: 192,
  },
}

/** A small model on fewer tones, for a first look. */
export const quick: RunSettings = {
  ...defaults,
  epochs: 8,
  model: { ...defaults.model, width: 12, vectorSize: 192, embeddingSize: 64, hiddenSize: 96 },
}

/** The files of a run in its folder. */
export const files = {
  settings: 'settings.json',
  checkpoint: 'checkpoint.safetensors',
  log: 'log.json',
  model: 'model.safetensors',
  summary: 'summary.json',
  report: 'report.html',
} as const

/** The settings that the run in `folder` was made with; undefined when there is none. */
export async function readSettings(folder: string): Promise<RunSettings | undefined> {
  const text = await readFile(join(folder, files.settings), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as RunSettings)
}
