// A sequence to another sequence: an encoder reads, its last state becomes the decoder's first.
import type { Embedding, Lengths } from '@ostinato/nn'
import { concat, type AnyTensor, type FloatDType, type Rng, type Tensor } from '@ostinato/tensor'
import { tensorFaults, throwFaults, throwRangeFaults } from '../checks.ts'
import { mapState, type StateTree } from '../decoding/state-tree.ts'
import type { DecodingResult } from '../decoding/step.ts'
import type { LengthsOption } from '../lengths.ts'
import type { SequenceLayer } from '../sequence-layer.ts'
import { SequenceDecoder, type DecoderOptions } from './sequence-decoder.ts'
import { leavesOf, StateBridge } from './state-bridge.ts'

/** What an encoder reads, padded on the right; `lengths` are those of its rows. */
export interface Source extends LengthsOption {
  /** Ids `[batch, time]` where there is an embedding for them, otherwise features `[batch, time, features]`. */
  readonly source: Tensor<'int32'> | Tensor
}

/** What an encoder hands to a decoder. */
export interface Encoded<R extends StateTree> extends LengthsOption {
  /** The encoder's outputs `[batch, time, features]`. */
  readonly memory: Tensor
  /** The decoder's first state, made of the encoder's last. */
  readonly state: R
}

/** A decoder that starts from what an encoder hands over: `AttentionDecoder`, `RecurrentDecoder`, or your own. */
export interface EncodedDecoder<R extends StateTree, S extends StateTree> extends SequenceDecoder<Encoded<R>, S> {
  readonly recurrent: SequenceLayer<R>
}

/** The parts of an encoder-decoder. */
export interface EncoderDecoderOptions<R extends StateTree, S extends StateTree> {
  /** Any layer over time, in both directions and stacked too. */
  readonly encoder: SequenceLayer<unknown>
  readonly decoder: EncodedDecoder<R, S>
  /** The embedding of the source's ids. Absent: the source is features. */
  readonly embedding?: Embedding
  /** Draws the weights of the bridge, where there is one. */
  readonly rng: Rng
  /** Element type of the bridge. Default float32. */
  readonly dtype?: FloatDType
}

/**
 * An encoder-decoder (Sutskever, Vinyals & Le 2014, "Sequence to sequence learning with neural networks", §2; Cho et
 * al. 2014, "Learning phrase representations using RNN encoder-decoder", §2.2). The decoder starts from the encoder's
 * last state: as it is where both have the same form, and otherwise, as from an encoder in both directions, by way of
 * `tanh(W s + b)` with `s` all of the encoder's last state side by side. A decoder with attention is given the
 * encoder's outputs, too.
 *
 * It is a decoder on the condition `{ source, lengths }` itself: `start`, `step` and `forward` are as everywhere,
 * scheduled sampling included.
 *
 * @throws RangeError when encoder, decoder and embedding do not fit
 * @example
 * ```ts
 * import { Embedding } from '@ostinato/nn'
 * import { Rng, tensor } from '@ostinato/tensor'
 * import { AdditiveAttention, AttentionDecoder, EncoderDecoder, gru } from '@ostinato/rnn'
 * const rng = new Rng(1)
 * const decoder = new AttentionDecoder({
 *   vocabularySize: 20,
 *   embeddingSize: 8,
 *   attention: new AdditiveAttention(16, 32, { rng }),
 *   recurrent: (inputSize) => gru(inputSize, 16, { rng }),
 *   rng,
 * })
 * const encoder = gru(8, 16, { bidirectional: true, rng })
 * const model = new EncoderDecoder({ embedding: new Embedding(30, 8, { rng }), encoder, decoder, rng })
 * const source = tensor([[5, 6, 7, 8], [9, 3, 0, 0]], { dtype: 'int32' })
 * const logits = model.forward(tensor([[1, 4], [1, 2]], { dtype: 'int32' }), { source, lengths: [4, 2] })
 * console.assert(logits.shape.join() === '2,2,20')
 * ```
 */
export class EncoderDecoder<R extends StateTree, S extends StateTree> extends SequenceDecoder<Source, S> {
  readonly embedding: Embedding | null
  readonly encoder: SequenceLayer<unknown>
  /** Null where the encoder's state is the decoder's. */
  readonly bridge: StateBridge<R> | null
  readonly decoder: EncodedDecoder<R, S>

  constructor({ encoder, decoder, embedding, rng, dtype = 'float32' }: EncoderDecoderOptions<R, S>) {
    super()
    const faults: string[] = []
    if (embedding !== undefined && embedding.size !== encoder.inputSize) {
      faults.push(`expected an embedding of the encoder's ${encoder.inputSize} features, got ${embedding.size}`)
    }
    throwRangeFaults('EncoderDecoder', faults)
    this.embedding = embedding ?? null
    this.encoder = encoder
    this.decoder = decoder
    const last = leavesOf(stateOf(encoder.initialState(1)))
    const same = formOf(stateOf(encoder.initialState(1))) === formOf(decoder.recurrent.initialState(1))
    const size = last.reduce((total, leaf) => total + leaf.size, 0)
    this.bridge = same ? null : new StateBridge(size, decoder.recurrent, { rng, dtype })
  }

  get vocabularySize(): number {
    return this.decoder.vocabularySize
  }

  /**
   * Reads the source: what the decoder is conditioned on.
   * @throws ShapeError when the source or its lengths do not fit
   */
  encode({ source, lengths }: Source): Encoded<R> {
    const given: { lengths?: Lengths } = lengths === undefined ? {} : { lengths }
    const { output, state } = this.encoder.forward(this.#features(source), given)
    const { bridge, decoder } = this
    // Without a bridge the encoder's state has the form of the decoder's: the constructor saw to that.
    if (bridge === null) return { memory: output, state: state as R, ...given }
    const leaves = leavesOf(stateOf(state)) as Tensor[]
    const joined = leaves.length === 1 ? leaves[0] : concat(leaves, { axis: 1 })
    return { memory: output, state: bridge.forward(joined, decoder.recurrent.initialState(source.shape[0])), ...given }
  }

  start(condition: Source): S {
    return this.decoder.start(this.encode(condition))
  }

  step(tokens: Tensor<'int32'>, state: S): DecodingResult<S> {
    return this.decoder.step(tokens, state)
  }

  forward(tokens: Tensor<'int32'>, condition: Source, options: DecoderOptions = {}): Tensor {
    return this.decoder.forward(tokens, this.encode(condition), options)
  }

  #features(source: AnyTensor): Tensor {
    const where = 'EncoderDecoder.encode'
    if (this.embedding === null) {
      if (source.dtype === 'int32' || source.dtype === 'bool') {
        throwFaults(where, [
          `source: expected features, got ${source.dtype}: build the model with { embedding } for ids`,
        ])
      }
      return source as Tensor
    }
    throwFaults(where, tensorFaults('source', source, ['batch', 'time'], 'int32'))
    return this.embedding.forward(source as Tensor<'int32'>)
  }
}

/** The states of the package's layers are trees of tensors, whatever their type says. */
const stateOf = (state: unknown) => state as StateTree

/** The places, shapes and types of a state's tensors. */
function formOf(state: StateTree): string {
  const places: string[] = []
  mapState(state, (leaf, path) => {
    places.push(`${path} ${leaf.dtype} ${leaf.shape.join()}`)
    return leaf
  })
  return places.join('; ')
}
