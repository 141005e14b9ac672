// Convolution as matrix products: the patches under the window, unrolled into the columns of a matrix. The matrix is
// never whole: blocks of some output rows at a time go through one small workspace that is kept and reused.
import { matrixMultiply } from '@ostinato/kernels'
import { allocate, type DataOf, type FloatDType } from '../dtype.ts'
import type { Window } from './window.ts'

/** A window, and what lies in the planes that it slides over. */
export interface ConvolutionGeometry extends Window {
  /** Input and output channels are cut into this many groups; each output channel sees only those of its group. */
  readonly groups: number
}

/** Everything that the loops need about one call. `input` and `output` are the channels of a whole convolution. */
export interface ConvolutionSizes extends ConvolutionGeometry {
  readonly batch: number
  readonly inputChannels: number
  readonly outputChannels: number
}

type Floats = DataOf<FloatDType>

/** The elements of a block of columns: it stays in the cache, and is large enough for the matrix product. */
const BLOCK = 2 ** 17

/** Workspaces, kept between calls. Nothing of them is ever handed out. */
const pool: Record<FloatDType, Floats[]> = { float32: [], float64: [] }

/** Two workspaces of the given sizes. What they hold is stale. */
function workspaces(dtype: FloatDType, sizes: readonly [number, number]): [Floats, Floats] {
  const kept = pool[dtype]
  const take = (i: 0 | 1) => {
    if (kept[i] === undefined || kept[i].length < sizes[i]) kept[i] = allocate(dtype, Math.max(sizes[i], BLOCK))
    return kept[i].subarray(0, sizes[i])
  }
  return [take(0), take(1)]
}

/** A block: the output rows `first … last - 1` of one group, rows of all images counted on. */
interface Block {
  readonly group: number
  readonly first: number
  readonly last: number
  /** `[channels in, kernel height, kernel width; rows, width]` of the group. */
  readonly columns: Floats
  /** `[channels out; rows, width]` of the group. */
  readonly result: Floats
  /** The rows of `columns`, the rows of `result`, and the columns of both. */
  readonly depth: number
  readonly channels: number
  readonly count: number
}

/** Calls `visit` for each block in turn; all use the same workspaces. */
function forEachBlock(dtype: FloatDType, sizes: ConvolutionSizes, visit: (block: Block) => void): void {
  const { batch, groups, kernel, output } = sizes
  const depth = (sizes.inputChannels / groups) * kernel[0] * kernel[1]
  const channels = sizes.outputChannels / groups
  const rows = batch * output[0]
  const most = Math.max(1, Math.floor(BLOCK / Math.max(1, Math.max(depth, channels) * output[1])))
  // Blocks of about one size: no small rest.
  const blocks = Math.ceil(rows / most)
  for (let group = 0; group < groups; group++) {
    for (let i = 0; i < blocks; i++) {
      const first = Math.floor((rows * i) / blocks)
      const last = Math.floor((rows * (i + 1)) / blocks)
      const count = (last - first) * output[1]
      const [columns, result] = workspaces(dtype, [depth * count, channels * count])
      visit({ group, first, last, columns, result, depth, channels, count })
    }
  }
}

/** `y = convolution(x, weight)`; `y` need not be cleared. */
export function convolve<D extends FloatDType>(
  dtype: D,
  { x, weight, y }: { readonly x: DataOf<D>; readonly weight: DataOf<D>; readonly y: DataOf<D> },
  sizes: ConvolutionSizes,
): void {
  forEachBlock(dtype, sizes, (block) => {
    const { group, depth, channels, count, columns, result } = block
    const filter = weight.subarray(group * channels * depth, (group + 1) * channels * depth)
    unroll(block, x, sizes)
    matrixMultiply<Floats>(result, filter, columns, { m: channels, n: count, k: depth })
    forEachRun(block, sizes, (at, from, length) => {
      copy(y, at, result, from, length)
    })
  })
}

/** The adjoint of `convolve` in `x`; `dx` must be zeros. */
export function convolveBack<D extends FloatDType>(
  dtype: D,
  { dx, weight, dy }: { readonly dx: DataOf<D>; readonly weight: DataOf<D>; readonly dy: DataOf<D> },
  sizes: ConvolutionSizes,
): void {
  const reversed = reverse(sizes)
  if (reversed !== undefined) {
    convolve(dtype, { x: dy, weight: reverseFilters(dtype, weight, sizes), y: dx }, reversed)
    return
  }
  forEachBlock(dtype, sizes, (block) => {
    const { group, depth, channels, count, columns, result } = block
    const filter = weight.subarray(group * channels * depth, (group + 1) * channels * depth)
    forEachRun(block, sizes, (from, at, length) => {
      copy(result, at, dy, from, length)
    })
    matrixMultiply<Floats>(columns, filter, result, { m: depth, n: count, k: channels, transposeA: true })
    rollUp(block, dx, sizes)
  })
}

