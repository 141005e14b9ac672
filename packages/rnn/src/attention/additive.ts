// The attention of Bahdanau, Cho and Bengio: a small network compares query and position.
import { Linear } from '@ostinato/nn'
import { add, expandAxis, squeeze, tanh, type FloatDType, type Tensor } from '@ostinato/tensor'
import { Attention, weigh, type Attended, type AttentionLayerOptions, type AttentionMemory } from './attention.ts'
import { sizeFaults, throwRangeFaults } from '../checks.ts'

/** How an additive attention is built. */
export interface AdditiveAttentionOptions extends AttentionLayerOptions {
  /** The number of hidden units of the comparison. Default: `querySize`. */
  readonly size?: number
}

/**
 * Additive attention, with `W` the `query` layer, `U` the `key` layer and `v` the `score` layer:
 *
 *     score(q, m_j) = vᵀ tanh(W q + U m_j + b)
 *
 * (Bahdanau, Cho & Bengio 2015, "Neural machine translation by jointly learning to align and translate", A.1.2; the
 * bias, left out there, is that of `key`.) The context has the memory's features.
 *
 * @throws RangeError when a size is not an integer of 1 or more
 * @example
 * ```ts
 * import { Rng } from '@ostinato/tensor'
 * import { AdditiveAttention } from '@ostinato/rnn'
 * const rng = new Rng(1)
 * const attention = new AdditiveAttention(8, 6, { rng })
 * const memory = rng.normal([2, 5, 6])
 * const { context, weights } = attention.forward(rng.normal([2, 8]), memory, { lengths: [5, 3] })
 * console.assert(context.shape.join() === '2,6' && weights.data[5 + 3] === 0)
 * ```
 */
export class AdditiveAttention extends Attention {
  readonly querySize: number
  readonly memorySize: number
  readonly query: Linear
  readonly key: Linear
  readonly score: Linear

  constructor(querySize: number, memorySize: number, options: AdditiveAttentionOptions) {
    super()
    const { size = querySize, ...weights } = options
    throwRangeFaults('AdditiveAttention', sizeFaults({ querySize, memorySize, size }))
    this.querySize = querySize
    this.memorySize = memorySize
    this.query = new Linear(querySize, size, { ...weights, bias: false })
    this.key = new Linear(memorySize, size, weights)
    this.score = new Linear(size, 1, { ...weights, bias: false })
  }

  get contextSize(): number {
    return this.memorySize
  }

  protected get dtype(): FloatDType {
    return this.query.weight.dtype
  }

  protected project(memory: Tensor): Omit<AttentionMemory, 'mask'> {
    return { keys: this.key.forward(memory), values: memory }
  }

  protected attendSteps(query: Tensor, memory: AttentionMemory): Attended {
    const queries = expandAxis(this.query.forward(query), 2)
    const compared = tanh(add(queries, expandAxis(memory.keys, 1)))
    return weigh(squeeze(this.score.forward(compared), -1), memory)
  }
}
