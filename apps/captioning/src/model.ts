// The model: a picture goes through the encoder, and a recurrent decoder writes its caption.
import { Module } from '@ostinato/nn'
import {
  AdditiveAttention,
  AttentionDecoder,
  beamSearch,
  gru,
  lstm,
  VectorToSequence,
  type AttentionCondition,
  type AttentionDecoderState,
  type Hypothesis,
  type Inject,
  type SequenceDecoder,
  type SequenceLayer,
  type State,
  type StateTree,
  type VectorToSequenceState,
} from '@ostinato/rnn'
import type { Rng, Tensor } from '@ostinato/tensor'
import { gridMemory, PictureEncoder, type EncodedPictures, type EncoderConfig } from './encoder.ts'
import { endId, paddingId, startId, unknownId } from './words.ts'

/** Where the picture enters the decoder: as a vector in one of four ways, or as a grid that is looked at. */
export type DecoderKind = Inject | 'attention'

/** The sizes of the model; saved beside its weights. */
export interface CaptioningConfig extends EncoderConfig {
  readonly decoder: DecoderKind
  readonly cell: 'gru' | 'lstm'
  readonly vocabularySize: number
  readonly embeddingSize: number
  readonly hiddenSize: number
}

/** How captions are searched for. */
export interface SearchOptions {
  /** The beam's width; 1 is greedy search. */
  readonly width: number
  /** The higher, the longer the captions: see `beamSearch`. */
  readonly lengthPenalty: number
  /** Words of a caption, at most. */
  readonly maxLength: number
}

/** A model that writes captions, whatever its decoder is. */
export interface Captioner extends Module {
  readonly config: CaptioningConfig
  readonly encoder: PictureEncoder
  /**
   * The logits of each next word, given those before it.
   * @param pictures `[batch, 3, size, size]`
   * @param words `[batch, time]`, the start first
   * @returns `[batch, time, vocabulary]`
   */
  forward(pictures: Tensor, words: Tensor<'int32'>, lengths: Int32Array): Tensor
  /** The same for pictures that went through the encoder before. */
  logits(encoded: EncodedPictures, words: Tensor<'int32'>, lengths: Int32Array): Tensor
  /** The most probable caption of each encoded picture. */
  caption(encoded: EncodedPictures, options: SearchOptions): Hypothesis[]
}

abstract class Captioning<Condition, S extends StateTree> extends Module implements Captioner {
  readonly config: CaptioningConfig
  readonly encoder: PictureEncoder
  abstract readonly decoder: SequenceDecoder<Condition, S>

  constructor(config: CaptioningConfig, rng: Rng) {
    super()
    this.config = config
    this.encoder = new PictureEncoder(config, { rng })
  }

  protected abstract condition(encoded: EncodedPictures): Condition

  forward(pictures: Tensor, words: Tensor<'int32'>, lengths: Int32Array): Tensor {
    return this.logits(this.encoder.forward(pictures), words, lengths)
  }

  logits(encoded: EncodedPictures, words: Tensor<'int32'>, lengths: Int32Array): Tensor {
    return this.decoder.forward(words, this.condition(encoded), { lengths })
  }

  caption(encoded: EncodedPictures, options: SearchOptions): Hypothesis[] {
    const state = this.decoder.start(this.condition(encoded))
    const found = beamSearch((words, before) => this.decoder.step(words, before), {
      state,
      start: startId,
      end: endId,
      forbidden: [paddingId, startId, unknownId],
      ...options,
    })
    return found.map(([best]) => best)
  }
}

/** The picture is one vector. */
class VectorCaptioning<S extends State> extends Captioning<Tensor, VectorToSequenceState<S>> {
  readonly decoder: VectorToSequence<S>

  constructor(
    config: CaptioningConfig & { readonly decoder: Inject },
    { rng, recurrent }: { readonly rng: Rng; readonly recurrent: (inputSize: number) => SequenceLayer<S> },
  ) {
    super(config, rng)
    const { vocabularySize, embeddingSize, vectorSize, decoder: inject } = config
    this.decoder = new VectorToSequence({
      vocabularySize,
      embeddingSize,
      conditionSize: vectorSize,
      inject,
      recurrent,
      rng,
    })
  }

  protected override condition({ vector }: EncodedPictures): Tensor {
    return vector
  }
}

/** The picture is a grid, and the decoder looks at some of it for each word. */
export class AttentionCaptioning<S extends State> extends Captioning<AttentionCondition<S>, AttentionDecoderState<S>> {
  readonly decoder: AttentionDecoder<S>

  constructor(
    config: CaptioningConfig,
    { rng, recurrent }: { readonly rng: Rng; readonly recurrent: (inputSize: number) => SequenceLayer<S> },
  ) {
    super(config, rng)
    const { vocabularySize, embeddingSize, hiddenSize, vectorSize } = config
    this.decoder = new AttentionDecoder({
      vocabularySize,
      embeddingSize,
      vectorSize,
      attention: new AdditiveAttention(hiddenSize, this.encoder.channels, { rng }),
      style: 'luong',
      recurrent,
      rng,
    })
  }

  protected override condition({ vector, grid }: EncodedPictures): AttentionCondition<S> {
    return { memory: gridMemory(grid), vector }
  }

  /** Where the decoder looks for each next word: `[batch, time, positions]`, the grid's positions row by row. */
  looks(pictures: Tensor, words: Tensor<'int32'>, lengths: Int32Array): Tensor {
    return this.decoder.forwardWithWeights(words, this.condition(this.encoder.forward(pictures)), { lengths }).weights
  }
}

/** A model of the kind that `config` asks for, with fresh weights. */
export function createModel(config: CaptioningConfig, { rng }: { readonly rng: Rng }): Captioner {
  const { hiddenSize, cell } = config
  return cell === 'gru'
    ? build(config, { rng, recurrent: (inputSize) => gru(inputSize, hiddenSize, { rng }) })
    : build(config, { rng, recurrent: (inputSize) => lstm(inputSize, hiddenSize, { rng }) })
}

function build<S extends State>(
  config: CaptioningConfig,
  parts: { readonly rng: Rng; readonly recurrent: (inputSize: number) => SequenceLayer<S> },
): Captioner {
  const { decoder } = config
  return decoder === 'attention'
    ? new AttentionCaptioning(config, parts)
    : new VectorCaptioning({ ...config, decoder }, parts)
}
