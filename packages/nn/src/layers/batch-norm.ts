// Normalisation of each channel over the examples of a batch. Its running statistics are parameters that are measured.
import {
  add, divide, isTracked, isTraining, multiply, ones, Parameter, reshape, sqrt, subtract, zeros,
  type FloatDType, type Tensor,
} from '@ostinato/tensor'
import { checkTensor, rangeFaults, sizeFaults, throwFaults, throwRangeFaults, type Axis } from '../check.ts'
import { Module } from '../module.ts'
import { normalise, normaliseBy } from '../normalise.ts'
import { RunningStatistic } from '../running-statistic.ts'

/** What a batch norm has besides its size. */
export interface BatchNormOptions {
  /** What is added to the variance. Default 1e-5. */
  readonly epsilon?: number
  /** The share of the newest batch in the running statistics, from 0 to 1. Default 0.1. */
  readonly momentum?: number
  /** Whether there are weight and bias. Default true. */
  readonly affine?: boolean
  /** The element type of parameters and inputs. Default float32. */
  readonly dtype?: FloatDType
}

/** What `BatchNorm1d` and `BatchNorm2d` share. */
abstract class BatchNorm extends Module {
  readonly channels: number
  readonly epsilon: number
  readonly momentum: number
  readonly weight: Parameter | null
  readonly bias: Parameter | null
  readonly runningMean: RunningStatistic
  readonly runningVariance: RunningStatistic
  readonly #name: string

  constructor(name: string, channels: number, options: BatchNormOptions) {
    super()
    this.#name = name
    const { epsilon = 1e-5, momentum = 0.1, affine = true, dtype = 'float32' } = options
    throwRangeFaults(name, [
      ...sizeFaults({ channels }),
      ...rangeFaults('epsilon', epsilon, [0, Infinity]),
      ...rangeFaults('momentum', momentum, [0, 1]),
    ])
    this.channels = channels
    this.epsilon = epsilon
    this.momentum = momentum
    this.weight = affine ? new Parameter(ones([channels], { dtype })) : null
    this.bias = affine ? new Parameter(zeros([channels], { dtype })) : null
    this.runningMean = new RunningStatistic(zeros([channels], { dtype }))
    this.runningVariance = new RunningStatistic(ones([channels], { dtype }))
  }

  /** The axes after the channels, which the statistics are taken over too. */
  protected abstract axesOf(x: Tensor): readonly Axis[]

  /**
   * In training, normalises by the statistics of `x` and moves the running ones towards them; otherwise by the running
   * ones.
   * @returns the shape of `x`
   * @throws ShapeError when an axis has another size, the element type differs, or a channel has one value in training
   */
  forward(x: Tensor): Tensor {
    const { channels, epsilon, runningMean, runningVariance, weight, bias } = this
    const where = `${this.#name}.forward`
    const axes: Axis[] = ['batch', ['channels', channels], ...this.axesOf(x)]
    checkTensor(where, x, { axes, dtype: runningMean.dtype })
    const count = x.size / channels
    const options = {
      layout: [x.shape[0], channels, x.shape[0] === 0 ? 0 : count / x.shape[0]],
      epsilon,
      weight,
      bias,
      along: 'channels',
    } as const
    if (!isTraining()) {
      if (isTracked([x, ...this.parameters()])) return this.#apply(x, [channels, ...axes.slice(2).map(() => 1)])
      return normaliseBy({ mean: runningMean.data, variance: runningVariance.data }, x, options)
    }
    if (count < 2) {
      throwFaults(where, [`expected at least 2 values a channel in training, got ${count}: the variance of one value is 0`])
    }
    const { output, mean, variance } = normalise(x, options)
    this.#move(runningMean, mean, 1)
    this.#move(runningVariance, variance, count / (count - 1))
    return output
  }

  /** The affine map that the running statistics come to, one factor and one shift a channel, in recorded operations. */
  #apply(x: Tensor, column: readonly number[]): Tensor {
    const { epsilon, runningMean, runningVariance, weight, bias } = this
    const inverse = divide(1, sqrt(add(runningVariance, epsilon)))
    const factor = weight === null ? inverse : multiply(weight, inverse)
    const moved = multiply(runningMean, factor)
    const shift = bias === null ? subtract(0, moved) : subtract(bias, moved)
    const stretch = (statistic: Tensor) => (x.rank === 2 ? statistic : reshape(statistic, column))
    return add(multiply(x, stretch(factor)), stretch(shift))
  }

  /** `running = (1 - momentum) running + momentum factor batch`. */
  #move(running: RunningStatistic, batch: Float64Array, factor: number): void {
    const { momentum } = this
    running.update((data) => {
      for (let i = 0; i < data.length; i++) data[i] = (1 - momentum) * data[i] + momentum * factor * batch[i]
    })
  }
}

/**
 * Batch normalisation of `[batch, channels]` or `[batch, channels, time]`: `y = (x - mean) / sqrt(variance + epsilon) *
 * weight + bias` for each channel. Ioffe and Szegedy 2015, "Batch normalization", algorithm 1.
 *
 * In training (`isTraining()`), mean and variance are those of the batch, and the running ones move by `momentum`
 * towards them (the variance over n - 1 there, over n here, as `torch.nn.BatchNorm1d`); otherwise the running ones are
 * used. Weight, bias and running statistics are `[channels]`. Padded steps count like any others.
 *
 * @throws RangeError when a size is not an integer of 1 or more, or an option lies outside its range
 * @example
 * ```ts
 * import { BatchNorm1d } from '@ostinato/nn'
 * import { tensor, withTraining } from '@ostinato/tensor'
 * const norm = new BatchNorm1d(1)
 * const y = withTraining(true, () => norm.forward(tensor([[1], [3]])))
 * console.assert(Math.abs(y.data[0] + 1) < 1e-4 && Math.abs(norm.runningMean.data[0] - 0.2) < 1e-6)
 * ```
 */
export class BatchNorm1d extends BatchNorm {
  constructor(channels: number, options: BatchNormOptions = {}) {
    super('BatchNorm1d', channels, options)
  }

  protected override axesOf(x: Tensor): readonly Axis[] {
    return x.rank === 2 ? [] : ['time']
  }
}

/**
 * Batch normalisation of `[batch, channels, height, width]`; see `BatchNorm1d`.
 *
 * @example
 * ```ts
 * import { BatchNorm2d } from '@ostinato/nn'
 * import { ones } from '@ostinato/tensor'
 * const norm = new BatchNorm2d(3)
 * console.assert(Math.abs(norm.forward(ones([2, 3, 4, 4])).data[0] - 1) < 1e-4)
 * ```
 */
export class BatchNorm2d extends BatchNorm {
  constructor(channels: number, options: BatchNormOptions = {}) {
    super('BatchNorm2d', channels, options)
  }

  protected override axesOf(): readonly Axis[] {
    return ['height', 'width']
  }
}
