// Scaled dot-product attention with several heads. The attention of recurrent decoders is in `@ostinato/rnn`.
import {
  formatShape, less, linear, logicalAnd, matmul, multiply, Parameter, range, reshape, slice, softmax, split, Tensor,
  transpose, where, zeros, type FloatDType, type Rng,
} from '@ostinato/tensor'
import { faultsOf, rangeFaults, sizeFaults, throwFaults, throwRangeFaults } from '../check.ts'
import { glorotUniform } from '../initialisers.ts'
import { readLengths, type Lengths } from '../lengths.ts'
import { Module } from '../module.ts'
import { Dropout } from './dropout.ts'
import { Linear } from './linear.ts'

/** What a multi-head attention has besides its sizes. */
export interface MultiHeadAttentionOptions {
  /** Where the starting values come from, and dropout. */
  readonly rng: Rng
  /** Whether the projections have biases. Default true. */
  readonly bias?: boolean
  /** The probability that an attention weight is dropped in training. Default 0. */
  readonly dropout?: number
  /** The element type of parameters and inputs. Default float32. */
  readonly dtype?: FloatDType
}

/** Which keys a query may attend to. */
export interface AttentionOptions {
  /** `[queryTime, keyTime]` or what broadcasts to `[batch, heads, queryTime, keyTime]`; true: may be attended to. */
  readonly mask?: Tensor<'bool'>
  /** The valid steps of each row of the keys. Default: all. */
  readonly keyLengths?: Lengths
}

/** What attention gives. */
export interface AttentionResult {
  /** `[batch, queryTime, embed]` */
  readonly output: Tensor
  /** `[batch, heads, queryTime, keyTime]`, before dropout; each row adds up to 1, or to 0 where every key is masked. */
  readonly weights: Tensor
}

/**
 * Multi-head attention: with `q = query Wqᵀ + bq` and so on for keys and values, each head takes its `embed / heads`
 * features, `weights = softmax(q kᵀ / sqrt(embed / heads))` over the keys that may be attended to, and the heads'
 * `weights v`, side by side, go through an output projection. Vaswani et al. 2017, "Attention is all you need", §3.2.
 *
 * `inProjectionWeight` `[3 * embed, embed]` holds Wq, Wk, Wv one under the other, `inProjectionBias` `[3 * embed]`;
 * then `outputProjection`, a `Linear`: as `torch.nn.MultiheadAttention`. The weights start as there: Glorot uniform for
 * the input projection, `Linear`'s own for the output, biases 0.
 *
 * @throws RangeError when a size is not an integer of 1 or more or `heads` does not divide `embedSize`
 * @example
 * ```ts
 * import { MultiHeadAttention } from '@ostinato/nn'
 * import { Rng } from '@ostinato/tensor'
 * const rng = new Rng(0)
 * const attention = new MultiHeadAttention(8, 2, { rng })
 * const { output, weights } = attention.forward(rng.normal([4, 5, 8]), rng.normal([4, 6, 8]))
 * console.assert(output.shape.join() === '4,5,8' && weights.shape.join() === '4,2,5,6')
 * ```
 */
export class MultiHeadAttention extends Module {
  readonly embedSize: number
  readonly heads: number
  readonly inProjectionWeight: Parameter
  readonly inProjectionBias: Parameter | null
  readonly outputProjection: Linear
  readonly dropout: Dropout

  constructor(embedSize: number, heads: number, options: MultiHeadAttentionOptions) {
    super()
    const { rng, bias = true, dropout = 0, dtype = 'float32' } = options
    throwRangeFaults('MultiHeadAttention', [
      ...sizeFaults({ embedSize, heads }),
      ...(embedSize % heads === 0 ? [] : [`expected embedSize to be a multiple of heads, got ${embedSize} and ${heads}`]),
      ...rangeFaults('dropout', dropout, [0, 1]),
    ])
    this.embedSize = embedSize
    this.heads = heads
    this.inProjectionWeight = new Parameter(glorotUniform([3 * embedSize, embedSize], { rng, dtype }))
    this.inProjectionBias = bias ? new Parameter(zeros([3 * embedSize], { dtype })) : null
    this.outputProjection = new Linear(embedSize, embedSize, { rng, bias, dtype })
    this.outputProjection.bias?.data.fill(0)
    this.dropout = new Dropout(dropout, { rng })
  }

