// Dropout of single values, or of whole rows of them. Recurrent layers apply it between layers; nothing here knows a
// time axis.
import { allocate, isTraining, multiply, resolveAxes, Tensor, zerosLike, type Rng } from '@ostinato/tensor'
import { checkTensor, rangeFaults, throwRangeFaults } from '../check.ts'
import { Module } from '../module.ts'

/** What dropout draws from. */
export interface DropoutOptions {
  /** Moves on with every call that drops; save and restore it to go on exactly. */
  readonly rng: Rng
  /**
   * Axes along which one draw serves all: `[1]` drops a feature of `[batch, time, features]` at every step of a row or
   * at none (Gal & Ghahramani 2016, "A theoretically grounded application of dropout in recurrent neural networks").
   * Default: none.
   */
  readonly sharedAxes?: readonly number[]
}

/**
 * In training, zeroes each value with the given probability and divides the others by `1 - probability`, so that the
 * expected value stays; otherwise passes `x` on unchanged. Training is what `isTraining()` says: while gradients are
 * recorded, unless `withTraining` decides otherwise.
 *
 * Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting", §10 (the inverted form).
 *
 * @throws RangeError when the probability is not from 0 to 1
 * @example
 * ```ts
 * import { Dropout } from '@ostinato/nn'
 * import { ones, Rng, withTraining } from '@ostinato/tensor'
 * const dropout = new Dropout(0.5, { rng: new Rng(0) })
 * const x = ones([4, 8])
 * console.assert(dropout.forward(x) === x)
 * const dropped = withTraining(true, () => dropout.forward(x))
 * console.assert(dropped.data.every((value) => value === 0 || value === 2))
 * ```
 */
export class Dropout extends Module {
  readonly probability: number
  readonly rng: Rng
  readonly sharedAxes: readonly number[]

  constructor(probability: number, { rng, sharedAxes = [] }: DropoutOptions) {
    super()
    throwRangeFaults('Dropout', rangeFaults('a probability', probability, [0, 1]))
    this.probability = probability
    this.rng = rng
    this.sharedAxes = sharedAxes
  }

  /**
   * @param x any shape
   * @returns the shape of `x`
   */
  forward(x: Tensor): Tensor {
    const { probability, rng, sharedAxes } = this
    checkTensor('Dropout.forward', x, { axes: ['...'], dtype: x.dtype })
    if (probability === 0 || !isTraining()) return x
    if (probability === 1) return multiply(x, zerosLike(x))
    const shared = resolveAxes('Dropout.forward', sharedAxes, x.rank)
    const shape = x.shape.map((size, axis) => (shared.includes(axis) ? 1 : size))
    const kept = rng.bernoulli(shape, 1 - probability).data
    const scale = 1 / (1 - probability)
    const factors = allocate(x.dtype, kept.length)
    for (let i = 0; i < factors.length; i++) factors[i] = kept[i] * scale
    return multiply(x, new Tensor(factors, shape, x.dtype))
  }
}
