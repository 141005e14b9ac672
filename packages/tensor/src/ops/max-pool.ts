// Max pooling. One dimension is two with a height of 1.
import { allocate, type DataOf, type FloatDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { Tensor } from '../tensor.ts'
import { expandAxis, squeeze } from './axes.ts'
import { takeAlongAxis } from './gather.ts'
import { reshape } from './layout.ts'
import { AXES_1D, AXES_2D, flat, windowOf, type PoolOptions } from './pool-window.ts'
import { WindowCheck, type Extent, type Window } from './window.ts'

/** How a max-pooling window slides. Padding never wins. */
export interface MaxPoolOptions<E extends Extent = Extent> extends PoolOptions<E> {
  /** Steps between the window's elements. Default 1. */
  readonly dilation?: E
}

/**
 * The largest value under each window: `x` `[batch, channels, height, width]` gives `[batch, channels, height,
 * width]`, each size `floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`. NaN wins; of equal values
 * the gradient goes to the first.
 *
 * @throws ShapeError listing every argument that does not fit
 * @example
 * ```ts
 * import { maxPool2d, range, reshape } from '@ostinato/tensor'
 * const y = maxPool2d(reshape(range(0, 16), [1, 1, 4, 4]), { size: 2 })
 * console.assert(y.data.join() === '5,7,13,15')
 * ```
 */
export function maxPool2d<D extends FloatDType>(x: Tensor<D>, options: MaxPoolOptions): Tensor<D> {
  const check = new WindowCheck('maxPool2d')
  check.rank('x', x.shape, AXES_2D)
  check.throwIfAny()
  return maxPool(check.where, x, windowOf(check, x, options))
}

/** The largest value under each window along the last axis of `[batch, channels, time]`; otherwise as `maxPool2d`. */
export function maxPool1d<D extends FloatDType>(x: Tensor<D>, options: MaxPoolOptions<number>): Tensor<D> {
  const check = new WindowCheck('maxPool1d')
  check.rank('x', x.shape, AXES_1D)
  check.throwIfAny()
  const plane = expandAxis(x, 2)
  return squeeze(maxPool(check.where, plane, windowOf(check, plane, flat(options))), 2)
}

/**
 * Finds where in its plane each largest value stands; the values are then taken, which is what gradients go through.
 */
function maxPool<D extends FloatDType>(where: string, x: Tensor<D>, window: Window): Tensor<D> {
  const [batch, channels] = x.shape
  const ids = new Tensor(
    allocate('int32', batch * channels * window.output[0] * window.output[1]),
    [batch, channels, window.output[0] * window.output[1]],
    'int32',
  )
  findLargest(where, ids.data, x.data, window)
  const largest = takeAlongAxis(reshape(x, [batch, channels, window.input[0] * window.input[1]]), ids)
  return reshape(largest, [batch, channels, ...window.output])
}

/** The offsets within the window, from the first up to but without the last, whose places lie within the input. */
function inside(start: number, kernel: number, dilation: number, size: number): [first: number, last: number] {
  return [Math.max(0, Math.ceil(-start / dilation)), Math.min(kernel, Math.ceil((size - start) / dilation))]
}

function findLargest(where: string, ids: Int32Array, x: DataOf<FloatDType>, window: Window): void {
  const { input: [height, width], output, kernel, stride, padding, dilation } = window
  let at = 0
  for (let plane = 0; at < ids.length; plane += height * width) {
    for (let row = 0; row < output[0]; row++) {
      const top = row * stride[0] - padding[0]
      const [upper, lower] = inside(top, kernel[0], dilation[0], height)
      for (let column = 0; column < output[1]; column++) {
        const left = column * stride[1] - padding[1]
        const [first, last] = inside(left, kernel[1], dilation[1], width)
        if (upper >= lower || first >= last) {
          fail(where, `expected windows that meet the input, got one wholly in the padding: the one at row ${row}, column ${column}`)
        }
        let best = -Infinity
        let place = (top + upper * dilation[0]) * width + left + first * dilation[1]
        for (let i = upper; i < lower; i++) {
          const start = (top + i * dilation[0]) * width + left
          for (let j = first; j < last; j++) {
            const here = start + j * dilation[1]
            const value = x[plane + here]
            if (value > best || value !== value) {
              best = value
              place = here
            }
          }
        }
        ids[at++] = place
      }
    }
  }
}