  /**
   * @param query `[batch, queryTime, embed]`
   * @param key `[batch, keyTime, embed]`; default: the query (self-attention)
   * @param value `[batch, keyTime, embed]`; default: the key
   * @returns the output, and the weights of each head. A query whose keys are all masked attends to nothing: weights 0
   * @throws ShapeError when shapes, types, mask or lengths do not fit
   */
  forward(query: Tensor, key: Tensor = query, value: Tensor = key, options: AttentionOptions = {}): AttentionResult {
    const { embedSize, heads, outputProjection, dropout } = this
    const allowed = this.#check(query, key, value, options)
    const [q, k, v] = this.#project(query, key, value).map((x) => this.#splitHeads(x))
    const scores = multiply(matmul(q, k, { transposeB: true }), 1 / Math.sqrt(embedSize / heads))
    const weights = maskedSoftmax(scores, allowed)
    const context = transpose(matmul(dropout.forward(weights), v), [0, 2, 1, 3])
    return { output: outputProjection.forward(reshape(context, query.shape)), weights }
  }

  /** `[batch, time, embed]` to `[batch, heads, time, embed / heads]`. */
  #splitHeads(x: Tensor): Tensor {
    const { heads, embedSize } = this
    return transpose(reshape(x, [x.shape[0], x.shape[1], heads, embedSize / heads]), [0, 2, 1, 3])
  }

  /** Queries, keys and values; inputs that are the same tensor go through one product. */
  #project(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
    if (query === key && key === value) return split(this.#rows(query, 0, 3), 3, { axis: -1 })
    if (key === value) return [this.#rows(query, 0, 1), ...split(this.#rows(key, 1, 3), 2, { axis: -1 })]
    return [query, key, value].map((x, i) => this.#rows(x, i, i + 1))
  }

  /** The projection by the blocks `from` up to `to` of the weight. */
  #rows(x: Tensor, from: number, to: number): Tensor {
    const { embedSize, inProjectionWeight, inProjectionBias } = this
    const rows = [from * embedSize, to * embedSize] as const
    return linear(x, slice(inProjectionWeight, [rows]), inProjectionBias && slice(inProjectionBias, [rows]))
  }

  /** Checks a call and returns what may be attended to, or null for everything. */
  #check(query: Tensor, key: Tensor, value: Tensor, { mask, keyLengths }: AttentionOptions): Tensor<'bool'> | null {
    const { embedSize, heads, inProjectionWeight: { dtype } } = this
    const where = 'MultiHeadAttention.forward'
    throwFaults(where, faultsOf(query, { axes: ['batch', 'queryTime', ['embed', embedSize]], dtype }, 'query'))
    const [batch, queryTime] = query.shape
    throwFaults(where, faultsOf(key, { axes: [['batch', batch], 'keyTime', ['embed', embedSize]], dtype }, 'key'))
    const keyTime = key.shape[1]
    const faults = faultsOf(value, { axes: [['batch', batch], ['keyTime', keyTime], ['embed', embedSize]], dtype }, 'value')
    const lengths = readLengths('keyLengths', keyLengths, { rows: batch, limit: keyTime })
    if (mask !== undefined) faults.push(...maskFaults(mask, [batch, heads, queryTime, keyTime]))
    throwFaults(where, [...faults, ...lengths.faults])
    const given = mask ?? null
    if (keyLengths === undefined) return given
    const valid = less(range(0, keyTime, { dtype: 'int32' }), reshape(new Tensor(lengths.values, [batch], 'int32'), [batch, 1, 1, 1]))
    return given === null ? valid : logicalAnd(given, valid)
  }
}

/** Softmax over the last axis among what is allowed; 0 elsewhere, and everywhere in a row that allows nothing. */
function maskedSoftmax(scores: Tensor, allowed: Tensor<'bool'> | null): Tensor {
  if (allowed === null) return softmax(scores, { axis: -1 })
  // Not -Infinity: a row of it alone has no softmax. The exponential of the difference to any real score is 0.
  return where(allowed, softmax(where(allowed, scores, -1e30), { axis: -1 }), 0)
}

/** A mask has 2 or 4 axes: with 3, the first could be meant for the batch and be taken for the heads. */
function maskFaults(mask: Tensor<'bool'>, shape: readonly number[]): string[] {
  const fits = (mask.rank === 2 || mask.rank === 4)
    && mask.shape.every((n, i) => n === shape[4 - mask.rank + i] || (n === 1 && mask.rank === 4))
  const faults = mask.dtype === 'bool' ? [] : [`mask: expected bool, got ${String(mask.dtype)}`]
  if (!fits) {
    faults.push(
      `mask: expected [queryTime=${shape[2]}, keyTime=${shape[3]}], or 4 axes that broadcast to ${formatShape(shape)}, `
      + `got ${formatShape(mask.shape)}`)
  }
  return faults
}
