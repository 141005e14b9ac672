// The public convolution and its two adjoints: checks the arguments and hands them to a backend.
import { machineFor } from './backend.ts'
import { Faults, isFloatArray, isSize, overlaps } from './faults.ts'
import { convolve, filterGradient, spread } from './javascript/convolution.ts'
import { filtersOf, reverse } from './patches.ts'
import type { Filters, Sizes } from './patches.ts'
import type { ConvolutionProblem, FloatArray } from './types.ts'
import { convolveWasm, filterGradientWasm, spreadWasm } from './wasm/convolution.ts'

/**
 * Convolution (cross-correlation, as everywhere in the field) of `x` `[batch, input channels, height, width]` with
 * `weight` `[output channels, input channels / groups, kernel height, kernel width]` into `out` `[batch, output
 * channels, height, width]`, which is overwritten. The sizes are the problem's; see {@link ConvolutionProblem}.
 *
 * `out[n, o, p, q] = sum_{c, i, j} x[n, c, p stride - padding + i dilation, q stride - padding + j dilation] weight[o,
 * c, i, j]` (Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", §2)
 *
 * @throws RangeError when a size or a length does not fit, or `out` shares memory with an operand.
 *
 * @example
 * ```ts
 * import { convolution } from '@ostinato/kernels'
 *
 * const out = new Float32Array(2)
 * convolution(out, Float32Array.of(1, 2, 3), Float32Array.of(10, 1), {
 *   batch: 1, inputChannels: 1, outputChannels: 1, input: [1, 3], kernel: [1, 2], output: [1, 2],
 * })
 * out // 12, 23
 * ```
 */
export function convolution<A extends FloatArray>(out: A, x: A, weight: A, problem: ConvolutionProblem): void {
  const sizes = check('convolution', problem, { out: [out, 'y'], x: [x, 'x'], weight: [weight, 'weight'] })
  if (isEmpty(sizes)) out.fill(0)
  else run({ out, x, weight }, sizes, filtersOf(sizes))
}

/**
 * The adjoint of {@link convolution} in `x`, which is the transposed convolution: fills `out` `[batch, input channels,
 * height, width]` from `y` `[batch, output channels, height, width]`, of which each value spreads its filter over the
 * places that it was computed from.
 *
 * @throws RangeError when a size or a length does not fit, or `out` shares memory with an operand.
 *
 * @example
 * ```ts
 * import { convolutionInputGradient } from '@ostinato/kernels'
 *
 * const out = new Float32Array(3)
 * convolutionInputGradient(out, Float32Array.of(1, 2), Float32Array.of(10, 1), {
 *   batch: 1, inputChannels: 1, outputChannels: 1, input: [1, 3], kernel: [1, 2], output: [1, 2],
 * })
 * out // 10, 21, 2
 * ```
 */
export function convolutionInputGradient<A extends FloatArray>(
  out: A, y: A, weight: A, problem: ConvolutionProblem,
): void {
  const sizes = check('convolutionInputGradient', problem, { out: [out, 'x'], y: [y, 'y'], weight: [weight, 'weight'] })
  const reversed = isEmpty(sizes) ? undefined : reverse(sizes)
  if (isEmpty(sizes)) out.fill(0)
  else if (reversed !== undefined) run({ out, x: y, weight }, reversed.sizes, reversed.filters)
  else {
    const machine = machineFor(out)
    if (machine === undefined) spread({ dx: out, dy: y, weight }, sizes)
    else spreadWasm(machine, { dx: out, dy: y, weight } as Singles<'dx' | 'dy' | 'weight'>, sizes)
  }
}

/**
 * The adjoint of {@link convolution} in `weight`: each element of `out` `[output channels, input channels / groups,
 * kernel height, kernel width]` sums what it met in `x` times what came of it in `y`.
 *
 * @throws RangeError when a size or a length does not fit, or `out` shares memory with an operand.
 *
 * @example
 * ```ts
 * import { convolutionWeightGradient } from '@ostinato/kernels'
 *
 * const out = new Float32Array(2)
 * convolutionWeightGradient(out, Float32Array.of(1, 2, 3), Float32Array.of(10, 1), {
 *   batch: 1, inputChannels: 1, outputChannels: 1, input: [1, 3], kernel: [1, 2], output: [1, 2],
 * })
 * out // 12, 23
 * ```
 */
