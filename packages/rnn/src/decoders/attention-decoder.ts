// A decoder that looks back at a memory, such as an encoder's outputs or the grid of a picture's features, at every
// step.
import { Linear, type Dropout, type Embedding } from '@ostinato/nn'
import { concat, expandAxis, stack, tanh, unstack, zeros, type FloatDType, type Tensor } from '@ostinato/tensor'
import type { Attention, AttentionMemory } from '../attention/attention.ts'
import { tensorFaults, throwFaults, throwRangeFaults } from '../checks.ts'
import type { StateTree } from '../decoding/state-tree.ts'
import type { LengthsOption } from '../lengths.ts'
import type { SequenceLayer } from '../sequence-layer.ts'
import type {
  AttendedLogits,
  AttentionCondition,
  AttentionDecoderOptions,
  AttentionDecoderState,
  AttentionDecoderStep,
  AttentionStyle,
} from './attention-decoder-types.ts'
import { checkSizes, recurrentLayer, stepLayer, tokenDropout, tokenEmbedding, tokenHead } from './parts.ts'
import {
  checkStep,
  checkTokens,
  sampledForward,
  SequenceDecoder,
  zeroPast,
  type DecoderOptions,
  type TokenBatch,
} from './sequence-decoder.ts'
import { lastHidden } from './hidden.ts'
import { StateBridge } from './state-bridge.ts'
import { overValidSteps, type TokenHead } from './token-head.ts'

/**
 * A decoder with attention. With `e_t` the embedding of input t, `s_t` the recurrent layer's output and `c_t` the
 * context:
 *
 *     bahdanau    c_t = attention(h_{t-1}, memory)        s_t = RNN([e_t; c_t])
 *                 r_t = tanh(W [s_t; c_t; e_t] + b)
 *     luong       s_t = RNN(e_t), with input feeding RNN([e_t; r_{t-1}])
 *                 c_t = attention(s_t, memory)            r_t = tanh(W [c_t; s_t] + b)
 *     both        logits_t = V r_t + d
 *
 * (Bahdanau, Cho & Bengio 2015, "Neural machine translation by jointly learning to align and translate", §3.1 and
 * A.2.2, where the readout is a maxout of `h_{t-1}`, `e_t` and `c_t`; Luong, Pham & Manning 2015, "Effective approaches
 * to attention-based neural machine translation", §3.) `h_{t-1}` is the tensor `hidden` of the last layer's state.
 *
 * `forward` projects the memory once, and runs readout and head once over all valid steps. `luong` without input
 * feeding runs everything over the whole sequence at once; the others step, and there a cell draws anew at each step
 * what it draws once a sequence (`RecurrentDropoutCell`).
 *
 * @throws RangeError when an option does not fit
 * @example
 * ```ts
 * import { Rng, tensor } from '@ostinato/tensor'
 * import { AdditiveAttention, AttentionDecoder, gru } from '@ostinato/rnn'
 * const rng = new Rng(1)
 * const decoder = new AttentionDecoder({
 *   vocabularySize: 20,
 *   embeddingSize: 8,
 *   attention: new AdditiveAttention(16, 12, { rng }),
 *   recurrent: (inputSize) => gru(inputSize, 16, { rng }),
 *   rng,
 * })
 * const condition = { memory: rng.normal([2, 9, 12]), lengths: [9, 4] }
 * const inputs = tensor([[1, 7, 4], [1, 9, 0]], { dtype: 'int32' })
 * const { logits, weights } = decoder.forwardWithWeights(inputs, condition, { lengths: [3, 2] })
 * console.assert(logits.shape.join() === '2,3,20' && weights.shape.join() === '2,3,9')
 * ```
 */
export class AttentionDecoder<S extends StateTree> extends SequenceDecoder<
  AttentionCondition<S>,
  AttentionDecoderState<S>
