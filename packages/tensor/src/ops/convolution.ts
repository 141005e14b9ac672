// Convolution of planes and its two adjoints. The three are one closed set: the derivative of each is made of the
// others. The arithmetic is done by `@ostinato/kernels`.
import * as kernels from '@ostinato/kernels'
import { allocate, type DataOf, type FloatDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { record } from '../record.ts'
import { formatShape, sameShape, sizeOf, type Shape } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import type { Window } from './window.ts'

/** A window, and what lies in the planes that it slides over. */
export interface ConvolutionGeometry extends Window {
  /** Input and output channels are cut into this many groups; each output channel sees only those of its group. */
  readonly groups: number
}

/** The three forms of a convolution. */
export interface ConvolutionForms {
  readonly convolution: typeof convolution
  readonly inputGradient: typeof convolutionInputGradient
  readonly weightGradient: typeof convolutionWeightGradient
}

/**
 * What a record of a convolution says: besides its geometry the three forms, so that the table of derivatives need not
 * import them, and a program without convolutions carries none.
 */
export interface ConvolutionAttributes {
  readonly geometry: ConvolutionGeometry
  readonly forms: ConvolutionForms
}

export interface ConvolutionOperations {
  convolution: ConvolutionAttributes
  convolutionInputGradient: ConvolutionAttributes
  convolutionWeightGradient: ConvolutionAttributes
}

const forms: ConvolutionForms = {
  convolution,
  inputGradient: convolutionInputGradient,
  weightGradient: convolutionWeightGradient,
}

/** The shapes that go with a geometry. */
function shapesOf({ input, kernel, output, groups }: ConvolutionGeometry, channels: ConvolutionChannels): Record<'x' | 'weight' | 'y', Shape> {
  const { batch, inputChannels, outputChannels } = channels
  return {
    x: [batch, inputChannels, ...input],
    weight: [outputChannels, inputChannels / groups, ...kernel],
    y: [batch, outputChannels, ...output],
  }
}

type ConvolutionChannels = Pick<kernels.ConvolutionProblem, 'batch' | 'inputChannels' | 'outputChannels'>

type Floats = DataOf<FloatDType>

/** Checks two operands against the shapes that the geometry and their own channels call for. */
function check(where: string, operands: readonly (readonly [Tensor, Shape])[]): void {
  for (const [operand, shape] of operands) {
    if (!sameShape(operand.shape, shape)) fail(where, `expected ${formatShape(shape)} by the geometry, got ${formatShape(operand.shape)}`)
    if (operand.dtype !== operands[0][0].dtype) {
      fail(where, `expected operands of one type, got ${operands[0][0].dtype} and ${operand.dtype}: convert one with cast()`)
    }
  }
}

/**
 * The convolution that the geometry describes, of `x` `[batch, channels in, height, width]` with `weight` `[channels
 * out, channels in / groups, height, width]`: the primitive behind `conv1d` and `conv2d`.
 *
 * `y[n, o, p, q] = sum_{c, i, j} x[n, c, p stride - padding + i dilation, q stride - padding + j dilation] weight[o,
 * c, i, j]`
 *
 * @throws ShapeError when the shapes are not those of the geometry
 */
export function convolution<D extends FloatDType>(
  x: Tensor<D>,
  weight: Tensor<D>,
  geometry: ConvolutionGeometry,
): Tensor<D> {
  const sizes = { ...geometry, batch: x.shape[0], inputChannels: x.shape[1], outputChannels: weight.shape[0] }
  const shapes = shapesOf(geometry, sizes)
  check('convolution', [[x, shapes.x], [weight, shapes.weight]])
  const y = new Tensor(allocate(x.dtype, sizeOf(shapes.y)), shapes.y, x.dtype)
  kernels.convolution<Floats>(y.data, x.data, weight.data, sizes)
  return record('convolution', [x, weight], y, { geometry, forms })
}

/**
 * The adjoint of `convolution` in `x`, which is the transposed convolution: from `y` `[batch, channels out, …]` to
 * `[batch, channels in, …]`, each value of `y` spreading the filter over the places that it was computed from.
 *
 * @throws ShapeError when the shapes are not those of the geometry
 */
export function convolutionInputGradient<D extends FloatDType>(
  y: Tensor<D>,
  weight: Tensor<D>,
  geometry: ConvolutionGeometry,
): Tensor<D> {
  const inputChannels = weight.shape[1] * geometry.groups
  const sizes = { ...geometry, batch: y.shape[0], inputChannels, outputChannels: y.shape[1] }
  const shapes = shapesOf(geometry, sizes)
  check('convolutionInputGradient', [[y, shapes.y], [weight, shapes.weight]])
  const x = new Tensor(allocate(y.dtype, sizeOf(shapes.x)), shapes.x, y.dtype)
  kernels.convolutionInputGradient<Floats>(x.data, y.data, weight.data, sizes)
  return record('convolutionInputGradient', [y, weight], x, { geometry, forms })
}

/**
 * The adjoint of `convolution` in `weight`: each filter element sums what it met in `x` times what came of it in `y`.
 *
 * @throws ShapeError when the shapes are not those of the geometry
 */
export function convolutionWeightGradient<D extends FloatDType>(
  x: Tensor<D>,
  y: Tensor<D>,
  geometry: ConvolutionGeometry,
): Tensor<D> {
  const sizes = { ...geometry, batch: x.shape[0], inputChannels: x.shape[1], outputChannels: y.shape[1] }
  const shapes = shapesOf(geometry, sizes)
  check('convolutionWeightGradient', [[x, shapes.x], [y, shapes.y]])
  const weight = new Tensor(allocate(x.dtype, sizeOf(shapes.weight)), shapes.weight, x.dtype)
  kernels.convolutionWeightGradient<Floats>(weight.data, x.data, y.data, sizes)
  return record('convolutionWeightGradient', [x, y], weight, { geometry, forms })
}
