// New arrays of a given dtype. The one place that narrows the generic array type.
import type { FloatArray } from './types.ts'

/** A zeroed array of `length` elements with the dtype of `like`. */
export function zeros<A extends FloatArray>(like: A, length: number): A {
  const made: FloatArray = like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)
  return made as A
}