> {
  readonly vocabularySize: number
  readonly style: AttentionStyle
  readonly inputFeeding: boolean
  readonly embedding: Embedding
  readonly embeddingDropout: Dropout | null
  readonly attention: Attention
  readonly recurrent: SequenceLayer<S>
  readonly bridge: StateBridge<S> | null
  readonly readout: Linear
  readonly head: TokenHead

  constructor(options: AttentionDecoderOptions<S>) {
    super()
    const name = 'AttentionDecoder'
    const { vocabularySize, embeddingSize, attention, vectorSize, readoutSize, rng, dtype = 'float32' } = options
    const { style = 'bahdanau', inputFeeding = false } = options
    checkSizes(name, options, {
      ...(vectorSize !== undefined && { vectorSize }),
      ...(readoutSize !== undefined && { readoutSize }),
    })
    checkStyle(name, style, inputFeeding)
    this.vocabularySize = vocabularySize
    this.style = style
    this.inputFeeding = inputFeeding
    this.embedding = tokenEmbedding(options)
    this.embeddingDropout = tokenDropout(options)
    this.attention = attention
    const { querySize, contextSize } = attention
    const joined = style === 'bahdanau' ? contextSize : inputFeeding ? (readoutSize ?? querySize) : 0
    this.recurrent = recurrentLayer(name, embeddingSize + joined, options)
    checkQuery(name, this)
    const read = querySize + contextSize + (style === 'bahdanau' ? embeddingSize : 0)
    this.readout = new Linear(read, readoutSize ?? querySize, { rng, dtype })
    this.head = tokenHead(this.readout.outputSize, this.embedding, options)
    this.bridge = vectorSize === undefined ? null : new StateBridge(vectorSize, this.recurrent, { rng, dtype })
  }

  start(condition: AttentionCondition<S>): AttentionDecoderState<S> {
    const { memory, lengths, state, vector } = condition
    const ready = this.attention.prepare(memory, lengths === undefined ? {} : { lengths })
    const [batch] = memory.shape
    const { dtype } = this.readout.weight
    this.#checkStart(condition, batch)
    const initial = state ?? this.recurrent.initialState(batch)
    const recurrent = vector !== undefined && this.bridge !== null ? this.bridge.forward(vector, initial) : initial
    return {
      recurrent,
      memory: ready,
      ...(this.inputFeeding && { fed: zeros([batch, this.readout.outputSize], { dtype }) }),
    }
  }

  step(tokens: Tensor<'int32'>, state: AttentionDecoderState<S>): AttentionDecoderStep<S> {
    checkStep('AttentionDecoder.step', tokens, state.memory.keys.shape[0])
    const embedded = this.#embed(tokens)
    const next = this.#advance(embedded, state)
    const readout = next.readout ?? this.#read(next.features)
    return { logits: this.head.forward(readout), state: next.state, weights: next.weights }
  }

  forward(tokens: Tensor<'int32'>, condition: AttentionCondition<S>, options: DecoderOptions = {}): Tensor {
    const where = 'AttentionDecoder.forward'
    const { sampling } = options
    const given = checkTokens(where, tokens, { ...options, rows: rowsOfMemory(where, condition) })
    const state = this.start(condition)
    if (sampling !== undefined) return sampledForward(tokens, { ...given, decoder: this, state, sampling })
    return this.#run(tokens, state, given).logits
  }

  /** `forward` with the weights of every step, for drawing. */
  forwardWithWeights(
    tokens: Tensor<'int32'>,
    condition: AttentionCondition<S>,
    options: LengthsOption = {},
  ): AttendedLogits {
    const where = 'AttentionDecoder.forwardWithWeights'
    const given = checkTokens(where, tokens, { ...options, rows: rowsOfMemory(where, condition) })
    const { logits, weights } = this.#run(tokens, this.start(condition), given)
    return { logits, weights: zeroPast(weights(), given.lengths) }
  }

  #run(
    tokens: Tensor<'int32'>,
    first: AttentionDecoderState<S>,
    { batch, time, lengths }: TokenBatch,
  ): { readonly logits: Tensor; readonly weights: () => Tensor } {
    const embedded = this.#embed(tokens)
    if (this.style === 'luong' && !this.inputFeeding) {
      const { output } = this.recurrent.forward(embedded, {
        initialState: first.recurrent,
        ...(lengths && { lengths }),
      })
      const { context, weights } = this.attention.attend(output, first.memory)
      const logits = overValidSteps(concat([context, output], { axis: 2 }), lengths, (x) =>
        this.head.forward(this.#read(x)),
      )
      return { logits, weights: () => weights }
    }
    const steps = lengths === undefined ? time : lengths.reduce((a, b) => Math.max(a, b), 0)
    const inputs = unstack(embedded, { axis: 1 })
    const collected: Tensor[] = []
    const looks: Tensor[] = []
    let state = first
    for (let t = 0; t < steps; t++) {
      const next = this.#advance(inputs[t], state)
      collected.push(next.readout ?? next.features)
      looks.push(next.weights)
      state = next.state
    }
    const { dtype } = this.readout.weight
    const overTime = (list: readonly Tensor[], size: number) => stackSteps(list, { batch, time, size, dtype })
    const size = this.inputFeeding ? this.readout.outputSize : this.readout.inputSize
    const logits = overValidSteps(overTime(collected, size), lengths, (x) =>
      this.head.forward(this.inputFeeding ? x : this.#read(x)),
    )
    return { logits, weights: () => overTime(looks, positionsOf(first.memory)) }
  }

  /** One step up to what is read out; with input feeding the readout too. */
  #advance(embedded: Tensor, state: AttentionDecoderState<S>) {
    if (this.style === 'bahdanau') {
      const { context, weights } = this.attention.attend(queryOf(state.recurrent), state.memory)
      const { output, state: recurrent } = stepLayer(
        this.recurrent,
        concat([embedded, context], { axis: 1 }),
        state.recurrent,
      )
      const features = concat([output, context, embedded], { axis: 1 })
      return { features, weights, readout: undefined, state: { ...state, recurrent } }
    }
    const input = state.fed === undefined ? embedded : concat([embedded, state.fed], { axis: 1 })
    const { output, state: recurrent } = stepLayer(this.recurrent, input, state.recurrent)
    const { context, weights } = this.attention.attend(output, state.memory)
    const features = concat([context, output], { axis: 1 })
    const readout = state.fed === undefined ? undefined : this.#read(features)
    return { features, weights, readout, state: { ...state, recurrent, ...(readout && { fed: readout }) } }
  }

  #read(features: Tensor): Tensor {
    return tanh(this.readout.forward(features))
  }

  #embed(tokens: Tensor<'int32'>): Tensor {
    const vectors = this.embedding.forward(tokens)
    return this.embeddingDropout === null ? vectors : this.embeddingDropout.forward(vectors)
  }

  #checkStart({ state, vector }: AttentionCondition<S>, batch: number): void {
    if (vector === undefined) return
    const dtype: FloatDType = this.readout.weight.dtype
    const faults: string[] = []
    if (state !== undefined) faults.push('expected a state or a vector to start from, got both')
    if (this.bridge === null) {
      faults.push('expected no vector, got one: build the decoder with { vectorSize } to start from it')
    } else {
      const { inputSize } = this.bridge.linear
      faults.push(
        ...tensorFaults(
          'vector',
          vector,
          [
            ['batch', batch],
            ['features', inputSize],
          ],
          dtype,
        ),
      )
    }
    throwFaults('AttentionDecoder.start', faults)
  }
}

