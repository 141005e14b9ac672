// A vector to a sequence of tokens, such as a picture's features to a caption.
import { Linear, type Dropout, type Embedding } from '@ostinato/nn'
import { broadcastTo, concat, expandAxis, slice, type FloatDType, type Tensor } from '@ostinato/tensor'
import { tensorFaults, throwFaults, throwRangeFaults } from '../checks.ts'
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
import { StateBridge } from './state-bridge.ts'
import { overValidSteps, type TokenHead } from './token-head.ts'

/** Where a vector enters a recurrent decoder. */
export type Inject = 'init' | 'pre' | 'par' | 'merge'

/** How a decoder of vectors is built. */
export interface VectorToSequenceOptions<S extends StateTree> extends DecoderLayerOptions<S> {
  /** The number of features of the condition. */
  readonly conditionSize: number
  /** Where the condition enters. Default `init`. */
  readonly inject?: Inject
  /**
   * The number of features that `par` and `merge` make of the condition. Default: `embeddingSize` for `par`, the
   * recurrent layer's output size for `merge`.
   */
  readonly injectSize?: number
}

/** The state of the recurrent layer and, for `par` and `merge`, the projected condition `[rows, injectSize]`. */
export type VectorToSequenceState<S extends StateTree> = { readonly recurrent: S; readonly condition?: Tensor }

/**
 * A decoder conditioned on one vector a row. With `e_t` the embedding of input t and `c = W x + b` the projected
 * condition, `inject` says where it enters (Tanti, Gatt & Camilleri 2018, "Where to put the image in an image caption
 * generator", §2):
 *
 *     init    h_0 = tanh(c)                  the recurrent layer starts from it (each part of its state has rows of W)
 *     pre     RNN(c), then RNN(e_1), …       it is the first word
 *     par     RNN([e_t; c])                  it is an extra input at every step
 *     merge   logits = V [RNN(e_t); c] + d   it joins the output after the recurrent layer
 *
 * `forward` runs the recurrent layer once over the whole sequence, and the head once over all valid steps.
 *
 * @throws RangeError when an option does not fit
 * @example
 * ```ts
 * import { Rng, tensor } from '@ostinato/tensor'
 * import { gru, VectorToSequence } from '@ostinato/rnn'
 * const rng = new Rng(1)
 * const decoder = new VectorToSequence({
 *   vocabularySize: 20,
 *   embeddingSize: 8,
 *   conditionSize: 5,
 *   inject: 'par',
 *   recurrent: (inputSize) => gru(inputSize, 16, { rng }),
 *   rng,
 * })
 * const condition = rng.normal([2, 5])
 * const inputs = tensor([[1, 7, 4], [1, 9, 0]], { dtype: 'int32' })
 * const logits = decoder.forward(inputs, condition, { lengths: [3, 2] })
 * const first = decoder.step(tensor([1, 1], { dtype: 'int32' }), decoder.start(condition))
 * console.assert(logits.shape.join() === '2,3,20')
 * console.assert(Math.abs(first.logits.data[0] - logits.data[0]) < 1e-5)
 * ```
 */
export class VectorToSequence<S extends StateTree> extends SequenceDecoder<Tensor, VectorToSequenceState<S>> {
  readonly vocabularySize: number
  readonly conditionSize: number
  readonly inject: Inject
  readonly embedding: Embedding
  readonly embeddingDropout: Dropout | null
  /** The condition's way in; with `init` that is `bridge`. */
  readonly projection: Linear | null
  readonly bridge: StateBridge<S> | null
  readonly recurrent: SequenceLayer<S>
  readonly head: TokenHead

  constructor(options: VectorToSequenceOptions<S>) {
    super()
    const name = 'VectorToSequence'
    const {
      vocabularySize,
      embeddingSize,
      conditionSize,
      injectSize,
      inject = 'init',
      rng,
      dtype = 'float32',
    } = options
    checkSizes(name, options, { conditionSize, ...(injectSize !== undefined && { injectSize }) })
    checkInject(inject, injectSize)
    const parallel = inject === 'par' ? (injectSize ?? embeddingSize) : 0
    this.vocabularySize = vocabularySize
    this.conditionSize = conditionSize
    this.inject = inject
    this.embedding = tokenEmbedding(options)
    this.embeddingDropout = tokenDropout(options)
    this.recurrent = recurrentLayer(name, embeddingSize + parallel, options)
    const merged = inject === 'merge' ? (injectSize ?? this.recurrent.outputSize) : 0
    const projected = inject === 'pre' ? embeddingSize : parallel + merged
    this.bridge = inject === 'init' ? new StateBridge(conditionSize, this.recurrent, { rng, dtype }) : null
    this.projection = inject === 'init' ? null : new Linear(conditionSize, projected, { rng, dtype })
    this.head = tokenHead(this.recurrent.outputSize + merged, this.embedding, options)
  }

