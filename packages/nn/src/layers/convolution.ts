// Layers that slide filters over time or over planes, and back. The arithmetic is in `@ostinato/tensor`.
import {
  add, conv1d, conv2d, convTranspose1d, convTranspose2d, reshape, type ConvolutionOptions, type Extent, type Parameter,
  type Shape, type Tensor, type TransposedConvolutionOptions,
} from '@ostinato/tensor'
import { checkTensor, extentFaults, sizeFaults, throwRangeFaults } from '../check.ts'
import { Module } from '../module.ts'
import { weightAndBias, type WeightOptions } from './options.ts'

/** What a convolution has besides its sizes; `E` is a number in one dimension, a number or `[height, width]` in two. */
export interface ConvolutionLayerOptions<E extends Extent = Extent> extends WeightOptions, ConvolutionOptions<E> {}

/** What a transposed convolution has besides its sizes. */
export interface TransposedConvolutionLayerOptions<E extends Extent = Extent>
  extends WeightOptions, TransposedConvolutionOptions<E> {}

/** The sizes of a layer; the kernel has one size an axis. */
interface Sizes {
  readonly inputChannels: number
  readonly outputChannels: number
  readonly kernel: Shape
}

/** What the four layers share: how they are checked, start and add their bias. */
abstract class Convolution<E extends Extent, Slide extends TransposedConvolutionOptions<E>> extends Module {
  readonly inputChannels: number
  readonly outputChannels: number
  /** The sizes of the kernel, one an axis. */
  readonly kernelSize: Shape
  /** How the filters slide. */
  readonly slide: Slide
  readonly weight: Parameter
  readonly bias: Parameter | null
  readonly #name: string

  constructor(name: string, sizes: Sizes & { readonly transposed: boolean }, options: WeightOptions & Slide) {
    super()
    const { inputChannels, outputChannels, kernel, transposed } = sizes
    const { rng, bias, initialiser, dtype, ...slide } = options
    const { stride = 1, dilation = 1, padding = 0, outputPadding = 0, groups = 1 } = slide
    throwRangeFaults(name, [
      ...sizeFaults({ inputChannels, outputChannels, groups }),
      ...extentFaults({ kernelSize: kernel, stride, dilation }, 1),
      ...extentFaults({ padding, outputPadding }, 0),
    ])
    if (inputChannels % groups !== 0 || outputChannels % groups !== 0) {
      throwRangeFaults(name, [
        `expected channels that are multiples of groups=${groups}, got ${inputChannels} and ${outputChannels}`,
      ])
    }
    this.#name = name
    this.inputChannels = inputChannels
    this.outputChannels = outputChannels
    this.kernelSize = kernel
    this.slide = slide as unknown as Slide
    const [first, second] = transposed ? [inputChannels, outputChannels] : [outputChannels, inputChannels]
    const made = weightAndBias([first, second / groups, ...kernel], outputChannels, options)
    this.weight = made.weight
    this.bias = made.bias
  }

  /** The operation with the weight, without the bias. */
  protected abstract apply(x: Tensor): Tensor

  /**
   * @param x `[batch, inputChannels, time]` or `[batch, inputChannels, height, width]`
   * @returns the same axes, with `outputChannels` channels
   * @throws ShapeError when the axes or the element type differ, or nothing is left of a size
   */
  forward(x: Tensor): Tensor {
    const { inputChannels, outputChannels, kernelSize, weight, bias } = this
    const places = kernelSize.length === 1 ? ['time'] : ['height', 'width']
    const axes = ['batch', ['channels', inputChannels], ...places] as const
    checkTensor(`${this.#name}.forward`, x, { axes, dtype: weight.dtype })
    const y = this.apply(x)
    return bias === null ? y : add(y, reshape(bias, [outputChannels, ...kernelSize.map(() => 1)]))
  }
}

const planeOf = (size: Extent): Shape => (typeof size === 'number' ? [size, size] : size)

/**
 * Convolution over time: `conv1d` of `@ostinato/tensor` plus a bias for each output channel, `y[n, o, t] = b[o] + Σ_{c,
 * i} x[n, c, t stride - padding + i dilation] w[o, c, i]` (Dumoulin and Visin 2016, "A guide to convolution arithmetic
 * for deep learning", §2).
 *
 * `x` `[batch, inputChannels, time]`, weight `[outputChannels, inputChannels / groups, kernelSize]`, bias
 * `[outputChannels]`, as `torch.nn.Conv1d`; both start as `U(-1/sqrt(n), 1/sqrt(n))`, n the inputs of one output.
 *
 * @throws RangeError when a size or an option is not an integer within its range, or `groups` does not divide the
 * channels
 * @example
 * ```ts
 * import { Conv1d } from '@ostinato/nn'
 * import { Rng, zeros } from '@ostinato/tensor'
 * const layer = new Conv1d(8, 16, 3, { rng: new Rng(0), padding: 1 })
 * console.assert(layer.forward(zeros([2, 8, 20])).shape.join() === '2,16,20')
 * ```
 */
