// The two multiplicative attentions of Luong, Pham and Manning.
import { Linear } from '@ostinato/nn'
import { matmul, type FloatDType, type Tensor } from '@ostinato/tensor'
import { Attention, weigh, type Attended, type AttentionLayerOptions, type AttentionMemory } from './attention.ts'
import { sizeFaults, throwRangeFaults } from '../checks.ts'

/**
 * Dot attention: `score(q, m_j) = qᵀ m_j` (Luong, Pham & Manning 2015, "Effective approaches to attention-based neural
 * machine translation", §3.1, "dot"). Has no parameters; query and memory have the same number of features.
 *
 * @throws RangeError when `size` is not an integer of 1 or more
 * @example
 * ```ts
 * import { tensor } from '@ostinato/tensor'
 * import { DotAttention } from '@ostinato/rnn'
 * const memory = tensor([[[10, 0], [0, 10]]])
 * const { weights } = new DotAttention(2).forward(tensor([[0, 5]]), memory)
 * console.assert(weights.data[1] > 0.99)
 * ```
 */
export class DotAttention extends Attention {
  readonly querySize: number
  protected readonly dtype = undefined

  constructor(size: number) {
    super()
    throwRangeFaults('DotAttention', sizeFaults({ size }))
    this.querySize = size
  }

  get memorySize(): number {
    return this.querySize
  }

  get contextSize(): number {
    return this.querySize
  }

  protected project(memory: Tensor): Omit<AttentionMemory, 'mask'> {
    return { keys: memory, values: memory }
  }

  protected attendSteps(query: Tensor, memory: AttentionMemory): Attended {
    return weigh(matmul(query, memory.keys, { transposeB: true }), memory)
  }
}

/**
 * General attention, with `W` the `key` layer: `score(q, m_j) = qᵀ W m_j` (Luong, Pham & Manning 2015, §3.1,
 * "general"). The context has the memory's features.
 *
 * @throws RangeError when a size is not an integer of 1 or more
 * @example
 * ```ts
 * import { Rng } from '@ostinato/tensor'
 * import { GeneralAttention } from '@ostinato/rnn'
 * const rng = new Rng(1)
 * const attention = new GeneralAttention(8, 6, { rng })
 * const { context, weights } = attention.forward(rng.normal([2, 4, 8]), rng.normal([2, 5, 6]))
 * console.assert(context.shape.join() === '2,4,6' && weights.shape.join() === '2,4,5')
 * ```
 */
export class GeneralAttention extends Attention {
  readonly querySize: number
  readonly memorySize: number
  readonly key: Linear

  constructor(querySize: number, memorySize: number, options: AttentionLayerOptions) {
    super()
    throwRangeFaults('GeneralAttention', sizeFaults({ querySize, memorySize }))
    this.querySize = querySize
    this.memorySize = memorySize
    this.key = new Linear(memorySize, querySize, { ...options, bias: false })
  }

  get contextSize(): number {
    return this.memorySize
  }

  protected get dtype(): FloatDType {
    return this.key.weight.dtype
  }

  protected project(memory: Tensor): Omit<AttentionMemory, 'mask'> {
    return { keys: this.key.forward(memory), values: memory }
  }

  protected attendSteps(query: Tensor, memory: AttentionMemory): Attended {
    return weigh(matmul(query, memory.keys, { transposeB: true }), memory)
  }
}
