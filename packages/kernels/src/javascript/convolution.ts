// Convolution in plain JavaScript: the reference, the float64 path and the fallback. Patches are unrolled into the
// columns of a matrix, a block of outputs at a time. Not here: the tables, and the matrix product.
import { zeros } from '../arrays.ts'
import { forEachChunk, patchesOf } from '../patches.ts'
import type { Filters, Patches, Sizes } from '../patches.ts'
import type { FloatArray } from '../types.ts'
import { multiplyInto } from './multiply.ts'

/** Elements of a block of columns. */
const BLOCK = 2 ** 16

/** Outputs `first … first + count - 1` of one group in one chunk of images. */
interface Block {
  readonly group: number
  readonly first: number
  readonly count: number
}

function forEachBlock({ depth, places }: Patches, groups: number, images: number, visit: (block: Block) => void): void {
  const most = blockLength(depth)
  for (let group = 0; group < groups; group += 1) {
    for (let first = 0; first < images * places; first += most) {
      visit({ group, first, count: Math.min(most, images * places - first) })
    }
  }
}

const blockLength = (depth: number): number => Math.max(8, Math.floor(BLOCK / depth))

/** What every pass works on: the planes of a chunk with their margins, and a block of columns and of outputs. */
function workspace<A extends FloatArray>(like: A, sizes: Sizes, patches: Patches, channels: number) {
  const length = Math.min(blockLength(patches.depth), patches.images * patches.places)
  return {
    padded: zeros(like, patches.images * sizes.inputChannels * patches.height * patches.width),
    columns: zeros(like, patches.depth * length),
    result: zeros(like, channels * length),
  }
}

/** `out = convolution(x, weight)`, by filters that lie in the weight as `filters` says. */
export function convolve<A extends FloatArray>(
  { out, x, weight }: { readonly out: A; readonly x: A; readonly weight: A }, sizes: Sizes, filters: Filters,
): void {
  const patches = patchesOf(sizes)
  const { places, depth } = patches
  const { groups, outputChannels } = sizes
  const { count: channels } = filters
  const matrix = arrange(weight, filters, groups)
  const { padded, columns, result } = workspace(x, sizes, patches, channels)
  forEachChunk(sizes.batch, patches.images, (image, images) => {
    pad(padded, x, image, images, sizes, patches)
    forEachBlock(patches, groups, images, (block) => {
      const { group, first, count } = block
      unroll(columns, padded, block, sizes, patches)
      multiplyInto(
        { values: result, at: 0 }, { values: matrix, at: group * channels * depth }, { values: columns, at: 0 },
        { m: channels, n: count, k: depth, transposeA: false, transposeB: false, accumulate: false },
      )
      const start = (image * outputChannels + group * channels) * places
      for (let r = 0, i = 0; r < channels; r += 1) {
        for (let q = first; q < first + count; q += 1) out[start + r * places + patches.to[q]] = result[i++]
      }
    })
  })
}

/** The adjoint of `convolve` in `x`: each output spreads its filter over the places that it was computed from. */
export function spread<A extends FloatArray>(
  { dx, dy, weight }: { readonly dx: A; readonly dy: A; readonly weight: A }, sizes: Sizes,
): void {
  const patches = patchesOf(sizes)
  const { depth } = patches
  const channels = sizes.outputChannels / sizes.groups
  const { padded, columns, result } = workspace(dx, sizes, patches, channels)
  forEachChunk(sizes.batch, patches.images, (image, images) => {
    padded.fill(0)
    forEachBlock(patches, sizes.groups, images, (block) => {
      const { group, count } = block
      gather(result, dy, image, block, sizes, patches)
      multiplyInto(
        { values: columns, at: 0 }, { values: weight, at: group * channels * depth }, { values: result, at: 0 },
        { m: depth, n: count, k: channels, transposeA: true, transposeB: false, accumulate: false },
      )
      addBack(padded, columns, block, sizes, patches)
    })
    crop(dx, padded, image, images, sizes, patches)
  })
}

