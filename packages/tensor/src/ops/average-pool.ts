// Average pooling and its adjoint: each is the other's derivative. One dimension is two with a height of 1.
import { allocate, type FloatDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { record } from '../record.ts'
import { formatShape, sameShape, sizeOf, type Shape } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { expandAxis, squeeze } from './axes.ts'
import { AXES_1D, AXES_2D, flat, windowOf, type PoolOptions } from './pool-window.ts'
import { WindowCheck, type Extent, type Window } from './window.ts'

/** What the mean of a window divides by. */
export interface AveragePoolGeometry extends Window {
  /** Whether padding counts as elements that are 0. */
  readonly countPadding: boolean
}

/** What a record says: besides the geometry its adjoint, which the table of derivatives need not import then. */
export interface AveragePoolAttributes {
  readonly geometry: AveragePoolGeometry
  readonly adjoint: typeof averagePool
}

export interface PoolOperations {
  averagePool: AveragePoolAttributes
  averagePoolInputGradient: AveragePoolAttributes
}

/** How an average-pooling window slides. */
export interface AveragePoolOptions<E extends Extent = Extent> extends PoolOptions<E> {
  /** Whether padding counts as elements that are 0; if not, the mean is that of the elements. Default true. */
  readonly countPadding?: boolean
}

/**
 * The mean value under each window: `x` `[batch, channels, height, width]` gives `[batch, channels, height, width]`,
 * each size `floor((size + 2 padding - kernel) / stride) + 1`.
 *
 * @throws ShapeError listing every argument that does not fit
 */
export function averagePool2d<D extends FloatDType>(x: Tensor<D>, options: AveragePoolOptions): Tensor<D> {
  const check = new WindowCheck('averagePool2d')
  check.rank('x', x.shape, AXES_2D)
  check.throwIfAny()
  const { countPadding = true, ...rest } = options
  return averagePool(x, { ...windowOf(check, x, { ...rest, dilation: 1 }), countPadding })
}

/** The mean value under each window along the last axis of `[batch, channels, time]`; otherwise as `averagePool2d`. */
export function averagePool1d<D extends FloatDType>(x: Tensor<D>, options: AveragePoolOptions<number>): Tensor<D> {
  const check = new WindowCheck('averagePool1d')
  check.rank('x', x.shape, AXES_1D)
  check.throwIfAny()
  const { countPadding = true, ...rest } = options
  const plane = expandAxis(x, 2)
  return squeeze(averagePool(plane, { ...windowOf(check, plane, flat({ ...rest, dilation: 1 })), countPadding }), 2)
}

/**
 * The means under the windows that the geometry describes: the primitive behind `averagePool1d` and `averagePool2d`.
 * @throws ShapeError when `x` is not `[batch, channels, ...input]`
 */
export function averagePool<D extends FloatDType>(x: Tensor<D>, geometry: AveragePoolGeometry): Tensor<D> {
  const out = outputOf('averagePool', x, geometry.input, geometry.output)
  forEachWindow(x.shape, geometry, ({ plane, at, top, bottom, left, right, divisor }) => {
    let sum = 0
    for (let i = top; i < bottom; i++) {
      const row = plane + i * geometry.input[1]
      for (let j = left; j < right; j++) sum += x.data[row + j]
    }
    out.data[at] = sum / divisor
  })
  return record('averagePool', [x], out, { geometry, adjoint: averagePoolInputGradient })
}

/**
 * The adjoint of `averagePool`: spreads each value evenly over its window.
 * @throws ShapeError when `y` is not `[batch, channels, ...output]`
 */
export function averagePoolInputGradient<D extends FloatDType>(y: Tensor<D>, geometry: AveragePoolGeometry): Tensor<D> {
  const out = outputOf('averagePoolInputGradient', y, geometry.output, geometry.input)
  forEachWindow(y.shape, geometry, ({ plane, at, top, bottom, left, right, divisor }) => {
    const value = y.data[at] / divisor
    for (let i = top; i < bottom; i++) {
      const row = plane + i * geometry.input[1]
      for (let j = left; j < right; j++) out.data[row + j] += value
    }
  })
  return record('averagePoolInputGradient', [y], out, { geometry, adjoint: averagePool })
}

function outputOf<D extends FloatDType>(where: string, x: Tensor<D>, from: Shape, to: Shape): Tensor<D> {
  const [batch, channels] = x.shape
  if (!sameShape(x.shape, [batch, channels, ...from])) {
    fail(where, `expected [batch, channels, ${from.join(', ')}] by the geometry, got ${formatShape(x.shape)}`)
  }
  const shape = [batch, channels, ...to]
  return new Tensor(allocate(x.dtype, sizeOf(shape)), shape, x.dtype)
}

/** A window over one plane of the input: the part of it that lies within, and what its sum is divided by. */
interface Patch {
  /** Where the plane starts in the input. */
  plane: number
  /** Where the window's value stands in the output. */
  at: number
  top: number
  bottom: number
  left: number
  right: number
  divisor: number
}

function forEachWindow(shape: Shape, geometry: AveragePoolGeometry, visit: (patch: Patch) => void): void {
  const { input, output, kernel, stride, padding, countPadding } = geometry
  const patch: Patch = { plane: 0, at: 0, top: 0, bottom: 0, left: 0, right: 0, divisor: 1 }
  const count = shape[0] * shape[1]
  // The size of a window cut off where the padding ends.
  const extent = (axis: 0 | 1, start: number) => Math.min(start + kernel[axis], input[axis] + padding[axis]) - start
  for (let plane = 0; plane < count; plane++) {
    patch.plane = plane * input[0] * input[1]
    for (let row = 0; row < output[0]; row++) {
      const top = row * stride[0] - padding[0]
      patch.top = Math.max(0, top)
      patch.bottom = Math.min(input[0], top + kernel[0])
      for (let column = 0; column < output[1]; column++) {
        const left = column * stride[1] - padding[1]
        patch.left = Math.max(0, left)
        patch.right = Math.min(input[1], left + kernel[1])
        const elements = (patch.bottom - patch.top) * (patch.right - patch.left)
        patch.divisor = countPadding ? extent(0, top) * extent(1, left) : elements
        visit(patch)
        patch.at++
      }
    }
  }
}
