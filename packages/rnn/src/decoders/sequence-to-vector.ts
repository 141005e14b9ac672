// A sequence to one vector, such as a review to its logits.
import { Dropout, Linear, Module, type Lengths } from '@ostinato/nn'
import { concat, matmul, squeeze, swapAxes, tanh, type FloatDType, type Rng, type Tensor } from '@ostinato/tensor'
import { maskedSoftmax, prepareMemory } from '../attention/attention.ts'
import { sizeFaults, throwRangeFaults } from '../checks.ts'
import type { LengthsOption } from '../lengths.ts'
import { maxOverTime, meanOverTime } from '../pooling.ts'
import type { SequenceLayer } from '../sequence-layer.ts'
import { lastHidden } from './hidden.ts'

/**
 * How a sequence's outputs become one vector: the hidden state after the last step (of both directions, side by side),
 * the mean or the maximum over time, or a mean by learnt weights.
 */
export type Pooling = 'last' | 'mean' | 'max' | 'attention'

/** How a layer from sequences to vectors is built. */
export interface SequenceToVectorOptions {
  /** Any layer over time. */
  readonly encoder: SequenceLayer<unknown>
  /** The number of features of the result. */
  readonly outputSize: number
  /** One way, or several whose results are put side by side. Default `last`. */
  readonly pooling?: Pooling | readonly Pooling[]
  /** The probability that a feature given to the head is dropped in training. Default 0. */
  readonly dropout?: number
  /** Draws the initial weights, and dropout. */
  readonly rng: Rng
  /** Element type of the parameters; the encoder's too. Default float32. */
  readonly dtype?: FloatDType
}

/**
 * An encoder, a summary of it over the valid steps, and a linear head: `y = W pool(encoder(x)) + b`.
 *
 * With `pooling: 'attention'` the summary is `Σ_t a_t h_t` with `a = softmax_t(uᵀ tanh(V h_t + c))` (Yang et al. 2016,
 * "Hierarchical attention networks for document classification", eq. 5-7).
 *
 * @throws RangeError when an option does not fit
 * @example
 * ```ts
 * import { Rng } from '@ostinato/tensor'
 * import { gru, SequenceToVector } from '@ostinato/rnn'
 * const rng = new Rng(1)
 * const encoder = gru(8, 16, { bidirectional: true, rng })
 * const model = new SequenceToVector({ encoder, outputSize: 3, pooling: ['mean', 'max'], rng })
 * const logits = model.forward(rng.normal([4, 10, 8]), { lengths: [10, 3, 7, 0] })
 * console.assert(logits.shape.join() === '4,3')
 * ```
 */
export class SequenceToVector extends Module {
  readonly encoder: SequenceLayer<unknown>
  readonly pooling: readonly Pooling[]
  readonly compare: Linear | null
  readonly score: Linear | null
  readonly dropout: Dropout | null
  readonly head: Linear

  constructor({ encoder, outputSize, pooling = 'last', dropout = 0, rng, dtype = 'float32' }: SequenceToVectorOptions) {
    super()
    const ways: readonly Pooling[] = typeof pooling === 'string' ? [pooling] : [...pooling]
    const { outputSize: size } = encoder
    const last = ways.includes('last') ? lastHidden(encoder.initialState(1))?.shape[1] : size
    throwRangeFaults('SequenceToVector', [...sizeFaults({ outputSize }), ...poolingFaults(ways, last)])
    this.encoder = encoder
    this.pooling = ways
    this.compare = ways.includes('attention') ? new Linear(size, size, { rng, dtype }) : null
    this.score = ways.includes('attention') ? new Linear(size, 1, { rng, dtype, bias: false }) : null
    this.dropout = dropout === 0 ? null : new Dropout(dropout, { rng: rng.split() })
    const total = ways.reduce((sum, way) => sum + (way === 'last' ? (last ?? 0) : size), 0)
    this.head = new Linear(total, outputSize, { rng, dtype })
  }

  /**
   * @param x `[batch, time, features]`, padded on the right
   * @returns `[batch, outputSize]`
   * @throws ShapeError when `x` or the lengths do not fit
   */
  forward(x: Tensor, { lengths }: LengthsOption = {}): Tensor {
    const given = lengths === undefined ? {} : { lengths }
    const { output, state } = this.encoder.forward(x, given)
    const parts = this.pooling.map((way) => this.#pool(way, { output, state, given }))
    const summary = parts.length === 1 ? parts[0] : concat(parts, { axis: 1 })
    return this.head.forward(this.dropout === null ? summary : this.dropout.forward(summary))
  }

  #pool(way: Pooling, encoded: { output: Tensor; state: unknown; given: { lengths?: Lengths } }): Tensor {
    const { output, state, given } = encoded
    if (way === 'mean') return meanOverTime(output, given)
    if (way === 'max') return maxOverTime(output, given)
    if (way === 'attention') return this.#attend(output, given)
    const hidden = lastHidden(state)
    if (hidden === undefined) throw new Error('SequenceToVector: expected a state with a tensor hidden, got none')
    return hidden
  }

  #attend(output: Tensor, given: LengthsOption): Tensor {
    const { compare, score } = this
    if (compare === null || score === null) return output
    const { memory, mask } = prepareMemory('SequenceToVector.forward', output, given)
    const scores = swapAxes(score.forward(tanh(compare.forward(memory))), 1, 2)
    return squeeze(matmul(maskedSoftmax(scores, mask), memory), 1)
  }
}

const ways: readonly string[] = ['last', 'mean', 'max', 'attention'] satisfies Pooling[]

function poolingFaults(given: readonly Pooling[], last: number | undefined): string[] {
  const faults = given
    .filter((way) => !ways.includes(way))
    .map((way) => `expected pooling of ${ways.join(', ')}, got ${way}`)
  if (given.length === 0) faults.push(`expected at least one pooling of ${ways.join(', ')}, got none`)
  if (last === undefined)
    faults.push("expected an encoder whose state has a tensor hidden for pooling 'last', got none")
  return faults
}
