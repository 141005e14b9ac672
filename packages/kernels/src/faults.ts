// Checks of arguments. Each collects every fault before it throws; the quick test comes first, the words only when it
// fails. Not here: what the sizes mean, which is each kernel's own.
import type { FloatArray } from './types.ts'

/** Faults of one call, thrown together. */
export class Faults {
  readonly #where: string
  readonly #found: string[] = []

  constructor(where: string) {
    this.#where = where
  }

  add(fault: string): void {
    this.#found.push(fault)
  }

  /** A whole number, `least` or more. Returns whether it is one. */
  size(name: string, value: number, least = 0): boolean {
    if (isSize(value, least)) return true
    this.add(`expected ${name} to be a whole number, ${least} or more, got ${String(value)}`)
    return false
  }

  /** An array of the same dtype as `like` and of `shape` elements; `shape` is spelled by `axes`, such as `m=2`. */
  array(name: string, value: FloatArray, like: FloatArray, length: number, axes: string): void {
    if (!isFloatArray(value)) {
      this.add(`expected ${name} to be a Float32Array or Float64Array, got ${describe(value)}`)
    } else if (value.constructor !== like.constructor) {
      this.add(`expected ${name} to be a ${like.constructor.name} as the other arrays, got ${describe(value)}`)
    } else if (value.length !== length) {
      this.add(`expected ${name} [${axes}] of ${length} elements, got ${value.length}`)
    }
  }

  /** `out` shares memory with an array that is read. */
  shared(name: string): void {
    this.add(`expected out to be apart from ${name}, got memory shared by both; give out an array of its own`)
  }

  throwIfAny(): void {
    if (this.#found.length === 0) return
    throw new RangeError(`${this.#where}: ${this.#found.join('; ')}`)
  }
}

/** Whether a value is a whole number, `least` or more. */
export function isSize(value: number, least = 0): boolean {
  return Number.isSafeInteger(value) && value >= least
}

/** Whether a value is one of the two array types that the kernels take. */
export function isFloatArray(value: unknown): value is FloatArray {
  return value instanceof Float32Array || value instanceof Float64Array
}

/** Whether two values are float arrays of the same dtype. */
export function sameDtype(a: FloatArray, b: FloatArray): boolean {
  return a instanceof Float32Array ? b instanceof Float32Array : a instanceof Float64Array && b instanceof Float64Array
}

/** Whether two arrays share some of their memory. */
export function overlaps(a: FloatArray, b: FloatArray): boolean {
  if (a.length === 0 || b.length === 0) return false
  if (a === b) return true
  if (a.buffer !== b.buffer) return false
  return a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : `a ${typeof value}`
}
