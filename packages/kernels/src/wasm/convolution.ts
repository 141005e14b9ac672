// Convolution in WebAssembly: brings the images, a chunk of the batch at a time, with their margins, and the tables
// that say where patches lie. Not here: the products, which are the assembly's.
import { filtersOf, forEachChunk, patchesOf, transposedFilters } from '../patches.ts'
import type { Filters, Patches, Sizes } from '../patches.ts'
import type { Machine } from './machine.ts'

/** Elements of a block of columns, where they are made. */
const BLOCK = 2 ** 16

/** Multiply-adds of a convolution. */
function workOf({ batch, output, kernel, inputChannels, outputChannels, groups }: Sizes): number {
  return batch * output[0] * output[1] * outputChannels * (inputChannels / groups) * kernel[0] * kernel[1]
}

/** Writes a table of elements as one of bytes. */
function bringTable(machine: Machine, table: Int32Array): number {
  const at = machine.take(table.length)
  machine.writeIntegers(at, table.map(element => 4 * element))
  return at
}

/** Packs the filters of all groups. */
function packFilters(machine: Machine, weight: Float32Array, { count, row, offsets }: Filters, groups: number): number {
  const { exports } = machine
  const size = count * offsets.length
  const packed = machine.take(weight.length)
  const from = machine.take(weight.length)
  const table = bringTable(machine, offsets)
  machine.write(from, weight)
  for (let group = 0; group < groups; group += 1) {
    const start = 4 * group * size
    exports.packFilters(packed + start, from + start, 4 * row, table, count, offsets.length)
  }
  return packed
}

/** The input planes of a chunk, with margins and without: one place for both where there are none. */
class Planes {
  /** With margins. */
  readonly at: number
  /** Bytes from one group's planes to the next's. */
  readonly group: number
  readonly #machine: Machine
  readonly #sizes: Sizes
  readonly #patches: Patches
  readonly #bare: number
  readonly #length: number