/**
 * Where the window moves one step at a time, the adjoint in `x` is itself a convolution, by filters turned around: then
 * nothing has to be added up place by place. Undefined where it is not.
 */
function reverse(sizes: ConvolutionSizes): ConvolutionSizes | undefined {
  const { kernel, stride, padding, dilation, inputChannels, outputChannels } = sizes
  const along = (axis: 0 | 1) => dilation[axis] * (kernel[axis] - 1) - padding[axis]
  if (stride[0] !== 1 || stride[1] !== 1 || along(0) < 0 || along(1) < 0) return undefined
  // Unrolling an output channel is about four times as quick as adding up an input channel.
  if (outputChannels > 4 * inputChannels) return undefined
  return {
    ...sizes,
    inputChannels: outputChannels,
    outputChannels: inputChannels,
    input: sizes.output,
    output: sizes.input,
    padding: [along(0), along(1)],
  }
}

/** `[group, out, in, places]` as `[group, in, out, places from the last]`. */
function reverseFilters<D extends FloatDType>(dtype: D, weight: DataOf<D>, sizes: ConvolutionSizes): DataOf<D> {
  const { groups, kernel, inputChannels, outputChannels } = sizes
  const [places, into, out] = [kernel[0] * kernel[1], inputChannels / groups, outputChannels / groups]
  const turned = allocate(dtype, weight.length)
  let from = 0
  for (let group = 0; group < groups; group++) {
    for (let o = 0; o < out; o++) {
      for (let c = 0; c < into; c++) {
        const last = ((group * into + c) * out + o) * places + places - 1
        for (let i = 0; i < places; i++) turned[last - i] = weight[from++]
      }
    }
  }
  return turned
}

/** The adjoint of `convolve` in `weight`: `dw` must be zeros. */
export function convolveWeight<D extends FloatDType>(
  dtype: D,
  { x, dw, dy }: { readonly x: DataOf<D>; readonly dw: DataOf<D>; readonly dy: DataOf<D> },
  sizes: ConvolutionSizes,
): void {
  forEachBlock(dtype, sizes, (block) => {
    const { group, depth, channels, count, columns, result } = block
    const filter = dw.subarray(group * channels * depth, (group + 1) * channels * depth)
    forEachRun(block, sizes, (from, at, length) => {
      copy(result, at, dy, from, length)
    })
    unroll(block, x, sizes)
    const product = { m: channels, n: depth, k: count, transposeB: true, accumulate: true }
    matrixMultiply<Floats>(filter, result, columns, product)
  })
}

/** Runs shorter than this are copied and cleared by a loop: `set`, `subarray` and `fill` cost more than that. */
const SHORT_RUN = 96

function copy(out: Floats, at: number, source: Floats, from: number, count: number): void {
  if (count < SHORT_RUN) for (let i = 0; i < count; i++) out[at + i] = source[from + i]
  else out.set(source.subarray(from, from + count), at)
}

function clear(out: Floats, from: number, to: number): void {
  if (to - from < SHORT_RUN) for (let i = from; i < to; i++) out[i] = 0
  else out.fill(0, from, to)
}

/** Calls `visit` with each run of outputs that lies in one piece both in the images and in the block's result. */
function forEachRun(
  { group, first, last, channels, count }: Block,
  { output: [height, width], outputChannels }: ConvolutionSizes,
  visit: (image: number, result: number, length: number) => void,
): void {
  for (let row = first; row < last; ) {
    const image = Math.floor(row / height)
    const next = Math.min(last, (image + 1) * height)
    for (let channel = 0; channel < channels; channel++) {
      const plane = image * outputChannels + group * channels + channel
      visit(
        (plane * height + row - image * height) * width,
        channel * count + (row - first) * width,
        (next - row) * width,
      )
    }
    row = next
  }
}

/** What one line of the columns takes: the inputs of one channel that one place in the window meets. */
interface Line {
  /** Where the line starts in the columns. */
  readonly at: number
  /** The first of the channel's rows in the first image, rows of all channels and images counted on. */
  readonly plane: number
  /** Where the place lies from the first window's corner, padding taken off. */
  readonly top: number
  readonly left: number
  /** The outputs of a row, from the first up to but without the last, at which the place lies within the input. */
  readonly lower: number
  readonly upper: number
}