export class Conv1d extends Convolution<number, ConvolutionOptions<number>> {
  constructor(
    inputChannels: number,
    outputChannels: number,
    kernelSize: number,
    options: ConvolutionLayerOptions<number>,
  ) {
    super('Conv1d', { inputChannels, outputChannels, kernel: [kernelSize], transposed: false }, options)
  }

  protected override apply(x: Tensor): Tensor {
    return conv1d(x, this.weight, this.slide)
  }
}

/**
 * Convolution over planes: `conv2d` of `@ostinato/tensor` plus a bias for each output channel; see `Conv1d`.
 *
 * `x` `[batch, inputChannels, height, width]`, weight `[outputChannels, inputChannels / groups, height, width]`.
 *
 * @throws RangeError when a size or an option is not an integer within its range, or `groups` does not divide the
 * channels
 * @example
 * ```ts
 * import { Conv2d } from '@ostinato/nn'
 * import { Rng, zeros } from '@ostinato/tensor'
 * const layer = new Conv2d(3, 8, [3, 5], { rng: new Rng(0), stride: 2, padding: [1, 2] })
 * console.assert(layer.forward(zeros([2, 3, 32, 32])).shape.join() === '2,8,16,16')
 * ```
 */
export class Conv2d extends Convolution<Extent, ConvolutionOptions> {
  /** @param kernelSize one number for height and width, or `[height, width]` */
  constructor(inputChannels: number, outputChannels: number, kernelSize: Extent, options: ConvolutionLayerOptions) {
    super('Conv2d', { inputChannels, outputChannels, kernel: planeOf(kernelSize), transposed: false }, options)
  }

  protected override apply(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.slide)
  }
}

/**
 * Transposed convolution over time, the adjoint of a convolution, which makes a sequence longer; see
 * `ConvTranspose2d`.
 *
 * `x` `[batch, inputChannels, time]`, weight `[inputChannels, outputChannels / groups, kernelSize]`.
 *
 * @throws RangeError when a size or an option is not an integer within its range, or `groups` does not divide the
 * channels
 * @example
 * ```ts
 * import { ConvTranspose1d } from '@ostinato/nn'
 * import { Rng, zeros } from '@ostinato/tensor'
 * const layer = new ConvTranspose1d(8, 4, 2, { rng: new Rng(0), stride: 2 })
 * console.assert(layer.forward(zeros([3, 8, 10])).shape.join() === '3,4,20')
 * ```
 */
export class ConvTranspose1d extends Convolution<number, TransposedConvolutionOptions<number>> {
  constructor(
    inputChannels: number,
    outputChannels: number,
    kernelSize: number,
    options: TransposedConvolutionLayerOptions<number>,
  ) {
    super('ConvTranspose1d', { inputChannels, outputChannels, kernel: [kernelSize], transposed: true }, options)
  }

  protected override apply(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, this.slide)
  }
}

/**
 * Transposed convolution over planes: `convTranspose2d` of `@ostinato/tensor`, the adjoint of a convolution, plus a
 * bias for each output channel (Dumoulin and Visin 2016, §4). With a stride it enlarges.
 *
 * `x` `[batch, inputChannels, height, width]`, weight `[inputChannels, outputChannels / groups, height, width]`, bias
 * `[outputChannels]`, as `torch.nn.ConvTranspose2d`; both start as `U(-1/sqrt(n), 1/sqrt(n))`, where n is, as there,
 * `outputChannels / groups` times the kernel's size.
 *
 * @throws RangeError when a size or an option is not an integer within its range, or `groups` does not divide the
 * channels
 * @example
 * ```ts
 * import { ConvTranspose2d } from '@ostinato/nn'
 * import { Rng, zeros } from '@ostinato/tensor'
 * const layer = new ConvTranspose2d(8, 3, 4, { rng: new Rng(0), stride: 2, padding: 1 })
 * console.assert(layer.forward(zeros([2, 8, 16, 16])).shape.join() === '2,3,32,32')
 * ```
 */
export class ConvTranspose2d extends Convolution<Extent, TransposedConvolutionOptions> {
  /** @param kernelSize one number for height and width, or `[height, width]` */
  constructor(
    inputChannels: number,
    outputChannels: number,
    kernelSize: Extent,
    options: TransposedConvolutionLayerOptions,
  ) {
    super('ConvTranspose2d', { inputChannels, outputChannels, kernel: planeOf(kernelSize), transposed: true }, options)
  }

  protected override apply(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, this.slide)
  }
}