export function convolutionWeightGradient<A extends FloatArray>(
  out: A, x: A, y: A, problem: ConvolutionProblem,
): void {
  const sizes = check('convolutionWeightGradient', problem, { out: [out, 'weight'], x: [x, 'x'], y: [y, 'y'] })
  if (isEmpty(sizes)) out.fill(0)
  else {
    const machine = machineFor(out)
    if (machine === undefined) filterGradient({ dw: out, x, dy: y }, sizes)
    else filterGradientWasm(machine, { dw: out, x, dy: y } as Singles<'dw' | 'x' | 'dy'>, sizes)
  }
}

/** Arrays known to be float32, as there is a machine for one of them. */
type Singles<Names extends string> = Readonly<Record<Names, Float32Array>>

function run<A extends FloatArray>(
  arrays: { readonly out: A; readonly x: A; readonly weight: A }, sizes: Sizes, filters: Filters,
): void {
  const machine = machineFor(arrays.out)
  if (machine === undefined) convolve(arrays, sizes, filters)
  else convolveWasm(machine, arrays as Singles<'out' | 'x' | 'weight'>, sizes, filters)
}

/** Whether there is nothing to multiply. */
function isEmpty({ batch, inputChannels, outputChannels, input, output }: Sizes): boolean {
  return batch * inputChannels * outputChannels * input[0] * input[1] * output[0] * output[1] === 0
}

/** The sizes with every option said. Throws all that is wrong with them and with the arrays: `out` and the operands. */
function check(
  where: string,
  problem: ConvolutionProblem,
  arrays: Readonly<Record<string, readonly [FloatArray, 'x' | 'weight' | 'y']>>,
): Sizes {
  const { stride = [1, 1], padding = [0, 0], dilation = [1, 1], groups = 1 } = problem
  const sizes = { ...problem, stride, padding, dilation, groups }
  const faults = new Faults(where)
  if (checkSizes(faults, sizes)) {
    const { batch, inputChannels, outputChannels, input, output, kernel } = sizes
    const shapes = {
      x: { batch, inputChannels, height: input[0], width: input[1] },
      weight: { outputChannels, 'inputChannels/groups': inputChannels / groups, height: kernel[0], width: kernel[1] },
      y: { batch, outputChannels, height: output[0], width: output[1] },
    }
    const [[, [out]], ...operands] = Object.entries(arrays)
    const like = isFloatArray(out) ? out : new Float32Array(0)
    for (const [name, [array, kind]] of Object.entries(arrays)) {
      const length = Object.values(shapes[kind]).reduce((product, size) => product * size, 1)
      const axes = (): string => Object.entries(shapes[kind]).map(([axis, size]) => `${axis}=${size}`).join(', ')
      if (!isFloatArray(array) || array.constructor !== like.constructor || array.length !== length) {
        faults.array(name, array, like, length, axes())
      }
    }
    for (const [name, [array]] of operands) {
      if (isFloatArray(array) && overlaps(like, array)) faults.shared(name)
    }
  }
  faults.throwIfAny()
  return sizes
}

/** Notes what is wrong with the sizes; returns whether they are all right. */
function checkSizes(faults: Faults, sizes: Sizes): boolean {
  const { batch, inputChannels, outputChannels, groups, input, kernel, output, stride, padding, dilation } = sizes
  let right = true
  const size = (name: string, value: number, least: number): void => {
    if (!isSize(value, least)) right = faults.size(name, value, least)
  }
  size('batch', batch, 0)
  size('inputChannels', inputChannels, 0)
  size('outputChannels', outputChannels, 0)
  size('groups', groups, 1)
  const planes = { input, kernel, output, stride, padding, dilation }
  const least = { input: 0, kernel: 1, output: 0, stride: 1, padding: 0, dilation: 1 }
  for (const name of ['input', 'kernel', 'output', 'stride', 'padding', 'dilation'] as const) {
    size(`the height of ${name}`, planes[name][0], least[name])
    size(`the width of ${name}`, planes[name][1], least[name])
  }
  if (!right) return false
  const expect = (condition: boolean, fault: () => string): void => {
    if (condition) return
    right = false
    faults.add(fault())
  }
  for (const [name, channels] of [['inputChannels', inputChannels], ['outputChannels', outputChannels]] as const) {
    expect(channels % groups === 0, () => `expected ${name} to be a multiple of groups=${groups}, got ${channels}`)
  }
  for (const axis of [0, 1] as const) {
    const reach = (output[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1
    const room = input[axis] + 2 * padding[axis]
    const name = axis === 0 ? 'height' : 'width'
    expect(output[axis] === 0 || reach <= room, () =>
      `expected windows within a padded input of ${room}, got ${output[axis]} outputs that reach to ${reach}: ${name}`)
  }
  return right
}
