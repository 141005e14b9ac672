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

/** For each window along an axis, the offsets in it, from the first up to but without the last, that meet the input. */
function insideAlong(where: string, window: Window, axis: 0 | 1): { first: Int32Array; last: Int32Array } {
  const { input, output, kernel, stride, padding, dilation } = window
  const first = new Int32Array(output[axis])
  const last = new Int32Array(output[axis])
  for (let i = 0; i < output[axis]; i++) {
    const start = i * stride[axis] - padding[axis]
    first[i] = Math.max(0, Math.ceil(-start / dilation[axis]))
    last[i] = Math.min(kernel[axis], Math.ceil((input[axis] - start) / dilation[axis]))
    if (first[i] >= last[i]) {
      fail(where, `expected windows that meet the input, got one wholly in the padding: number ${i} along axis ${axis + 2}`)
    }
  }
  return { first, last }
}

/** Writes to `ids`, window by window, where in its plane the largest value stands. */
function findLargest(where: string, ids: Int32Array, x: DataOf<FloatDType>, window: Window): void {
  const { input: [height, width], output: [rows, columns], stride, padding, dilation: [down, across] } = window
  const vertical = insideAlong(where, window, 0)
  const horizontal = insideAlong(where, window, 1)
  let at = 0
  for (let plane = 0; at < ids.length; plane += height * width) {
    for (let row = 0; row < rows; row++) {
      const top = row * stride[0] - padding[0]
      const upper = (top + vertical.first[row] * down) * width
      const lower = (top + vertical.last[row] * down) * width
      for (let column = 0; column < columns; column++) {
        const left = column * stride[1] - padding[1]
        const first = left + horizontal.first[column] * across
        const last = left + horizontal.last[column] * across
        let place = upper + first
        let best = x[plane + place]
        for (let start = upper; start < lower; start += down * width) {
          for (let here = start + first; here < start + last; here += across) {
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
