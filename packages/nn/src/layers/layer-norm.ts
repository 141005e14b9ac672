// Normalisation of each example over its features.
import { ones, Parameter, zeros, type FloatDType, type Shape, type Tensor } from '@ostinato/tensor'
import { checkTensor, rangeFaults, sizeFaults, throwRangeFaults, type Axis } from '../check.ts'
import { Module } from '../module.ts'
import { normalise } from '../normalise.ts'

/** What a layer norm has besides its shape. */
export interface LayerNormOptions {
  /** What is added to the variance. Default 1e-5. */
  readonly epsilon?: number
  /** Whether there is a weight. Default true. */
  readonly weight?: boolean
  /** Whether there is a bias. Default: as `weight`. */
  readonly bias?: boolean
  /** The element type of parameters and inputs. Default float32. */
  readonly dtype?: FloatDType
}

/**
 * `y = (x - mean(x)) / sqrt(variance(x) + epsilon) * weight + bias`, mean and variance (over n, not n - 1) over the
 * last axes, whose sizes are `shape`: Ba, Kiros and Hinton 2016, "Layer normalization", eq. 3-4.
 *
 * Weight and bias have the shape `shape`, as `torch.nn.LayerNorm`; they start as ones and zeros.
 *
 * @throws RangeError when a size is not an integer of 1 or more, or `epsilon` is negative
 * @example
 * ```ts
 * import { LayerNorm } from '@ostinato/nn'
 * import { tensor } from '@ostinato/tensor'
 * const norm = new LayerNorm(2)
 * const y = norm.forward(tensor([[1, 3], [10, 30]]))
 * console.assert(y.data.every((value) => Math.abs(Math.abs(value) - 1) < 1e-4))
 * ```
 */
export class LayerNorm extends Module {
  readonly shape: Shape
  readonly epsilon: number
  readonly dtype: FloatDType
  readonly weight: Parameter | null
  readonly bias: Parameter | null

  /** @param shape the sizes of the last axes; a number stands for one axis */
  constructor(shape: number | Shape, options: LayerNormOptions = {}) {
    super()
    const { epsilon = 1e-5, weight = true, bias = weight, dtype = 'float32' } = options
    this.shape = typeof shape === 'number' ? [shape] : [...shape]
    this.epsilon = epsilon
    this.dtype = dtype
    throwRangeFaults('LayerNorm', [
      ...sizeFaults(Object.fromEntries(this.shape.map((size, i) => [`size ${i}`, size]))),
      ...(this.shape.length === 0 ? ['expected at least one axis, got []'] : []),
      ...rangeFaults('epsilon', epsilon, [0, Infinity]),
    ])
    this.weight = weight ? new Parameter(ones(this.shape, { dtype })) : null
    this.bias = bias ? new Parameter(zeros(this.shape, { dtype })) : null
  }

  /**
   * @param x `[..., ...shape]`
   * @returns the shape of `x`
   * @throws ShapeError when the last axes have other sizes or the element type differs
   */
  forward(x: Tensor): Tensor {
    const { shape, epsilon, weight, bias, dtype } = this
    const features = shape.map((size, i): Axis => [shape.length === 1 ? 'features' : `features${i}`, size])
    checkTensor('LayerNorm.forward', x, { axes: ['...', ...features], dtype })
    const inner = shape.reduce((a, b) => a * b, 1)
    const layout = [1, x.size / inner, inner] as const
    return normalise(x, { layout, epsilon, weight, bias, along: 'inner' }).output
  }
}
