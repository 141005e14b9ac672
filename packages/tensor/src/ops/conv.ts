// Convolutional layers' operations as they are called: conv1d, conv2d and their transposes, with PyTorch's arguments.
// One dimension is two with a height of 1.
import type { FloatDType } from '../dtype.ts'
import { formatShape, type Shape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { convolution, convolutionInputGradient, type ConvolutionGeometry } from './convolution.ts'
import { expandAxis, squeeze } from './axes.ts'
import { slide, spanOf, WindowCheck, type Extent, type Plane } from './window.ts'

/** How a filter slides; `E` is a number in one dimension, a number or `[height, width]` in two. */
export interface ConvolutionOptions<E extends Extent = Extent> {
  /** Steps between outputs. Default 1. */
  readonly stride?: E
  /** Zeros added at both ends of each axis. Default 0. */
  readonly padding?: E
  /** Steps between the filter's elements. Default 1. */
  readonly dilation?: E
  /** The number of groups that input and output channels are cut into; a filter sees one. Default 1. */
  readonly groups?: number
}

/** How the filter of a transposed convolution slides. */
export interface TransposedConvolutionOptions<E extends Extent = Extent> extends ConvolutionOptions<E> {
  /**
   * Rows and columns added at the end of the output: with a stride several input sizes convolve to one output size, and
   * this says which of them to go back to. Default 0.
   */
  readonly outputPadding?: E
}

const AXES_1D = ['batch', 'channels', 'time']
const AXES_2D = ['batch', 'channels', 'height', 'width']

/** Checks what all four have in common and gives the options as planes. */
function readOptions(check: WindowCheck, [x, weight]: readonly [Tensor, Tensor], options: ConvolutionOptions) {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options
  check.expect(x.dtype === weight.dtype, () =>
    `expected operands of one type, got ${x.dtype} and a weight of ${weight.dtype}: convert one with cast()`)
  check.expect(Number.isInteger(groups) && groups >= 1, () => `expected groups of 1 or more, got ${groups}`)
  return {
    stride: check.plane('stride', stride, 1),
    padding: check.plane('padding', padding, 0),
    dilation: check.plane('dilation', dilation, 1),
    groups,
  }
}

const planeOf = (shape: Shape): Plane => [shape[2], shape[3]]

function geometryOf(
  check: WindowCheck,
  [x, weight]: readonly [Tensor, Tensor],
  options: ConvolutionOptions,
): ConvolutionGeometry {
  const rest = readOptions(check, [x, weight], options)
  const { groups } = rest
  const [out, perGroup] = weight.shape
  // The remainder by 0 groups is NaN: that fault is reported already.
  check.expect(x.shape[1] === perGroup * groups, () =>
    `expected channels=${perGroup * groups} for a weight ${formatShape(weight.shape)}${groups > 1 ? ` in ${groups} groups` : ''}, `
    + `got ${formatShape(x.shape)}: axis 1 'channels' is ${x.shape[1]}`)
  check.expect(!(out % groups), () =>
    `expected a weight with a multiple of groups=${groups} output channels, got ${formatShape(weight.shape)}: axis 0 is ${out}`)
  const window = { input: planeOf(x.shape), kernel: planeOf(weight.shape), ...rest }
  check.plane('a kernel', window.kernel, 1)
  check.throwIfAny()
  const output = slide(check, window)
  check.throwIfAny()
  return { ...window, output }
}

/**
 * Convolution (cross-correlation, as everywhere in the field) over two axes: `x` `[batch, channels in, height, width]`
 * with `weight` `[channels out, channels in / groups, kernel height, kernel width]` gives `[batch, channels out,
 * height, width]`, each size `floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`. There is no bias:
 * add one of shape `[channels out, 1, 1]`.
 *
 * `y[n, o, p, q] = sum_{c, i, j} x[n, c, p stride - padding + i dilation, q stride - padding + j dilation] weight[o,
 * c, i, j]` (Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", §2)
 *
 * @throws ShapeError listing every argument that does not fit
 * @example
 * ```ts
 * import { conv2d, ones } from '@ostinato/tensor'
 * const y = conv2d(ones([1, 1, 4, 4]), ones([1, 1, 3, 3]), { padding: 1, stride: 2 })
 * console.assert(y.shape.join() === '1,1,2,2' && y.data.join() === '4,6,6,9')
 * ```
 */
export function conv2d<D extends FloatDType>(
  x: Tensor<D>,
  weight: Tensor<D>,
  options: ConvolutionOptions = {},
): Tensor<D> {
  const check = new WindowCheck('conv2d')
  check.rank('x', x.shape, AXES_2D)
  check.rank('weight', weight.shape, ['channels out', 'channels in / groups', 'height', 'width'])
  check.throwIfAny()
  return convolution(x, weight, geometryOf(check, [x, weight], options))
}

/**
 * Convolution over one axis: `x` `[batch, channels in, time]` with `weight` `[channels out, channels in / groups,
 * kernel]` gives `[batch, channels out, time]`. Otherwise as `conv2d`. For a causal one, `pad` the start of the time
 * axis.
 *
 * @throws ShapeError listing every argument that does not fit
 */
export function conv1d<D extends FloatDType>(
  x: Tensor<D>,
  weight: Tensor<D>,
  options: ConvolutionOptions<number> = {},
): Tensor<D> {
  const check = new WindowCheck('conv1d')
  check.rank('x', x.shape, AXES_1D)
  check.rank('weight', weight.shape, ['channels out', 'channels in / groups', 'time'])
  check.throwIfAny()
  const pair = [expandAxis(x, 2), expandAxis(weight, 2)] as const
  return squeeze(convolution(...pair, geometryOf(check, pair, flat(options))), 2)
}

/** The options of one dimension as those of two with a height of 1. */
const flat = ({ stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvolutionOptions<number>) => ({
  stride: [1, stride] as const,
  padding: [0, padding] as const,
  dilation: [1, dilation] as const,
  groups,
})

function transposedGeometry(
  check: WindowCheck,
  [x, weight]: readonly [Tensor, Tensor],
  options: TransposedConvolutionOptions,
): ConvolutionGeometry {
  const rest = readOptions(check, [x, weight], options)
  const { stride, padding, dilation, groups } = rest
  const extra = check.plane('outputPadding', options.outputPadding ?? 0, 0)
  const [channels] = weight.shape
  check.expect(x.shape[1] === channels, () =>
    `expected channels=${channels} for a weight ${formatShape(weight.shape)}, got ${formatShape(x.shape)}: axis 1 'channels' is ${x.shape[1]}`)
  check.expect(!(channels % groups), () =>
    `expected a multiple of groups=${groups} input channels, got ${formatShape(weight.shape)}: axis 0 is ${channels}`)
  check.expect(extra.every((n, axis) => n < Math.max(stride[axis], dilation[axis])), () =>
    `expected an outputPadding below the stride or the dilation, got [${extra.join(', ')}] with stride [${stride.join(', ')}] and dilation [${dilation.join(', ')}]`)
  const [output, kernel] = [planeOf(x.shape), planeOf(weight.shape)]
  check.plane('a kernel', kernel, 1)
  check.plane('an input', output, 1)
  check.throwIfAny()
  const along = (axis: 0 | 1) => {
    const size = (output[axis] - 1) * stride[axis] - 2 * padding[axis] + spanOf(kernel, dilation, axis) + extra[axis]
    check.expect(size >= 1, () => `expected an output of 1 or more along axis ${axis + 2}, got ${size}: padding ${padding[axis]} takes all of it away`)
    return size
  }
  const input = [along(0), along(1)] as const
  check.throwIfAny()
  return { input, kernel, output, ...rest }
}

/**
 * Transposed convolution over two axes, the adjoint of `conv2d`: `x` `[batch, channels in, height, width]` with
 * `weight` `[channels in, channels out / groups, kernel height, kernel width]` gives `[batch, channels out, height,
 * width]`, each size `(size - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1`. (Dumoulin and Visin
 * 2016, §4)
 *
 * @throws ShapeError listing every argument that does not fit
 * @example
 * ```ts
 * import { convTranspose2d, ones } from '@ostinato/tensor'
 * const y = convTranspose2d(ones([1, 1, 2, 2]), ones([1, 1, 2, 2]), { stride: 2 })
 * console.assert(y.shape.join() === '1,1,4,4')
 * ```
 */
export function convTranspose2d<D extends FloatDType>(
  x: Tensor<D>,
  weight: Tensor<D>,
  options: TransposedConvolutionOptions = {},
): Tensor<D> {
  const check = new WindowCheck('convTranspose2d')
  check.rank('x', x.shape, AXES_2D)
  check.rank('weight', weight.shape, ['channels in', 'channels out / groups', 'height', 'width'])
  check.throwIfAny()
  return convolutionInputGradient(x, weight, transposedGeometry(check, [x, weight], options))
}

/**
 * Transposed convolution over one axis: `x` `[batch, channels in, time]` with `weight` `[channels in, channels out /
 * groups, kernel]` gives `[batch, channels out, time]`. Otherwise as `convTranspose2d`.
 *
 * @throws ShapeError listing every argument that does not fit
 */
export function convTranspose1d<D extends FloatDType>(
  x: Tensor<D>,
  weight: Tensor<D>,
  options: TransposedConvolutionOptions<number> = {},
): Tensor<D> {
  const check = new WindowCheck('convTranspose1d')
  check.rank('x', x.shape, AXES_1D)
  check.rank('weight', weight.shape, ['channels in', 'channels out / groups', 'time'])
  check.throwIfAny()
  const pair = [expandAxis(x, 2), expandAxis(weight, 2)] as const
  const outputPadding = [0, options.outputPadding ?? 0] as const
  const geometry = transposedGeometry(check, pair, { ...flat(options), outputPadding })
  return squeeze(convolutionInputGradient(...pair, geometry), 2)
}
