// What a trained model says of texts.
import type { DataLoader } from '@ostinato/datasets'
import { classificationScores, type ClassificationScores } from '@ostinato/train'
import { pad, type EncodedReview, type ReviewBatch } from './data.ts'
import type { SentimentModel } from './model.ts'
import type { SavedModel } from './saved-model.ts'

export const classes = ['negative', 'positive'] as const

/** The verdict on one text. */
export interface Verdict {
  readonly label: (typeof classes)[number]
  /** How probable the model finds this label, 0.5 to 1. */
  readonly probability: number
}

const logistic = (logit: number) => 1 / (1 + Math.exp(-logit))

/** Classifies texts. Of a long text the head and the tail are read. */
export function classify(texts: readonly string[], { model, tokenizer }: SavedModel): Verdict[] {
  const batch = pad(
    texts.map((text) => tokenizer.encode(text)),
    model.config.maximumLength,
  )
  return Array.from(model.forward(batch).data, (logit) => {
    const positive = logistic(logit)
    return positive > 0.5
      ? { label: 'positive', probability: positive }
      : { label: 'negative', probability: 1 - positive }
  })
}

/** One prediction beside the truth. */
export interface Prediction {
  /** Which review. */
  readonly index: number
  readonly label: 0 | 1
  /** The probability of the positive class. */
  readonly positive: number
}

/** Every review's probability, with the scores over all. */
export function judge(
  model: SentimentModel,
  loader: DataLoader<EncodedReview, ReviewBatch>,
): {
  readonly predictions: readonly Prediction[]
  readonly scores: ClassificationScores
} {
  const predictions: Prediction[] = []
  for (const batch of loader.epoch(0)) {
    const logits = model.forward(batch).data
    logits.forEach((logit, row) => {
      predictions.push({
        index: batch.indices[row],
        label: batch.labels.data[row] === 1 ? 1 : 0,
        positive: logistic(logit),
      })
    })
  }
  const predicted = predictions.map(({ positive }) => Number(positive > 0.5))
  return {
    predictions,
    scores: classificationScores(
      predicted,
      predictions.map(({ label }) => label),
      classes.length,
    ),
  }
}
