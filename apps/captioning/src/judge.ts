// How good a model's captions are, beside baselines that need no training, on pictures which nothing was fitted on.
import type { Dataset } from '@ostinato/datasets'
import { bleuScores, ciderScore, exactMatch, tokenF1 } from '@ostinato/train'
import type { Vocabulary } from '@ostinato/tokenizers'
import { mostFrequent, nearestNeighbours, pixelFeatures } from './baselines.ts'
import { encoderFeatures, observe, type Captioned } from './caption.ts'
import type { EmojiRow } from './data-emoji.ts'
import type { Captioner } from './model.ts'
import type { RunSettings } from './settings.ts'

/** How well captions agree with the true ones. */
export interface CaptionScores {
  /** The share of captions that are right to the word. */
  readonly exactMatch: number
  /** The mean over captions. */
  readonly tokenF1: number
  /** BLEU-1 to BLEU-4 of all captions together. */
  readonly bleu: readonly number[]
  readonly cider: number
}

/** The model's scores beside those of the baselines, and every caption. */
export interface Judgement {
  readonly scores: CaptionScores & { readonly crossEntropy: number }
  readonly baselines: Readonly<Record<'mostFrequent' | 'nearestPixels' | 'nearestFeatures', CaptionScores>>
  readonly captioned: readonly Captioned[]
  /** The share of test captions that stand in training too, word for word: all of them, where a vendor is held out. */
  readonly known: number
}

/** What the baselines are called. */
export const baselineNames: Readonly<Record<keyof Judgement['baselines'], string>> = {
  mostFrequent: 'most frequent caption',
  nearestPixels: 'nearest neighbour, pixels',
  nearestFeatures: 'nearest neighbour, features',
}

/** Judges the model on the test rows. */
export function judge(
  model: Captioner,
  { train, test }: { readonly train: Dataset<EmojiRow>; readonly test: Dataset<EmojiRow> },
  {
    settings,
    vocabulary,
    onProgress,
  }: {
    readonly settings: RunSettings
    readonly vocabulary: Vocabulary
    readonly onProgress: (what: string, done: number, total: number) => void
  },
): Judgement {
  const { captioned, crossEntropy, features } = observe(model, test, {
    vocabulary,
    search: settings.search,
    onProgress: (done, total) => {
      onProgress('captioning', done, total)
    },
  })
  const truth = Array.from(test, ({ words }) => words)
  const score = (captions: readonly (readonly string[])[]) => captionScores(captions, truth)
  const nearest = (queries: Float32Array, keys: Float32Array) => {
    const found = nearestNeighbours({ queries, keys, count: test.length })
    return score(Array.from(found, (row) => train.get(row).words))
  }
  const frequent = mostFrequent(train)
  const trained = new Set(Array.from(train, ({ words }) => words.join(' ')))
  return {
    scores: { ...score(captioned.map(({ words }) => words)), crossEntropy },
    baselines: {
      mostFrequent: score(truth.map(() => frequent)),
      nearestPixels: nearest(pixelFeatures(test), pixelFeatures(train)),
      nearestFeatures: nearest(features, encoderFeatures(model, train)),
    },
    captioned,
    known: truth.filter((words) => trained.has(words.join(' '))).length / truth.length,
  }
}

/** All scores of captions beside the true ones. */
function captionScores(captions: readonly (readonly string[])[], truth: readonly (readonly string[])[]): CaptionScores {
  const references = truth.map((words) => [words])
  return {
    exactMatch: exactMatch(captions, references),
    tokenF1: tokenF1(captions, references),
    bleu: bleuScores(captions, references),
    cider: ciderScore(captions, references),
  }
}
