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
const BLOCK = 2 ** 16

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

/** The adjoint of `convolve` in `x`: `dx` must be zeros. */
export function convolveBack<D extends FloatDType>(
  dtype: D,
  { dx, weight, dy }: { readonly dx: DataOf<D>; readonly weight: DataOf<D>; readonly dy: DataOf<D> },
  sizes: ConvolutionSizes,
): void {
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

/** Runs shorter than this are copied by a loop: `set` and `subarray` cost more than that. */
const SHORT_RUN = 64

function copy(out: Floats, at: number, source: Floats, from: number, count: number): void {
  if (count < SHORT_RUN) for (let i = 0; i < count; i++) out[at + i] = source[from + i]
  else out.set(source.subarray(from, from + count), at)
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

/**
 * Calls `visit` for each row of inputs that one place in the window meets along one output row: `columns[at + i]` is
 * `x[from + i * stride]` for `lower <= i < upper` and padding elsewhere.
 */
function forEachPatchRow(
  { group, first, last, count }: Block,
  { input, kernel, output, stride, padding, dilation, inputChannels, groups }: ConvolutionSizes,
  visit: (at: number, from: number, lower: number, upper: number) => void,
): void {
  const [height, width] = input
  const channels = inputChannels / groups
  const outputHeight = output[0]
  const outputWidth = output[1]
  let line = 0
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < kernel[0]; i++) {
      for (let j = 0; j < kernel[1]; j++, line++) {
        const left = j * dilation[1] - padding[1]
        const lower = Math.min(outputWidth, Math.max(0, Math.ceil(-left / stride[1])))
        const upper = Math.max(lower, Math.min(outputWidth, Math.ceil((width - left) / stride[1])))
        const top = i * dilation[0] - padding[0]
        let image = Math.floor(first / outputHeight)
        let row = first - image * outputHeight
        let plane = (image * inputChannels + group * channels + channel) * height
        let at = line * count
        for (let n = first; n < last; n++, at += outputWidth) {
          const y = row * stride[0] + top
          if (y >= 0 && y < height) visit(at, (plane + y) * width + left, lower, upper)
          else visit(at, 0, outputWidth, outputWidth)
          if (++row === outputHeight) {
            row = 0
            image++
            plane += inputChannels * height
          }
        }
      }
    }
  }
}

/** Fills the columns of a block: line `(channel, i, j)` holds what that place in the window meets at each output. */
function unroll(block: Block, x: Floats, sizes: ConvolutionSizes): void {
  const { columns } = block
  const [step, width] = [sizes.stride[1], sizes.output[1]]
  forEachPatchRow(block, sizes, (at, from, lower, upper) => {
    for (let i = 0; i < lower; i++) columns[at + i] = 0
    if (step === 1) copy(columns, at + lower, x, from + lower, upper - lower)
    else for (let i = lower; i < upper; i++) columns[at + i] = x[from + i * step]
    for (let i = upper; i < width; i++) columns[at + i] = 0
  })
}

/** The adjoint of `unroll`: adds each element of the columns to where it came from. */
function rollUp(block: Block, dx: Floats, sizes: ConvolutionSizes): void {
  const { columns } = block
  const step = sizes.stride[1]
  forEachPatchRow(block, sizes, (at, from, lower, upper) => {
    for (let i = lower; i < upper; i++) dx[from + i * step] += columns[at + i]
  })
}
