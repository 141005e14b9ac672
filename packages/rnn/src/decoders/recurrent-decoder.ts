// A decoder conditioned on nothing but the state that it starts from: a language model, or what continues an encoder's
// state.
import type { Dropout, Embedding } from '@ostinato/nn'
import type { Tensor } from '@ostinato/tensor'
import { rowsOf, type StateTree } from '../decoding/state-tree.ts'
import type { DecodingResult } from '../decoding/step.ts'
import type { SequenceLayer } from '../sequence-layer.ts'
import {
  checkSizes,
  recurrentLayer,
  stepLayer,
  tokenDropout,
  tokenEmbedding,
  tokenHead,
  type DecoderLayerOptions,
} from './parts.ts'
import { checkStep, checkTokens, sampledForward, SequenceDecoder, type DecoderOptions } from './sequence-decoder.ts'
import { overValidSteps, type TokenHead } from './token-head.ts'

/** What a recurrent decoder starts from. */
export interface RecurrentCondition<S extends StateTree> {
  /** The recurrent layer's state before the first token. */
  readonly state: S
}

/**
 * A decoder that is given its first state: `logits_t = V RNN(e_t) + d`, with `e_t` the embedding of input t (Sutskever,
 * Vinyals & Le 2014, "Sequence to sequence learning with neural networks", §2). Started from the layer's own initial
 * state it is a recurrent language model (Mikolov et al. 2010).
 *
 * @throws RangeError when an option does not fit
 * @example
 * ```ts
 * import { Rng, tensor } from '@ostinato/tensor'
 * import { gru, RecurrentDecoder } from '@ostinato/rnn'
 * const rng = new Rng(1)
 * const model = new RecurrentDecoder({
 *   vocabularySize: 20,
 *   embeddingSize: 8,
 *   recurrent: (inputSize) => gru(inputSize, 16, { rng }),
 *   rng,
 * })
 * const state = model.recurrent.initialState(2)
 * const logits = model.forward(tensor([[1, 7, 4], [1, 9, 0]], { dtype: 'int32' }), { state }, { lengths: [3, 2] })
 * console.assert(logits.shape.join() === '2,3,20')
 * ```
 */
export class RecurrentDecoder<S extends StateTree> extends SequenceDecoder<RecurrentCondition<S>, S> {
  readonly vocabularySize: number
  readonly embedding: Embedding
  readonly embeddingDropout: Dropout | null
  readonly recurrent: SequenceLayer<S>
  readonly head: TokenHead

  constructor(options: DecoderLayerOptions<S>) {
    super()
    checkSizes('RecurrentDecoder', options)
    this.vocabularySize = options.vocabularySize
    this.embedding = tokenEmbedding(options)
    this.embeddingDropout = tokenDropout(options)
    this.recurrent = recurrentLayer('RecurrentDecoder', options.embeddingSize, options)
    this.head = tokenHead(this.recurrent.outputSize, this.embedding, options)
  }

  start({ state }: RecurrentCondition<S>): S {
    return state
  }

  step(tokens: Tensor<'int32'>, state: S): DecodingResult<S> {
    checkStep('RecurrentDecoder.step', tokens, rowsOf(state) ?? tokens.shape[0])
    const { output, state: next } = stepLayer(this.recurrent, this.#embed(tokens), state)
    return { logits: this.head.forward(output), state: next }
  }

  forward(tokens: Tensor<'int32'>, { state }: RecurrentCondition<S>, options: DecoderOptions = {}): Tensor {
    const rows = rowsOf(state) ?? tokens.shape[0]
    const given = checkTokens('RecurrentDecoder.forward', tokens, { ...options, rows })
    const { sampling } = options
    if (sampling !== undefined) return sampledForward(tokens, { ...given, decoder: this, state, sampling })
    const { lengths } = given
    const { output } = this.recurrent.forward(this.#embed(tokens), {
      initialState: state,
      ...(lengths && { lengths }),
    })
    return overValidSteps(output, lengths, (x) => this.head.forward(x))
  }

  #embed(tokens: Tensor<'int32'>): Tensor {
    const vectors = this.embedding.forward(tokens)
    return this.embeddingDropout === null ? vectors : this.embeddingDropout.forward(vectors)
  }
}
