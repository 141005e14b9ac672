// Scaled dot-product attention with several heads over a memory. Self-attention is in `@ostinato/nn`.
import { Linear } from '@ostinato/nn'
import { expandAxis, matmul, mean, multiply, reshape, transpose, type FloatDType, type Tensor } from '@ostinato/tensor'
import {
  Attention,
  maskedSoftmax,
  type Attended,
  type AttentionLayerOptions,
  type AttentionMemory,
} from './attention.ts'
import { sizeFaults, throwRangeFaults } from '../checks.ts'

/** How an attention with several heads is built. */
export interface ScaledMultiHeadAttentionOptions extends AttentionLayerOptions {
  /** The number of heads. Default 1. */
  readonly heads?: number
  /** The number of features of all heads together, and of the context. Default: `querySize`. */
  readonly size?: number
}

/**
 * Scaled dot-product attention with several heads: the `query`, `key` and `value` layers project to `size` features, of
 * which each head takes its `size / heads`; `score = qᵀ k_j / sqrt(size / heads)` within a head; the heads' contexts,
 * side by side, go through the `output` layer (Vaswani et al. 2017, "Attention is all you need", §3.2), which has no
 * bias: a row with nothing to attend to has a context of 0. The weights given are the mean over the heads.
 *
 * `MultiHeadAttention` of `@ostinato/nn` computes the same for whole sequences of one size; this one projects a memory
 * once and then takes query after query.
 *
 * @throws RangeError when a size is not an integer of 1 or more, or `heads` does not divide `size`
 * @example
 * ```ts
 * import { Rng } from '@ostinato/tensor'
 * import { ScaledMultiHeadAttention } from '@ostinato/rnn'
 * const rng = new Rng(1)
 * const attention = new ScaledMultiHeadAttention(8, 6, { heads: 2, rng })
 * const memory = attention.prepare(rng.normal([2, 5, 6]), { lengths: [5, 0] })
 * const { context, weights } = attention.attend(rng.normal([2, 8]), memory)
 * console.assert(context.shape.join() === '2,8' && weights.shape.join() === '2,5')
 * ```
 */
export class ScaledMultiHeadAttention extends Attention {
  readonly querySize: number
  readonly memorySize: number
  readonly contextSize: number
  readonly heads: number
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear
  readonly output: Linear

  constructor(querySize: number, memorySize: number, options: ScaledMultiHeadAttentionOptions) {
    super()
    const { heads = 1, size = querySize, ...weights } = options
    const divided = size % heads === 0 ? [] : [`expected size to be a multiple of heads, got ${size} and ${heads}`]
    throwRangeFaults('ScaledMultiHeadAttention', [...sizeFaults({ querySize, memorySize, heads, size }), ...divided])
    this.querySize = querySize
    this.memorySize = memorySize
    this.contextSize = size
    this.heads = heads
    this.query = new Linear(querySize, size, weights)
    this.key = new Linear(memorySize, size, weights)
    this.value = new Linear(memorySize, size, weights)
    this.output = new Linear(size, size, { ...weights, bias: false })
  }

  protected get dtype(): FloatDType {
    return this.query.weight.dtype
  }

  protected project(memory: Tensor): Omit<AttentionMemory, 'mask'> {
    return {
      keys: this.#splitHeads(this.key.forward(memory)),
      values: this.#splitHeads(this.value.forward(memory)),
    }
  }

  protected attendSteps(query: Tensor, { keys, values, mask }: AttentionMemory): Attended {
    const { heads, contextSize } = this
    const queries = this.#splitHeads(this.query.forward(query))
    const scores = multiply(matmul(queries, keys, { transposeB: true }), 1 / Math.sqrt(contextSize / heads))
    const weights = maskedSoftmax(scores, mask && expandAxis(mask, 1))
    const joined = reshape(transpose(matmul(weights, values), [0, 2, 1, 3]), [...query.shape.slice(0, 2), contextSize])
    return { context: this.output.forward(joined), weights: mean(weights, { axis: 1 }) }
  }

  /** `[batch, steps, size]` to `[batch, heads, steps, size / heads]`. */
  #splitHeads(x: Tensor): Tensor {
    const { heads, contextSize } = this
    return transpose(reshape(x, [x.shape[0], x.shape[1], heads, contextSize / heads]), [0, 2, 1, 3])
  }
}
