// Broadcasting the slow, plain way, index by index, that the tests hold the operations against; and shapes to try it
// on.
import fc from 'fast-check'
import { tensor, type AnyTensor, type Shape, type Tensor } from '@ostinato/tensor'
import { at, indicesOf, shapes } from './places.ts'

/** The element of `x` that stands at `index` of the broadcast shape. */
export const reach = (x: AnyTensor, index: readonly number[]): number =>
  at(x, index.slice(index.length - x.shape.length).map((i, axis) => (x.shape[axis] === 1 ? 0 : i)))

/** The shape that all `operands` share. */
export const joint = (...operands: readonly AnyTensor[]): number[] => {
  const rank = Math.max(...operands.map((x) => x.shape.length))
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = operands.map((x) => x.shape[axis - rank + x.shape.length] ?? 1)
    return sizes.find((size) => size !== 1) ?? 1
  })
}

/** `f` of the operands' elements, in the order of the broadcast shape. */
export const mapped = (
  f: (...values: number[]) => number,
  ...operands: readonly AnyTensor[]
): { shape: Shape; data: number[] } => {
  const shape = joint(...operands)
  return { shape, data: Array.from(indicesOf(shape), (index) => f(...operands.map((x) => reach(x, index)))) }
}

/** `count` shapes that broadcast with one another: each has the last axes of one shape, some of them of size 1. */
export const compatible = (count: number): fc.Arbitrary<number[][]> =>
  shapes({ maximumRank: 4, maximumSize: 4 }).chain((shape) => fc.array(
    fc.tuple(fc.integer({ min: 0, max: shape.length }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
      .map(([start, ones]) => shape.slice(start).map((size, axis) => (ones[axis] ? 1 : size))),
    { minLength: count, maxLength: count },
  ))

/**
 * A tensor of `shape` with small integers and halves of either sign, zeros and ties among them; the same for the same
 * seed.
 */
export const assorted = <D extends 'float32' | 'float64' | 'int32' | 'bool'>(shape: Shape, dtype: D, seed: number): Tensor<D> => {
  const count = shape.reduce((size, n) => size * n, 1)
  let state = seed + 1
  const next = () => {
    state = (state * 48271) % 2147483647
    return state % 13
  }
  const half = () => (next() - 6) / 2
  const value = { float32: half, float64: half, int32: () => next() - 6, bool: () => next() % 2 }[dtype]
  return tensor(Array.from({ length: count }, value), { shape, dtype })
}