  constructor(machine: Machine, sizes: Sizes, patches: Patches) {
    const plane = patches.height * patches.width
    this.#machine = machine
    this.#sizes = sizes
    this.#patches = patches
    this.#length = patches.images * sizes.inputChannels * plane
    this.at = machine.take(this.#length)
    this.group = 4 * (sizes.inputChannels / sizes.groups) * plane
    this.#bare = patches.margins ? machine.take(patches.images * this.#imageLength) : this.at
    this.clear()
  }

  clear(): void {
    this.#machine.zero(this.at, this.#length)
  }

  /** Puts images within their margins. */
  bring(x: Float32Array, first: number, count: number): void {
    const length = this.#imageLength
    this.#machine.writePart(this.#bare, x, first * length, count * length)
    if (!this.#patches.margins) return
    const [within, bare] = this.#places
    this.#machine.exports.movePlanes(...within, ...bare, ...this.#extent(count))
  }

  /** Takes images out of their margins. */
  fetch(x: Float32Array, first: number, count: number): void {
    const [within, bare] = this.#places
    if (this.#patches.margins) this.#machine.exports.movePlanes(...bare, ...within, ...this.#extent(count))
    const length = this.#imageLength
    this.#machine.read(this.#bare, x, first * length, count * length)
  }

  get #imageLength(): number {
    const { inputChannels, input } = this.#sizes
    return inputChannels * input[0] * input[1]
  }

  /** Start, bytes of a plane and bytes of a row, with margins and without. */
  get #places(): readonly (readonly [number, number, number])[] {
    const { height, width, corner } = this.#patches
    const { input } = this.#sizes
    return [
      [this.at + 4 * corner, 4 * height * width, 4 * width],
      [this.#bare, 4 * input[0] * input[1], 4 * input[1]],
    ]
  }

  #extent(images: number): readonly [rows: number, bytes: number, first: number, last: number] {
    const { inputChannels, input } = this.#sizes
    return [input[0], 4 * input[1], 0, images * inputChannels]
  }
}

/** `out = convolution(x, weight)`, by filters that lie in the weight as `filters` says. */
export function convolveWasm(
  machine: Machine,
  { out, x, weight }: { readonly out: Float32Array; readonly x: Float32Array; readonly weight: Float32Array },
  sizes: Sizes,
  filters: Filters,
): void {
  const patches = patchesOf(sizes)
  const { places, images } = patches
  const { groups, outputChannels } = sizes
  const { count: channels, offsets: { length: depth } } = filters
  const { exports } = machine.begin(workOf(sizes))
  const packed = packFilters(machine, weight, filters, groups)
  const [taps, from, to] = [patches.taps, patches.from, patches.to].map(table => bringTable(machine, table))
  const planes = new Planes(machine, sizes, patches)
  const length = outputChannels * places
  const y = machine.take(images * length)
  forEachChunk(sizes.batch, images, (first, count) => {
    planes.bring(x, first, count)
    for (let group = 0; group < groups; group += 1) {
      exports.multiplyPatches(
        y + 4 * group * channels * places, to, 4 * places, packed + 4 * group * channels * depth,
        planes.at + group * planes.group, from, taps, channels, depth, 0, count * places,
      )
    }
    machine.read(y, out, first * length, count * length)
  })
}

/** The adjoint of `convolveWasm` in `x`: each output spreads its filter over the places that it was computed from. */
export function spreadWasm(
  machine: Machine,
  { dx, dy, weight }: { readonly dx: Float32Array; readonly dy: Float32Array; readonly weight: Float32Array },
  sizes: Sizes,
): void {
  const patches = patchesOf(sizes)
  const { places, images, depth } = patches
  const { groups, outputChannels } = sizes
  const channels = outputChannels / groups
  const window = sizes.kernel[0] * sizes.kernel[1]
  const { exports } = machine.begin(workOf(sizes))
  const packed = packFilters(machine, weight, transposedFilters(sizes), groups)
  const [taps, from, to] = [patches.taps, patches.from, patches.to].map(table => bringTable(machine, table))
  const planes = new Planes(machine, sizes, patches)
  const most = Math.min(8 * Math.ceil(BLOCK / 8 / depth), patches.to.length)
  const columns = machine.take(depth * most)
  const order = bringTable(machine, Int32Array.from({ length: most }, (_, i) => i))
  const outputs = bringTable(machine, Int32Array.from({ length: channels }, (_, channel) => channel * places))
  const length = outputChannels * places
  const y = machine.take(images * length)
  forEachChunk(sizes.batch, images, (first, count) => {
    machine.writePart(y, dy, first * length, count * length)
    planes.clear()
    for (let group = 0; group < groups; group += 1) {
      const filters = packed + 4 * group * channels * depth
      for (let q = 0; q < count * places; q += most) {
        const block = Math.min(most, count * places - q)
        const source = y + 4 * group * channels * places
        exports.multiplyPatches(
          columns, order, 4 * most, filters, source, to + 4 * q, outputs, depth, channels, 0, block,
        )
        const start = planes.at + group * planes.group
        exports.addPatches(start, from + 4 * q, taps, columns, 4 * most, block, window, 0, depth / window)
      }
    }
    planes.fetch(dx, first, count)
  })
}

/** The adjoint of `convolveWasm` in `weight`. */
export function filterGradientWasm(
  machine: Machine,
  { dw, x, dy }: { readonly dw: Float32Array; readonly x: Float32Array; readonly dy: Float32Array },
  sizes: Sizes,
): void {
  const patches = patchesOf(sizes)
  const { places, images } = patches
  const { groups, outputChannels } = sizes
  const { count: channels, row: depth } = filtersOf(sizes)
  const { exports } = machine.begin(workOf(sizes))
  const [taps, from] = [patches.taps, patches.from].map(table => bringTable(machine, table))
  const planes = new Planes(machine, sizes, patches)
  const gradient = machine.take(dw.length)
  machine.zero(gradient, dw.length)
  const packed = machine.take(channels * images * places)
  const length = outputChannels * places
  const y = machine.take(images * length)
  forEachChunk(sizes.batch, images, (first, count) => {
    planes.bring(x, first, count)
    machine.writePart(y, dy, first * length, count * length)
    for (let group = 0; group < groups; group += 1) {
      const outputs = count * places
      exports.packGradient(packed, y + 4 * group * channels * places, 4 * length, places, channels, outputs)
      exports.filterGradient(
        gradient + 4 * group * channels * depth, packed, planes.at + group * planes.group, from, taps,
        channels, outputs, depth, 0, depth,
      )
    }
  })
  machine.read(gradient, dw, 0, dw.length)
}
