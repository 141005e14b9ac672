// One instance of the WebAssembly build and its memory: first the slots that forward passes keep, then the arena, which
// every call lays out anew. The memory only grows. Pointers are byte offsets. Not here: the kernels, and the choice of
// the build.
import type { Exports } from './exports.ts'
import { compile, instantiate, makeMemory } from './platform.ts'
import type { Memory } from './platform.ts'
import { Slots } from './slots.ts'
import type { Slot } from './slots.ts'

const PAGE = 65_536
/** Below this many elements a loop is quicker than a view and `set`. */
const SMALL = 16
/** Multiply-adds from which a piece of work would gain by more threads. */
const LARGE = 1_000_000

/**
 * Stages, each of which does so many steps. A step comes after the one before it in its stage, and after the one with
 * its number in the first stage; the other stages know nothing of one another.
 */
export interface Lane {
  readonly steps: number
  readonly stages: readonly ((step: number) => void)[]
}

/** What a machine runs on: an instance, its memory, and where the workspace starts in it. */
interface Base {
  readonly exports: Exports
  readonly memory: Memory
  readonly base: number
}

/** What a machine on several threads has besides: see its methods of these names. */
interface Threads {
  sideBySide(lanes: readonly Lane[]): void
  inTurn(copy: () => void): void
  threadsFor(work: number): number
}

/** An instance on a memory of its own, and the module, of which there can be more on a shared memory. */
export function instance(bytes: Uint8Array, shared: boolean): Omit<Base, 'base'> & { readonly module: object } {
  const module = compile(bytes)
  const memory = makeMemory(shared)
  // A copy: the engine's own object is slow to look things up in.
  return { module, memory, exports: { ...(instantiate(module, memory) as Exports) } }
}

/** What a machine for one thread runs on. */
export function alone(bytes: Uint8Array): Base {
  const { exports, memory } = instance(bytes, false)
  return { exports, memory, base: exports.heapBase() }
}

export class Machine {
  readonly exports: Exports
  readonly owner: object
  readonly #memory: Memory
  readonly #slots: Slots
  #next: number
  #end: number
  #f32: Float32Array
  #i32: Int32Array
  #work = 0

  readonly #threads: Threads | undefined

  /** `owner` is what the machine works for: what one of its machines has kept, the others may go on with. */
  constructor(on: Base | (Base & Threads), owner: object = {}) {
    const { exports, memory, base } = on
    this.exports = exports
    this.owner = owner
    this.#memory = memory
    this.#threads = 'sideBySide' in on ? on : undefined
    this.#slots = new Slots(Math.ceil(base / 16) * 16)
    this.#next = this.#slots.end
    const { buffer } = memory
    this.#end = buffer.byteLength
    this.#f32 = new Float32Array(buffer)
    this.#i32 = new Int32Array(buffer)
  }

  /** Multiply-adds done so far in large pieces. */
  get work(): number {
    return this.#work
  }

  /** Starts a new layout of the arena: whatever was taken before is forgotten. `work` says how much is to come. */
  begin(work = 0): this {
    if (work > LARGE) this.#work += work
    this.#next = this.#slots.end
    return this
  }

  /**
   * Does what all lanes call, one after another where there is one thread. Else what a step calls is done after all
   * else in it, and steps of different lanes know nothing of one another.
   */
  sideBySide(lanes: readonly Lane[]): void {
    if (this.#threads !== undefined && lanes.length > 1) this.#threads.sideBySide(lanes)
    else for (const { steps, stages } of lanes) for (let i = 0; i < steps; i += 1) for (const stage of stages) stage(i)
  }

  /** Does a copy from or to an array, which other threads cannot: in a lane, when its step comes. */
  inTurn(copy: () => void): void {
    if (this.#threads === undefined) copy()
    else this.#threads.inTurn(copy)
  }

  /** Threads that would share a piece of work of so many multiply-adds. */
  threadsFor(work: number): number {
    return this.#threads?.threadsFor(work) ?? 1
  }

  /** Room for `length` elements of four bytes, aligned to 16 bytes, with room up to a multiple of four elements. */
  take(length: number): number {
    const at = this.#next
    this.#next = at + Math.ceil(length / 4) * 16
    this.#reserve(this.#next)
    return at
  }

  /** Room for `length` elements, a multiple of four, that outlives the call. Forgets the layout of the arena. */
  keep(length: number): Slot {
    try {
      const slot = this.#slots.keep(length * 4)
      this.#reserve(this.#slots.end)
      return slot
    } catch {
      this.#slots.clear()
      const slot = this.#slots.keep(length * 4)
      this.#reserve(this.#slots.end)
      return slot
    }
  }

  release(slot: Slot | undefined): void {
    if (slot !== undefined) this.#slots.release(slot)
  }

  /** Takes back all that was kept. */
  forget(): void {
    this.#slots.clear()
  }

  /** Copies an array into memory. */
  write(at: number, from: Float32Array): void {
    this.writePart(at, from, 0, from.length)
  }

  /** Copies part of an array into memory. */
  writePart(at: number, from: Float32Array, first: number, length: number): void {
    const start = at / 4
    if (length > SMALL) this.#f32.set(length === from.length ? from : from.subarray(first, first + length), start)
    else for (let i = 0; i < length; i += 1) this.#f32[start + i] = from[first + i]
  }

  writeIntegers(at: number, from: Int32Array): void {
    this.#i32.set(from, at / 4)
  }

  /** Adds an array to what lies in memory. */
  add(at: number, values: Float32Array): void {
    const start = at / 4
    const memory = this.#f32
    for (let i = 0; i < values.length; i += 1) memory[start + i] += values[i]
  }

  /** Fills part of an array from memory. */
  read(at: number, to: Float32Array, first: number, length: number): void {
    const start = at / 4
    if (length > SMALL) to.set(this.#f32.subarray(start, start + length), first)
    else for (let i = 0; i < length; i += 1) to[first + i] = this.#f32[start + i]
  }

  /** A window on memory, to be looked through at once: what is taken later can move the memory. */
  view(at: number, length: number): Float32Array {
    return this.#f32.subarray(at / 4, at / 4 + length)
  }

  /** A new array with what lies in memory. */
  copy(at: number, length: number): Float32Array {
    // From shared memory a view is copied word by word where an array is made from it, and `set` has no such care.
    const array = new Float32Array(length)
    this.read(at, array, 0, length)
    return array
  }

  zero(at: number, length: number): void {
    this.#f32.fill(0, at / 4, at / 4 + length)
  }

  /** Grows the memory where `end` and one group of four lanes behind it, which loads may touch, do not fit. */
  #reserve(end: number): void {
    if (end + 16 <= this.#end) return
    const memory = this.#memory
    const wanted = Math.max(end + 16, Math.min(this.#end * 1.5, 2 ** 32 - PAGE))
    try {
      memory.grow(Math.ceil((wanted - this.#end) / PAGE))
    } catch (cause) {
      throw new RangeError(
        `kernels: expected room for ${Math.ceil(end / 2 ** 20)} MB of WebAssembly workspace, got a refusal; ` +
        'use a smaller batch or fewer steps at a time',
        { cause },
      )
    }
    this.#end = memory.buffer.byteLength
    this.#f32 = new Float32Array(memory.buffer)
    this.#i32 = new Int32Array(memory.buffer)
  }
}
