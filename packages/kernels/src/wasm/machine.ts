// One instance of the WebAssembly build and its workspace: an arena that every call lays out anew and that only grows.
// Pointers are byte offsets. Not here: the kernels, and the choice of the build.
import { instantiate } from './platform.ts'

/** What assembly/index.ts exports. Sizes are in elements, strides in bytes. */
export interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  heapBase(): number
  exp(x: number, length: number): void
  tanh(x: number, length: number): void
  sigmoid(x: number, length: number): void
  softmax(x: number, rows: number, columns: number, logarithm: boolean): void
  packedLength(n: number, k: number): number
  packColumns(to: number, b: number, stride: number, transposed: boolean, n: number, k: number): void
  multiplyPacked(
    c: number, strideC: number, a: number, strideA: number, transposedA: boolean, packedB: number,
    m: number, n: number, k: number, accumulate: boolean,
  ): void
}

const PAGE = 65_536
/** Below this many elements a loop is quicker than a view and `set`. */
const SMALL = 48

export class Machine {
  readonly exports: Exports
  readonly #base: number
  #next: number
  #end: number
  #f32: Float32Array
  #i32: Int32Array

  constructor(bytes: Uint8Array) {
    this.exports = instantiate(bytes) as Exports
    this.#base = Math.ceil(this.exports.heapBase() / 16) * 16
    this.#next = this.#base
    const { buffer } = this.exports.memory
    this.#end = buffer.byteLength
    this.#f32 = new Float32Array(buffer)
    this.#i32 = new Int32Array(buffer)
  }

  /** Starts a new layout: whatever was taken before is forgotten. */
  begin(): this {
    this.#next = this.#base
    return this
  }

  /** Room for `length` elements of four bytes, aligned to 16 bytes, with room up to a multiple of four elements. */
  take(length: number): number {
    const at = this.#next
    // Loads of four lanes may start at the last element: one more group is kept free behind the last array.
    const next = at + Math.ceil(length / 4) * 16
    if (next + 16 > this.#end) this.#grow(next + 16)
    this.#next = next
    return at
  }

  /** Copies an array into memory. */
  write(at: number, from: Float32Array): void {
    const start = at / 4
    if (from.length > SMALL) this.#f32.set(from, start)
    else for (let i = 0; i < from.length; i += 1) this.#f32[start + i] = from[i]
  }

  /** Copies part of an array into memory. */
  writePart(at: number, from: Float32Array, first: number, length: number): void {
    const start = at / 4
    if (length > SMALL) this.#f32.set(from.subarray(first, first + length), start)
    else for (let i = 0; i < length; i += 1) this.#f32[start + i] = from[first + i]
  }

  writeIntegers(at: number, from: Int32Array): void {
    this.#i32.set(from, at / 4)
  }

  /** Fills part of an array from memory. */
  read(at: number, to: Float32Array, first: number, length: number): void {
    const start = at / 4
    if (length > SMALL) to.set(this.#f32.subarray(start, start + length), first)
    else for (let i = 0; i < length; i += 1) to[first + i] = this.#f32[start + i]
  }

  /** A new array with what lies in memory. */
  copy(at: number, length: number): Float32Array {
    return this.#f32.slice(at / 4, at / 4 + length)
  }

  zero(at: number, length: number): void {
    this.#f32.fill(0, at / 4, at / 4 + length)
  }

  #grow(bytes: number): void {
    const { memory } = this.exports
    const wanted = Math.max(bytes, Math.min(this.#end * 1.5, 2 ** 32 - PAGE))
    try {
      memory.grow(Math.ceil((wanted - this.#end) / PAGE))
    } catch (cause) {
      const megabytes = Math.ceil(bytes / 2 ** 20)
      throw new RangeError(
        `kernels: expected room for ${megabytes} MB of WebAssembly workspace, got a refusal; ` +
        'use a smaller batch or fewer steps at a time',
        { cause },
      )
    }
    this.#end = memory.buffer.byteLength
    this.#f32 = new Float32Array(memory.buffer)
    this.#i32 = new Int32Array(memory.buffer)
  }
}
