// Where a convolution finds what: the tables that both implementations of it read. The patch of output q begins at
// from[q] in planes that have their margins, and its element t lies taps[t] further on. Not here: any arithmetic.
import type { ConvolutionProblem } from './types.ts'

/** A problem with every option said. */
export type Sizes = { readonly [Name in keyof ConvolutionProblem]-?: NonNullable<ConvolutionProblem[Name]> }

/** Elements of the images that are taken at a time: with what is made of them, they stay in the second-level cache. */
const CHUNK = 2 ** 16

/** Tables are this much longer than what they hold, so that they can be read in groups of eight; the rest is 0. */
const GROUP = 8

/** All positions are in elements. */
export interface Patches {
  /** Images that are taken at a time. */
  readonly images: number
  /** Outputs of a plane. */
  readonly places: number
  /** Height and width of an input plane with its margins of zeros. */
  readonly height: number
  readonly width: number
  /** Whether there are margins. */
  readonly margins: boolean
  /** Where a plane begins within its margins. */
  readonly corner: number
  /** Elements of a window over all channels of a group. */
  readonly depth: number
  /** `[depth]`: from the start of a patch in the first channel of a group. */
  readonly taps: Int32Array
  /** `[images * places]`: where patches begin, from the first image on. */
  readonly from: Int32Array
  /** `[images * places]`: where their outputs lie, in the first output channel. */
  readonly to: Int32Array
}

/** The tables of a problem; `images` of the batch are taken at a time. */
export function patchesOf(sizes: Sizes): Patches {
  const { batch, inputChannels, outputChannels, groups, input, kernel, output, stride, padding, dilation } = sizes
  const extent = (axis: 0 | 1): number =>
    Math.max(input[axis] + padding[axis], (output[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1)
  const [height, width] = [extent(0), extent(1)]
  const places = output[0] * output[1]
  const largest = Math.max(inputChannels * height * width, outputChannels * places)
  const chunks = Math.ceil(batch / Math.max(1, Math.floor(CHUNK / largest)))
  const images = Math.ceil(batch / chunks)

  const depth = (inputChannels / groups) * kernel[0] * kernel[1]
  const taps = table(depth)
  let t = 0
  for (let channel = 0; channel < inputChannels / groups; channel += 1) {
    for (let i = 0; i < kernel[0]; i += 1) {
      for (let j = 0; j < kernel[1]; j += 1) taps[t++] = (channel * height + i * dilation[0]) * width + j * dilation[1]
    }
  }

  const from = table(images * places)
  const to = table(images * places)
  let q = 0
  for (let image = 0; image < images; image += 1) {
    const first = image * inputChannels * height * width
    for (let place = 0; place < places; place += 1, q += 1) {
      const row = Math.floor(place / output[1])
      from[q] = first + row * stride[0] * width + (place - row * output[1]) * stride[1]
      to[q] = image * outputChannels * places + place
    }
  }
  const corner = padding[0] * width + padding[1]
  const margins = height > input[0] || width > input[1]
  return { images, places, height, width, margins, corner, depth, taps, from, to }
}

const table = (length: number): Int32Array => new Int32Array(Math.ceil(length / GROUP) * GROUP)

/** How the filters of a group lie in the weight: element d of filter r at `r * row + offsets[d]`. */
export interface Filters {
  readonly count: number
  readonly row: number
  readonly offsets: Int32Array
}

/** The filters of a convolution as they are. */
export function filtersOf({ inputChannels, outputChannels, groups, kernel }: Sizes): Filters {
  const row = (inputChannels / groups) * kernel[0] * kernel[1]
  return { count: outputChannels / groups, row, offsets: Int32Array.from({ length: row }, (_, d) => d) }
}

/** The transposed filters: one for each element of the window, over the output channels. */
export function transposedFilters({ inputChannels, outputChannels, groups, kernel }: Sizes): Filters {
  const count = (inputChannels / groups) * kernel[0] * kernel[1]
  return { count, row: 1, offsets: Int32Array.from({ length: outputChannels / groups }, (_, o) => o * count) }
}

/**
 * Where the window moves one step at a time, the gradient in the input is itself a convolution, by filters turned
 * around: then nothing has to be added up place by place. Undefined where it is not, or would take longer.
 */
export function reverse(sizes: Sizes): { readonly sizes: Sizes; readonly filters: Filters } | undefined {
  const { kernel, stride, padding, dilation, inputChannels, outputChannels, groups } = sizes
  const along = (axis: 0 | 1): number => dilation[axis] * (kernel[axis] - 1) - padding[axis]
  if (stride[0] !== 1 || stride[1] !== 1 || along(0) < 0 || along(1) < 0) return undefined
  if (outputChannels > 4 * inputChannels) return undefined
  const count = inputChannels / groups
  const row = kernel[0] * kernel[1]
  const offsets = new Int32Array((outputChannels / groups) * row)
  for (let d = 0; d < offsets.length; d += 1) {
    const o = Math.floor(d / row)
    offsets[d] = o * count * row + row - 1 - (d - o * row)
  }
  return {
    sizes: {
      ...sizes,
      inputChannels: outputChannels,
      outputChannels: inputChannels,
      input: sizes.output,
      output: sizes.input,
      padding: [along(0), along(1)],
    },
    filters: { count, row, offsets },
  }
}

/** Calls `visit` for each chunk of the batch: its first image, and how many images it has. */
export function forEachChunk(batch: number, images: number, visit: (first: number, count: number) => void): void {
  for (let first = 0; first < batch; first += images) visit(first, Math.min(images, batch - first))
}