/** What the decoder looks for: the tensor `hidden` of the last layer's state. */
function queryOf(state: StateTree): Tensor {
  const hidden = lastHidden(state)
  if (hidden === undefined) throw new Error('AttentionDecoder: expected a state with a tensor hidden, got none')
  return hidden
}

function checkStyle(where: string, style: AttentionStyle, inputFeeding: boolean): void {
  const faults: string[] = []
  if (style !== 'bahdanau' && style !== 'luong') {
    faults.push(`expected style to be bahdanau or luong, got ${String(style)}`)
  } else if (inputFeeding && style === 'bahdanau') {
    faults.push('expected inputFeeding with style luong only: in style bahdanau the context is joined to the input')
  }
  throwRangeFaults(where, faults)
}

/** What the attention compares must be what the recurrent layer gives. */
function checkQuery<S extends StateTree>(
  where: string,
  { attention, recurrent, style }: Pick<AttentionDecoder<S>, 'attention' | 'recurrent' | 'style'>,
): void {
  const faults: string[] = []
  const { querySize } = attention
  if (querySize !== recurrent.outputSize) {
    faults.push(
      `expected attention for queries of ${recurrent.outputSize}, the recurrent layer's outputs, got ${querySize}`,
    )
  }
  if (style === 'bahdanau' && lastHidden(recurrent.initialState(1))?.shape[1] !== querySize) {
    faults.push(
      `expected a recurrent layer whose last state has a tensor hidden [batch, ${querySize}], got none: take style luong`,
    )
  }
  throwRangeFaults(where, faults)
}

function rowsOfMemory<S extends StateTree>(where: string, { memory }: AttentionCondition<S>): number {
  if (memory.rank === 3) return memory.shape[0]
  throwFaults(where, tensorFaults('memory', memory, ['batch', 'positions', 'features'], memory.dtype))
  return 0
}

const positionsOf = ({ values }: AttentionMemory) => values.shape[values.rank - 2]

/** Steps `[batch, size]` as `[batch, time, size]`, zero after the last. */
function stackSteps(
  steps: readonly Tensor[],
  { batch, time, size, dtype }: { batch: number; time: number; size: number; dtype: FloatDType },
): Tensor {
  const rest = time - steps.length
  if (rest === 0 && time > 0) return stack(steps, { axis: 1 })
  return concat([...steps.map((x) => expandAxis(x, 1)), zeros([batch, rest, size], { dtype })], { axis: 1 })
}