function forEachLine({ group, count }: Block, sizes: ConvolutionSizes, visit: (line: Line) => void): void {
  const { input: [height, width], kernel, output, stride, padding, dilation, groups } = sizes
  const channels = sizes.inputChannels / groups
  let at = 0
  for (let channel = 0; channel < channels; channel++) {
    const plane = (group * channels + channel) * height
    for (let i = 0; i < kernel[0]; i++) {
      const top = i * dilation[0] - padding[0]
      for (let j = 0; j < kernel[1]; j++, at += count) {
        const left = j * dilation[1] - padding[1]
        const lower = Math.min(output[1], Math.max(0, Math.ceil(-left / stride[1])))
        const upper = Math.max(lower, Math.min(output[1], Math.ceil((width - left) / stride[1])))
        visit({ at, plane, top, left, lower, upper })
      }
    }
  }
}

/** Fills the columns of a block: line `(channel, i, j)` holds what that place in the window meets at each output. */
function unroll(block: Block, x: Floats, sizes: ConvolutionSizes): void {
  const { stride, input, output } = sizes
  const whole = stride[0] === 1 && stride[1] === 1 && input[1] === output[1]
  forEachLine(block, sizes, (line) => {
    if (whole) unrollWhole(block, line, x, sizes)
    else unrollRows(block, line, x, sizes)
  })
}

function unrollRows({ columns, first, last }: Block, line: Line, x: Floats, sizes: ConvolutionSizes): void {
  const { plane, top, left, lower, upper } = line
  const { input: [height, width], output: [outputHeight, outputWidth], stride: [rowStep, step], inputChannels } = sizes
  let image = Math.floor(first / outputHeight)
  let row = first - image * outputHeight
  let { at } = line
  for (let n = first; n < last; n++, at += outputWidth) {
    const y = row * rowStep + top
    const meets = y >= 0 && y < height
    const from = (image * inputChannels * height + plane + y) * width + left
    const [start, stop] = meets ? [lower, upper] : [outputWidth, outputWidth]
    for (let i = 0; i < start; i++) columns[at + i] = 0
    for (let i = start; i < stop; i++) columns[at + i] = x[from + i * step]
    for (let i = stop; i < outputWidth; i++) columns[at + i] = 0
    if (++row === outputHeight) {
      row = 0
      image++
    }
  }
}

/** The same where rows of inputs and outputs are of one width and one step apart: all rows of an image in one piece. */
function unrollWhole({ columns, first, last, count }: Block, line: Line, x: Floats, sizes: ConvolutionSizes): void {
  const { plane, top, left, lower, upper } = line
  const { input: [height, width], output: [outputHeight], inputChannels } = sizes
  if (lower === upper) {
    columns.fill(0, line.at, line.at + count)
    return
  }
  for (let row = first; row < last; ) {
    const image = Math.floor(row / outputHeight)
    const next = Math.min(last, (image + 1) * outputHeight)
    const origin = image * outputHeight
    // Rows of the output at which the place lies within the input.
    const start = Math.min(next, Math.max(row, origin - top))
    const stop = Math.max(start, Math.min(next, origin + height - top))
    const at = line.at + (row - first) * width
    const here = at + (start - row) * width
    const end = at + (stop - row) * width
    clear(columns, at, here)
    clear(columns, end, at + (next - row) * width)
    if (start < stop) {
      // Shifted sideways, the piece would begin before its plane or end after it.
      const from = (image * inputChannels * height + plane + start - origin + top) * width + left
      const ahead = Math.max(0, -left)
      copy(columns, here + ahead, x, from + ahead, (stop - start) * width - ahead - Math.max(0, left))
      for (let i = here; i < end; i += width) {
        for (let j = 0; j < lower; j++) columns[i + j] = 0
        for (let j = upper; j < width; j++) columns[i + j] = 0
      }
    }
    row = next
  }
}

/** The adjoint of `unroll`: adds each element of the columns to where it came from. */
function rollUp(block: Block, dx: Floats, sizes: ConvolutionSizes): void {
  const { columns, first, last } = block
  const { input: [height, width], output: [outputHeight, outputWidth], stride: [rowStep, step], inputChannels } = sizes
  forEachLine(block, sizes, ({ at: start, plane, top, left, lower, upper }) => {
    let image = Math.floor(first / outputHeight)
    let row = first - image * outputHeight
    let at = start
    for (let n = first; n < last; n++, at += outputWidth) {
      const y = row * rowStep + top
      const from = (image * inputChannels * height + plane + y) * width + left
      if (y >= 0 && y < height) for (let i = lower; i < upper; i++) dx[from + i * step] += columns[at + i]
      if (++row === outputHeight) {
        row = 0
        image++
      }
    }
  })
}
