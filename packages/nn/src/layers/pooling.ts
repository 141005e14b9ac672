// Pooling as layers, to stand in a `Sequential`. Without parameters; the functions are in `@ostinato/tensor`. Pooling
// of padded sequences by their lengths is in `@ostinato/rnn`.
import {
  averagePool1d, averagePool2d, maxPool1d, maxPool2d, type AveragePoolOptions, type Extent, type MaxPoolOptions,
  type Tensor,
} from '@ostinato/tensor'
import { extentFaults, throwRangeFaults } from '../check.ts'
import { Module } from '../module.ts'

/** How a max-pooling layer's window slides. */
export type MaxPoolLayerOptions<E extends Extent = Extent> = Omit<MaxPoolOptions<E>, 'size'>

/** How an average-pooling layer's window slides. */
export type AveragePoolLayerOptions<E extends Extent = Extent> = Omit<AveragePoolOptions<E>, 'size'>

/** What the four layers share: their window. */
abstract class Pool<Window extends MaxPoolOptions & AveragePoolOptions> extends Module {
  /** The size of the window and how it slides. */
  readonly window: Window

  constructor(name: string, window: Window) {
    super()
    const { size, stride = 1, dilation = 1, padding = 0 } = window
    throwRangeFaults(name, [...extentFaults({ size, stride, dilation }, 1), ...extentFaults({ padding }, 0)])
    this.window = window
  }

  /**
   * @param x `[batch, channels, time]` or `[batch, channels, height, width]`
   * @returns the same axes, those pooled over shorter
   * @throws ShapeError when the axes differ or no window fits
   */
  abstract forward(x: Tensor): Tensor
}

/**
 * The largest value under each window along `time` of `[batch, channels, time]`: `maxPool1d` of `@ostinato/tensor`.
 *
 * @throws RangeError when a size or an option is not an integer within its range
 * @example
 * ```ts
 * import { MaxPool1d } from '@ostinato/nn'
 * import { tensor } from '@ostinato/tensor'
 * const y = new MaxPool1d(2).forward(tensor([[[1, 4, 2, 8]]]))
 * console.assert(y.data.join() === '4,8')
 * ```
 */
export class MaxPool1d extends Pool<MaxPoolOptions<number>> {
  constructor(size: number, options: MaxPoolLayerOptions<number> = {}) {
    super('MaxPool1d', { ...options, size })
  }

  override forward(x: Tensor): Tensor {
    return maxPool1d(x, this.window)
  }
}

/**
 * The largest value under each window of `[batch, channels, height, width]`: `maxPool2d` of `@ostinato/tensor`.
 *
 * @throws RangeError when a size or an option is not an integer within its range
 * @example
 * ```ts
 * import { Conv2d, MaxPool2d, Sequential } from '@ostinato/nn'
 * import { relu, Rng, zeros } from '@ostinato/tensor'
 * const block = new Sequential(new Conv2d(1, 4, 3, { rng: new Rng(0), padding: 1 }), relu, new MaxPool2d(2))
 * console.assert(block.forward(zeros([2, 1, 28, 28])).shape.join() === '2,4,14,14')
 * ```
 */
export class MaxPool2d extends Pool<MaxPoolOptions> {
  constructor(size: Extent, options: MaxPoolLayerOptions = {}) {
    super('MaxPool2d', { ...options, size })
  }

  override forward(x: Tensor): Tensor {
    return maxPool2d(x, this.window)
  }
}

/**
 * The mean value under each window along `time` of `[batch, channels, time]`: `averagePool1d` of `@ostinato/tensor`.
 *
 * @throws RangeError when a size or an option is not an integer within its range
 * @example
 * ```ts
 * import { AveragePool1d } from '@ostinato/nn'
 * import { tensor } from '@ostinato/tensor'
 * const y = new AveragePool1d(2).forward(tensor([[[1, 4, 2, 8]]]))
 * console.assert(y.data.join() === '2.5,5')
 * ```
 */
export class AveragePool1d extends Pool<AveragePoolOptions<number>> {
  constructor(size: number, options: AveragePoolLayerOptions<number> = {}) {
    super('AveragePool1d', { ...options, size })
  }

  override forward(x: Tensor): Tensor {
    return averagePool1d(x, this.window)
  }
}

/**
 * The mean value under each window of `[batch, channels, height, width]`: `averagePool2d` of `@ostinato/tensor`.
 *
 * @throws RangeError when a size or an option is not an integer within its range
 * @example
 * ```ts
 * import { AveragePool2d } from '@ostinato/nn'
 * import { tensor } from '@ostinato/tensor'
 * const y = new AveragePool2d([1, 2]).forward(tensor([[[[1, 4, 2, 8]]]]))
 * console.assert(y.data.join() === '2.5,5')
 * ```
 */
export class AveragePool2d extends Pool<AveragePoolOptions> {
  constructor(size: Extent, options: AveragePoolLayerOptions = {}) {
    super('AveragePool2d', { ...options, size })
  }

  override forward(x: Tensor): Tensor {
    return averagePool2d(x, this.window)
  }
}