/** The adjoint of `convolve` in `weight`. */
export function filterGradient<A extends FloatArray>(
  { dw, x, dy }: { readonly dw: A; readonly x: A; readonly dy: A }, sizes: Sizes,
): void {
  const patches = patchesOf(sizes)
  const { depth } = patches
  const channels = sizes.outputChannels / sizes.groups
  const { padded, columns, result } = workspace(x, sizes, patches, channels)
  dw.fill(0)
  forEachChunk(sizes.batch, patches.images, (image, images) => {
    pad(padded, x, image, images, sizes, patches)
    forEachBlock(patches, sizes.groups, images, (block) => {
      unroll(columns, padded, block, sizes, patches)
      gather(result, dy, image, block, sizes, patches)
      multiplyInto(
        { values: dw, at: block.group * channels * depth }, { values: result, at: 0 }, { values: columns, at: 0 },
        { m: channels, n: depth, k: block.count, transposeA: false, transposeB: true, accumulate: true },
      )
    })
  })
}

/** The filters of all groups, row by row. */
function arrange<A extends FloatArray>(weight: A, { count, row, offsets }: Filters, groups: number): A {
  const matrix = zeros(weight, weight.length)
  let at = 0
  for (let group = 0; group < groups; group += 1) {
    const start = group * count * offsets.length
    for (let r = 0; r < count; r += 1) {
      for (let d = 0; d < offsets.length; d += 1) matrix[at++] = weight[start + r * row + offsets[d]]
    }
  }
  return matrix
}

/** Copies images into planes whose margins stay as they are. */
function pad(
  to: FloatArray, x: FloatArray, image: number, images: number, { input, inputChannels }: Sizes, patches: Patches,
): void {
  const { height, width, corner } = patches
  let i = image * inputChannels * input[0] * input[1]
  for (let plane = 0; plane < images * inputChannels; plane += 1) {
    for (let row = 0; row < input[0]; row += 1) {
      const at = (plane * height + row) * width + corner
      for (let j = 0; j < input[1]; j += 1) to[at + j] = x[i++]
    }
  }
}

/** The inverse of `pad`. */
function crop(
  x: FloatArray, from: FloatArray, image: number, images: number, { input, inputChannels }: Sizes, patches: Patches,
): void {
  const { height, width, corner } = patches
  let i = image * inputChannels * input[0] * input[1]
  for (let plane = 0; plane < images * inputChannels; plane += 1) {
    for (let row = 0; row < input[0]; row += 1) {
      const at = (plane * height + row) * width + corner
      for (let j = 0; j < input[1]; j += 1) x[i++] = from[at + j]
    }
  }
}

/** Where the planes of a group begin in an image with margins. */
const groupStart = (group: number, { inputChannels, groups }: Sizes, { height, width }: Patches): number =>
  group * (inputChannels / groups) * height * width

/** `columns[t, q] = padded[from[q] + taps[t]]` */
function unroll(
  columns: FloatArray, padded: FloatArray, { group, first, count }: Block, sizes: Sizes, patches: Patches,
): void {
  const { depth, taps, from } = patches
  const start = groupStart(group, sizes, patches)
  for (let t = 0, i = 0; t < depth; t += 1) {
    const at = start + taps[t]
    for (let q = first; q < first + count; q += 1) columns[i++] = padded[at + from[q]]
  }
}

/** The adjoint of `unroll`. */
function addBack(
  padded: FloatArray, columns: FloatArray, { group, first, count }: Block, sizes: Sizes, patches: Patches,
): void {
  const { depth, taps, from } = patches
  const start = groupStart(group, sizes, patches)
  for (let t = 0, i = 0; t < depth; t += 1) {
    const at = start + taps[t]
    for (let q = first; q < first + count; q += 1) padded[at + from[q]] += columns[i++]
  }
}

/** The outputs of a block as a matrix `[channels, outputs]`. */
function gather(
  result: FloatArray, y: FloatArray, image: number, { group, first, count }: Block, sizes: Sizes, patches: Patches,
): void {
  const { places, to } = patches
  const channels = sizes.outputChannels / sizes.groups
  const start = (image * sizes.outputChannels + group * channels) * places
  for (let r = 0, i = 0; r < channels; r += 1) {
    for (let q = first; q < first + count; q += 1) result[i++] = y[start + r * places + to[q]]
  }
}
