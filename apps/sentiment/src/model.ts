// The model: word vectors, a GRU in both directions, the mean and the maximum over time, one logit.
import { Dropout, Embedding, Linear, Module, uniform, type Initialiser } from '@ostinato/nn'
import { gru, maxOverTime, meanOverTime, type GruState, type Rnn } from '@ostinato/rnn'
import { concat, reshape, type Rng, type Tensor } from '@ostinato/tensor'
import type { ReviewBatch } from './data.ts'

/** The sizes of the model; saved beside its weights. */
export interface SentimentConfig {
  readonly vocabularySize: number
  readonly embeddingSize: number
  readonly hiddenSize: number
  readonly dropout: number
  /** Tokens of a review that are read. */
  readonly maximumLength: number
}

export class SentimentModel extends Module {
  readonly config: SentimentConfig
  readonly embedding: Embedding
  readonly forwards: Rnn<GruState>
  readonly backwards: Rnn<GruState>
  readonly head: Linear
  /** Drops features of the word vectors, each over the whole review. */
  readonly wordDropout: Dropout
  readonly dropout: Dropout

  constructor(config: SentimentConfig, { rng }: { readonly rng: Rng }) {
    super()
    const { vocabularySize, embeddingSize, hiddenSize, dropout } = config
    this.config = config
    const initialiser: Initialiser = (shape, options) => uniform(shape, { ...options, low: -0.05, high: 0.05 })
    this.embedding = new Embedding(vocabularySize, embeddingSize, { rng, paddingId: 0, initialiser })
    this.forwards = gru(embeddingSize, hiddenSize, { rng })
    this.backwards = gru(embeddingSize, hiddenSize, { rng, reverse: true })
    this.head = new Linear(4 * hiddenSize, 1, { rng })
    this.wordDropout = new Dropout(dropout, { rng: rng.split(), sharedAxes: [1] })
    this.dropout = new Dropout(dropout, { rng: rng.split() })
  }

  /** @returns logits `[batch]`: above 0 is positive */
  forward({ ids, lengths }: Pick<ReviewBatch, 'ids' | 'lengths'>): Tensor {
    const words = this.wordDropout.forward(this.embedding.forward(ids))
    // Each direction is summed up by itself: nothing as long as the review has to be joined.
    const parts = [this.forwards, this.backwards].flatMap((direction) => {
      const { output } = direction.forward(words, { lengths })
      return [meanOverTime(output, { lengths }), maxOverTime(output, { lengths })]
    })
    const summary = concat(parts, { axis: 1 })
    return reshape(this.head.forward(this.dropout.forward(summary)), [ids.shape[0]])
  }
}
