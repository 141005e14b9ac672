// Reads and builds tensors place by place: the slow, plain way that the tests hold the operations against.
import fc from 'fast-check'
import { tensor, type AnyTensor, type Shape, type Tensor } from '@ostinato/tensor'

/** The element of `x` at `index`. */
export const at = (x: AnyTensor, index: readonly number[]): number => {
  let place = 0
  index.forEach((i, axis) => {
    if (!(i >= 0 && i < x.shape[axis])) throw new Error(`no place [${index.join()}] in [${x.shape.join()}]`)
    place = place * x.shape[axis] + i
  })
  return x.data[place]
}

/** Every index of a shape, in row-major order. */
export function* indicesOf(shape: Shape): Generator<number[]> {
  if (shape.length === 0) {
    yield []
    return
  }
  for (let i = 0; i < shape[0]; i++) for (const rest of indicesOf(shape.slice(1))) yield [i, ...rest]
}

/** The tensor whose element at `index` is `value(index)`. */
export const build = (shape: Shape, value: (index: number[]) => number): Tensor<'float32'> =>
  tensor(Array.from(indicesOf(shape), value), { shape })

/** A tensor of `shape` whose elements are all different. */
export const counting = (shape: Shape): Tensor<'float32'> => {
  let next = 1
  return build(shape, () => next++)
}

/** Random shapes, empty axes and scalars among them. */
export const shapes = ({ minimumRank = 0, maximumRank = 4, maximumSize = 5 } = {}): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max: maximumSize }), { minLength: minimumRank, maxLength: maximumRank })
