// What a network says of each step ahead, and what it learns by: the interface of heads. The heads themselves are in
// files of their own.
import type { ReductionOption } from '@ostinato/nn'
import type { Rng, Tensor } from '@ostinato/tensor'

/** What a head makes of the outputs of one step of a network, in the scale that the network sees. */
export interface Marginal {
  readonly mean: number
  /** @throws RangeError unless `level` is inside (0, 1) */
  quantile(level: number): number
  /** Draws a value. */
  sample(rng: Rng): number
}

/** The end of a network: how many numbers it needs for a step, what they mean, and how far they are from the truth. */
export interface Head {
  readonly name: string
  /** Outputs of the network for each step. */
  readonly size: number
  /**
   * @param outputs `[..., size]`
   * @param target `[...]`
   * @returns a scalar, or with `reduction: 'none'` the shape of `target`
   * @throws ShapeError when the shapes do not fit
   */
  loss(outputs: Tensor, target: Tensor, options?: ReductionOption): Tensor
  /** @param outputs the `size` numbers of one step */
  marginal(outputs: ArrayLike<number>): Marginal
}
