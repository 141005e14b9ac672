// What decoders are built of: the embedding, the recurrent layer and the head, from options. Holds no state.
import { Dropout, Embedding, normal } from '@ostinato/nn'
import { reshape, type FloatDType, type Rng, type Tensor } from '@ostinato/tensor'
import { Bidirectional } from '../bidirectional.ts'
import { sizeFaults, throwRangeFaults } from '../checks.ts'
import type { StateTree } from '../decoding/state-tree.ts'
import { Rnn } from '../rnn.ts'
import type { SequenceLayer } from '../sequence-layer.ts'
import { TokenHead } from './token-head.ts'

/** What every decoder is built from. */
export interface DecoderLayerOptions<S extends StateTree> {
  /** The number of tokens there are. */
  readonly vocabularySize: number
  /** The number of features of a token's vector. */
  readonly embeddingSize: number
  /**
   * Makes the recurrent layer for the number of features that it will be given:
   * `(inputSize) => lstm(inputSize, 256, { layers: 2, rng })`. It must read forwards only.
   */
  readonly recurrent: (inputSize: number) => SequenceLayer<S>
  /** Draws the initial weights, and dropout. */
  readonly rng: Rng
  /** The table of the embedding is the weight of the head too. Default false. */
  readonly tieWeights?: boolean
  /** The probability that a feature of a token's vector is dropped in training. Default 0. */
  readonly embeddingDropout?: number
  /** The probability that a feature given to the head is dropped in training. Default 0. */
  readonly outputDropout?: number
  /** Element type of the parameters; the recurrent layer's too. Default float32. */
  readonly dtype?: FloatDType
}

/** Checks the sizes of a decoder's options, and those that it has besides. */
export function checkSizes(
  where: string,
  { vocabularySize, embeddingSize }: Pick<DecoderLayerOptions<StateTree>, 'vocabularySize' | 'embeddingSize'>,
  others: Readonly<Record<string, number>> = {},
): void {
  throwRangeFaults(where, sizeFaults({ vocabularySize, embeddingSize, ...others }))
}

/** The recurrent layer for inputs of `inputSize` features. @throws RangeError when it does not fit */
export function recurrentLayer<S extends StateTree>(
  where: string,
  inputSize: number,
  { recurrent }: Pick<DecoderLayerOptions<S>, 'recurrent'>,
): SequenceLayer<S> {
  const layer = recurrent(inputSize)
  const faults: string[] = []
  if (layer.inputSize !== inputSize) {
    faults.push(
      `expected recurrent to make a layer for ${inputSize} features, got one for ${layer.inputSize}: ` +
        'give it the size that it is called with, (inputSize) => gru(inputSize, …)',
    )
  }
  for (const [name, part] of layer.namedModules()) {
    const backwards = part instanceof Bidirectional || (part instanceof Rnn && part.reverse)
    if (!backwards || faults.length > 1) continue
    const place = name === '' ? 'the layer itself' : `'${name}'`
    faults.push(`expected a recurrent layer that reads forwards, got ${place}, which reads what is to be generated`)
    break
  }
  throwRangeFaults(where, faults)
  return layer
}

/** The embedding of the tokens. */
export function tokenEmbedding(options: Omit<DecoderLayerOptions<StateTree>, 'recurrent'>): Embedding {
  const { vocabularySize, embeddingSize, rng, dtype = 'float32', tieWeights = false } = options
  return new Embedding(vocabularySize, embeddingSize, {
    rng,
    dtype,
    // As the weight of a head, a table of deviation 1 would make logits of deviation sqrt(embeddingSize).
    ...(tieWeights && {
      initialiser: (shape, given) => normal(shape, { ...given, deviation: 1 / Math.sqrt(embeddingSize) }),
    }),
  })
}

/** The dropout of the tokens' vectors, or null. */
export function tokenDropout({ embeddingDropout = 0, rng }: { embeddingDropout?: number; rng: Rng }): Dropout | null {
  return embeddingDropout === 0 ? null : new Dropout(embeddingDropout, { rng: rng.split() })
}

/** The head for features of `inputSize`. */
export function tokenHead(
  inputSize: number,
  embedding: Embedding,
  options: Omit<DecoderLayerOptions<StateTree>, 'recurrent'>,
): TokenHead {
  const { vocabularySize, rng, dtype = 'float32', tieWeights = false, outputDropout = 0 } = options
  const tied = tieWeights ? embedding.weight : undefined
  return new TokenHead(inputSize, vocabularySize, { rng, dtype, tied, dropout: outputDropout })
}

/** One step of a sequence layer: `x` is `[rows, features]`. */
export function stepLayer<S>(
  layer: SequenceLayer<S>,
  x: Tensor,
  state: S,
): { readonly output: Tensor; readonly state: S } {
  const [rows, features] = x.shape
  const result = layer.forward(reshape(x, [rows, 1, features]), { initialState: state })
  return { output: reshape(result.output, [rows, layer.outputSize]), state: result.state }
}
