// The arguments that all pooling has in common, with PyTorch's meaning and checks. Pools nothing.
import { isFloat } from '../dtype.ts'
import type { Tensor } from '../tensor.ts'
import { slide, spanOf, type Extent, type Plane, type Window, type WindowCheck } from './window.ts'

/** How a pooling window slides; `E` is a number in one dimension, a number or `[height, width]` in two. */
export interface PoolOptions<E extends Extent = Extent> {
  /** The size of the window. */
  readonly size: E
  /** Steps between windows. Default: the size, so that they do not overlap. */
  readonly stride?: E
  /** Padding at both ends of each axis, less than the window spans. Default 0. */
  readonly padding?: E
  /**
   * Round output sizes up: a last window that reaches past the end counts too, if it starts within the input or the
   * padding before it. Default false.
   */
  readonly ceilMode?: boolean
}

/** The options of either kind of pooling. */
interface WindowOptions<E extends Extent = Extent> extends PoolOptions<E> {
  readonly dilation?: E
}

export const AXES_1D = ['batch', 'channels', 'time']
export const AXES_2D = ['batch', 'channels', 'height', 'width']

/** Reads the options over `x` `[batch, channels, height, width]`; throws every fault at once. */
export function windowOf(check: WindowCheck, x: Tensor, options: WindowOptions): Window {
  const { size, stride = size, padding = 0, dilation = 1, ceilMode = false } = options
  const window = {
    input: [x.shape[2], x.shape[3]] as const,
    kernel: check.plane('size', size, 1),
    stride: check.plane('stride', stride, 1),
    padding: check.plane('padding', padding, 0),
    dilation: check.plane('dilation', dilation, 1),
  }
  check.expect(isFloat(x.dtype), () => `expected a floating-point tensor, got ${x.dtype}: convert it with cast()`)
  check.throwIfAny()
  window.padding.forEach((n, axis) => {
    const span = spanOf(window.kernel, window.dilation, axis)
    check.expect(n < span, () =>
      `expected a padding that each window reaches beyond, got ${n} for a window that spans ${span}: axis ${axis + 2}`)
  })
  const output = slide(check, window, { ceilMode })
  check.throwIfAny()
  return { ...window, output }
}

/** The options of one dimension as those of two with a height of 1. */
export function flat(options: WindowOptions<number>): WindowOptions<Plane> {
  const { size, stride = size, padding = 0, dilation = 1, ceilMode = false } = options
  return {
    size: [1, size],
    stride: [1, stride],
    padding: [0, padding],
    dilation: [1, dilation],
    ceilMode,
  }
}
