// The last layer of a decoder: features to the logits of tokens, for single steps and for padded batches.
import { Dropout, fanInUniform, Linear, Module } from '@ostinato/nn'
import {
  gather,
  linear,
  Parameter,
  reshape,
  scatterAdd,
  tensor,
  zeros,
  type FloatDType,
  type Rng,
  type Tensor,
} from '@ostinato/tensor'

/** How a head is built. */
export interface TokenHeadOptions {
  readonly rng: Rng
  readonly dtype: FloatDType
  /** The embedding's table, when its weight is to serve here too. */
  readonly tied: Parameter | undefined
  /** The probability that a feature is dropped in training. */
  readonly dropout: number
}

/**
 * `logits = features Wᵀ + b`. With a tied weight, `W` is the table of the embedding (Press & Wolf 2017, "Using the
 * output embedding to improve language models"), after a projection to its size where the features have another.
 */
export class TokenHead extends Module {
  readonly dropout: Dropout | null
  readonly projection: Linear | null
  readonly weight: Parameter
  readonly bias: Parameter

  constructor(inputSize: number, vocabularySize: number, { rng, dtype, tied, dropout }: TokenHeadOptions) {
    super()
    this.dropout = dropout === 0 ? null : new Dropout(dropout, { rng: rng.split() })
    const size = tied?.shape[1] ?? inputSize
    this.projection = size === inputSize ? null : new Linear(inputSize, size, { rng, dtype, bias: false })
    this.weight = tied ?? new Parameter(fanInUniform([vocabularySize, size], { rng, dtype }))
    this.bias = new Parameter<FloatDType>(zeros([vocabularySize], { dtype }))
  }

  /**
   * @param x `[..., inputSize]`
   * @returns `[..., vocabulary]`
   */
  forward(x: Tensor): Tensor {
    const kept = this.dropout === null ? x : this.dropout.forward(x)
    const features = this.projection === null ? kept : this.projection.forward(kept)
    return linear(features, this.weight, this.bias)
  }
}

/**
 * A layer over the valid steps of `x` `[batch, time, features]`, zero past each row's length: padding costs no product.
 *
 * @param layer from `[…, features]` to `[…, outputs]`
 * @returns `[batch, time, outputs]`
 */
export function overValidSteps(x: Tensor, lengths: Int32Array | undefined, layer: (valid: Tensor) => Tensor): Tensor {
  if (lengths === undefined) return layer(x)
  const [batch, time, features] = x.shape
  const ids = tensor(validSteps(lengths, time))
  const valid = layer(gather(reshape(x, [batch * time, features]), ids))
  const outputs = valid.shape[1]
  return reshape(scatterAdd([batch * time, outputs], ids, valid), [batch, time, outputs])
}

/** The places of the valid steps among all `batch * time`, row by row. */
function validSteps(lengths: Int32Array, time: number): Int32Array {
  const places = new Int32Array(lengths.reduce((total, length) => total + length, 0))
  let at = 0
  lengths.forEach((length, row) => {
    for (let t = 0; t < length; t++) places[at++] = row * time + t
  })
  return places
}
