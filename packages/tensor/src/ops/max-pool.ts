// Max pooling. One dimension is two with a height of 1.
import { allocate, type DataOf, type FloatDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { record } from '../record.ts'
import { Tensor } from '../tensor.ts'
import { expandAxis, squeeze } from './axes.ts'
import { reshape } from './layout.ts'
import { AXES_1D, AXES_2D, flat, windowOf, type PoolOptions } from './pool-window.ts'
import { WindowCheck, type Extent, type Window } from './window.ts'

type Floats = DataOf<FloatDType>

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
 * Finds each largest value and where in its plane it stands. It is recorded as what it comes to: `takeAlongAxis` by
 * those places.
 */
function maxPool<D extends FloatDType>(where: string, x: Tensor<D>, window: Window): Tensor<D> {
  const [batch, channels] = x.shape
  const shape = [batch, channels, window.output[0] * window.output[1]]
  const size = batch * channels * shape[2]
  const indices = new Tensor(allocate('int32', size), shape, 'int32')
  const largest = new Tensor(allocate(x.dtype, size), shape, x.dtype)
  const planes = reshape(x, [batch, channels, window.input[0] * window.input[1]])
  const { kernel, padding, dilation, input, output, stride } = window
  const inside = [0, 1].every((axis) => (output[axis] - 1) * stride[axis] + 2 <= input[axis])
  const four = [...kernel, ...dilation].join() === '2,2,1,1' && padding.join() === '0,0' && inside
  if (four) findLargestOfFour(indices.data, largest.data, x.data, window)
  else findLargest(where, indices.data, largest.data, x.data, window)
  record('takeAlongAxis', [planes], largest, { indices, axis: 2 })
  return reshape(largest, [batch, channels, ...window.output])
}

/** `findLargest` for windows of two by two that lie in the input, without jumps that the values decide. */
function findLargestOfFour(ids: Int32Array, out: Floats, x: Floats, window: Window): void {
  const { input: [height, width], output: [rows, columns], stride } = window
  let at = 0
  for (let plane = 0; at < ids.length; plane += height * width) {
    for (let row = 0; row < rows; row++) {
      let place = row * stride[0] * width
      for (let column = 0; column < columns; column++, place += stride[1], at++) {
        const upper = plane + place
        const lower = upper + width
        const [a, b, c, d] = [x[upper], x[upper + 1], x[lower], x[lower + 1]]
        const first = upper + Number(b > a)
        const second = lower + Number(d > c)
        let best = first + (second - first) * Number(x[second] > x[first])
        // Only a NaN, or infinities of both signs, come out as NaN: then one by one.
        const sum = a + b + c + d
        if (sum !== sum) best = largestOf([upper, upper + 1, lower, lower + 1], x)
        ids[at] = best - plane
        out[at] = x[best]
      }
    }
  }
}

/** The place of the largest value; NaN wins. */
function largestOf(places: readonly number[], x: Floats): number {
  return places.reduce((best, place) => (x[place] > x[best] || x[place] !== x[place] ? place : best))
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

/** Writes the largest value to `out`, window by window, and to `ids` where in its plane it stands. */
function findLargest(where: string, ids: Int32Array, out: Floats, x: Floats, window: Window): void {
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
        ids[at] = place
        out[at++] = best
      }
    }
  }
}
