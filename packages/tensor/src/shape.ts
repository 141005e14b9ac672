// Arithmetic on shapes: sizes, strides, axes, broadcasting. Knows nothing of data.
import { fail } from './errors.ts'

/** The sizes of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[]

/** The number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (const n of shape) size *= n
  return size
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]
  }
  return strides
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** `[2, 3]` as text. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

/** Throws unless every size is a non-negative integer and the product can be addressed. */
export function checkShape(where: string, shape: Shape): void {
  const bad = shape.findIndex((n) => !Number.isInteger(n) || n < 0)
  if (bad >= 0) fail(where, `expected sizes that are integers of 0 or more, got ${formatShape(shape)}: axis ${bad} is ${shape[bad]}`)
  if (sizeOf(shape) > 2 ** 31 - 1) fail(where, `expected at most 2^31 - 1 elements, got ${formatShape(shape)}: ${sizeOf(shape)} elements`)
}

/** Turns an axis counted from the end (`-1` is the last) into one counted from the start. */
export function resolveAxis(where: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    fail(where, `expected an axis from ${-rank} to ${rank - 1}, got ${axis}: the tensor has ${rank} axes`)
  }
  return axis < 0 ? axis + rank : axis
}

/** Resolves several axes, sorted; absent means all. Repeated axes are an error. */
export function resolveAxes(where: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i)
  const resolved = (typeof axes === 'number' ? [axes] : axes).map((axis) => resolveAxis(where, axis, rank))
  if (new Set(resolved).size < resolved.length) fail(where, `expected each axis once, got ${formatShape(resolved)}`)
  return resolved.sort((a, b) => a - b)
}

/**
 * The shape that two operands share: axes are aligned at the end, and a size of 1 stretches to the other's.
 *
 * @throws ShapeError naming the first axis (counted from the end) where the sizes differ and neither is 1
 * @example
 * ```ts
 * import { broadcastShapes } from '@ostinato/tensor'
 * console.assert(broadcastShapes('mine', [4, 1], [3]).join() === '4,3')
 * ```
 */
export function broadcastShapes(where: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a
  const rank = Math.max(a.length, b.length)
  const out = new Array<number>(rank)
  for (let i = 1; i <= rank; i++) {
    const m = i <= a.length ? a[a.length - i] : 1
    const n = i <= b.length ? b[b.length - i] : 1
    if (m !== n && m !== 1 && n !== 1) {
      fail(
        where,
        `expected shapes that broadcast (equal sizes, or 1, aligned at the last axis), got ${formatShape(a)} and ${formatShape(b)}: axis -${i} is ${m} and ${n}`,
      )
    }
    out[rank - i] = m === 1 ? n : m
  }
  return out
}
