// The fully connected layer.
import { linear, type Parameter, type Tensor } from '@ostinato/tensor'
import { checkTensor, sizeFaults, throwRangeFaults } from '../check.ts'
import { Module } from '../module.ts'
import { weightAndBias, type WeightOptions } from './options.ts'

/**
 * `y = x Wᵀ + b` on the last axis of `x`.
 *
 * Weight `[outputSize, inputSize]`, bias `[outputSize]`, as `torch.nn.Linear`; both start as
 * `U(-1/sqrt(inputSize), 1/sqrt(inputSize))` unless an `initialiser` is given for the weight.
 *
 * @throws RangeError when a size is not an integer of 1 or more
 * @example
 * ```ts
 * import { Linear } from '@ostinato/nn'
 * import { ones, Rng } from '@ostinato/tensor'
 * const layer = new Linear(64, 10, { rng: new Rng(0) })
 * console.assert(layer.forward(ones([32, 20, 64])).shape.join() === '32,20,10')
 * ```
 */
export class Linear extends Module {
  readonly inputSize: number
  readonly outputSize: number
  readonly weight: Parameter
  readonly bias: Parameter | null

  constructor(inputSize: number, outputSize: number, options: WeightOptions) {
    super()
    throwRangeFaults('Linear', sizeFaults({ inputSize, outputSize }))
    this.inputSize = inputSize
    this.outputSize = outputSize
    const { weight, bias } = weightAndBias([outputSize, inputSize], outputSize, options)
    this.weight = weight
    this.bias = bias
  }

  /**
   * @param x `[..., inputSize]`
   * @returns `[..., outputSize]`
   * @throws ShapeError when the last axis has another size or the element type differs
   */
  forward(x: Tensor): Tensor {
    const { inputSize, weight, bias } = this
    checkTensor('Linear.forward', x, { axes: ['...', ['features', inputSize]], dtype: weight.dtype })
    return linear(x, weight, bias)
  }
}