  /**
   * @param condition `[rows, conditionSize]`
   * @throws ShapeError when the condition does not fit
   */
  start(condition: Tensor): VectorToSequenceState<S> {
    this.#check('VectorToSequence.start', condition)
    const { inject, bridge, projection } = this
    const initial = this.recurrent.initialState(condition.shape[0])
    if (bridge !== null) return { recurrent: bridge.forward(condition, initial) }
    if (projection === null) return { recurrent: initial }
    const projected = projection.forward(condition)
    if (inject === 'pre') return { recurrent: stepLayer(this.recurrent, projected, initial).state }
    return { recurrent: initial, condition: projected }
  }

  step(tokens: Tensor<'int32'>, state: VectorToSequenceState<S>): DecodingResult<VectorToSequenceState<S>> {
    checkStep('VectorToSequence.step', tokens, rowsOf(state) ?? tokens.shape[0])
    const { condition } = state
    const embedded = this.#embed(tokens)
    const input = this.inject === 'par' && condition ? concat([embedded, condition], { axis: 1 }) : embedded
    const { output, state: recurrent } = stepLayer(this.recurrent, input, state.recurrent)
    const features = this.inject === 'merge' && condition ? concat([output, condition], { axis: 1 }) : output
    return { logits: this.head.forward(features), state: { ...state, recurrent } }
  }

  /** @param condition `[batch, conditionSize]` */
  forward(tokens: Tensor<'int32'>, condition: Tensor, options: DecoderOptions = {}): Tensor {
    const where = 'VectorToSequence.forward'
    this.#check(where, condition)
    const { sampling } = options
    const given = checkTokens(where, tokens, { ...options, rows: condition.shape[0] })
    if (sampling !== undefined) {
      return sampledForward(tokens, { ...given, decoder: this, state: this.start(condition), sampling })
    }
    const { lengths } = given
    const embedded = this.#embed(tokens)
    if (this.inject === 'pre') return this.#forwardPre(embedded, condition, lengths)
    const state = this.start(condition)
    const overTime = state.condition && everywhere(state.condition, given.time)
    const input = this.inject === 'par' && overTime ? concat([embedded, overTime], { axis: 2 }) : embedded
    const { output } = this.recurrent.forward(input, {
      initialState: state.recurrent,
      ...(lengths && { lengths }),
    })
    const features = this.inject === 'merge' && overTime ? concat([output, overTime], { axis: 2 }) : output
    return overValidSteps(features, lengths, (x) => this.head.forward(x))
  }

  /** The condition goes before the first token, in the same run of the recurrent layer. */
  #forwardPre(embedded: Tensor, condition: Tensor, lengths: Int32Array | undefined): Tensor {
    const first = expandAxis(this.projection === null ? condition : this.projection.forward(condition), 1)
    const { output } = this.recurrent.forward(concat([first, embedded], { axis: 1 }), {
      ...(lengths && { lengths: lengths.map((length) => length + 1) }),
    })
    return overValidSteps(slice(output, [undefined, [1]]), lengths, (x) => this.head.forward(x))
  }

  #embed(tokens: Tensor<'int32'>): Tensor {
    const vectors = this.embedding.forward(tokens)
    return this.embeddingDropout === null ? vectors : this.embeddingDropout.forward(vectors)
  }

  #check(where: string, condition: Tensor): void {
    const dtype: FloatDType = this.embedding.weight.dtype
    throwFaults(where, tensorFaults('condition', condition, ['batch', ['features', this.conditionSize]], dtype))
  }
}

/** `[batch, size]` at each of `time` steps. */
function everywhere(x: Tensor, time: number): Tensor {
  const [batch, size] = x.shape
  return broadcastTo(expandAxis(x, 1), [batch, time, size])
}

const injects: readonly string[] = ['init', 'pre', 'par', 'merge'] satisfies Inject[]

function checkInject(inject: Inject, injectSize: number | undefined): void {
  const faults: string[] = []
  if (!injects.includes(inject)) faults.push(`expected inject to be one of ${injects.join(', ')}, got ${inject}`)
  if (injectSize !== undefined && (inject === 'init' || inject === 'pre')) {
    faults.push(`expected injectSize with inject par or merge only, got it with ${inject}, which fixes the size`)
  }
  throwRangeFaults('VectorToSequence', faults)
}
