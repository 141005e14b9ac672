// Values and errors of transposing and of axes of size 1. Gradients are tested in autograd.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { expandAxis, squeeze, swapAxes, tensor, transpose, zeros, type Shape, type Tensor } from '@ostinato/tensor'
import { at, build, counting, shapes } from './places.ts'

/** `x` with the axes permuted, place by place. */
const permuted = (x: Tensor, axes: readonly number[]) =>
  build(
    axes.map((axis) => x.shape[axis]),
    (index) =>
      at(
        x,
        x.shape.map((_, axis) => index[axes.indexOf(axis)]),
      ),
  )

const shapeAndAxes = shapes({ maximumRank: 5, maximumSize: 7 }).chain((shape) => {
  const all = shape.map((_, i) => i)
  return fc.tuple(fc.constant(shape), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }))
})

describe('transpose', () => {
  it('moves every element to its permuted place', () => {
    fc.assert(
      fc.property(shapeAndAxes, ([shape, axes]) => {
        const x = counting(shape)
        const expected = permuted(x, axes)
        expect(transpose(x, axes)).toEqual(expected)
        const fromEnd = axes.map((axis) => axis - shape.length)
        expect(transpose(x, fromEnd)).toEqual(expected)
      }),
    )
  })

  it.each<[Shape, number[]]>([
    [[37, 50], [1, 0]],
    [[3, 100, 8], [1, 0, 2]],
    [[2, 17, 3, 70], [0, 3, 2, 1]],
    [[4, 5, 70], [1, 0, 2]],
  ])('works tile by tile and row by row: %j by %j', (shape, axes) => {
    const x = counting(shape)
    expect(transpose(x, axes)).toEqual(permuted(x, axes))
  })

  it('reverses the axes by default, and keeps the type', () => {
    expect(transpose(zeros([2, 3, 4])).shape).toEqual([4, 3, 2])
    const mask = tensor([[true, false], [true, true]])
    expect(transpose(mask).toArray()).toEqual([[true, true], [false, true]])
    expectTypeOf(transpose(zeros([2, 3], { dtype: 'int32' }))).toEqualTypeOf<Tensor<'int32'>>()
  })

  it('swapAxes exchanges two', () => {
    const x = counting([2, 3, 4])
    expect(swapAxes(x, 0, -1)).toEqual(permuted(x, [2, 1, 0]))
    expect(() => swapAxes(zeros([2, 3]), 0, 2)).toThrow(
      'swapAxes: expected an axis from -2 to 1, got 2: the tensor has 2 axes',
    )
  })

  it.each([[[0, 0]], [[0]], [[0, 1, 1]]])('refuses the axes %j', (axes) => {
    expect(() => transpose(zeros([2, 3]), axes)).toThrow(
      `transpose: expected each of the 2 axes once, got [${axes.join(', ')}]: the tensor is [2, 3]`,
    )
  })
})

describe('axes of size 1', () => {
  it('expandAxis puts one in', () => {
    const x = zeros([4, 5])
    expect(expandAxis(x, 0).shape).toEqual([1, 4, 5])
    expect(expandAxis(x, 1).shape).toEqual([4, 1, 5])
    expect(expandAxis(x, 2).shape).toEqual([4, 5, 1])
    expect(expandAxis(x, -1).shape).toEqual([4, 5, 1])
    expect(expandAxis(x, -3).shape).toEqual([1, 4, 5])
  })

  it('squeeze takes it out', () => {
    const x = zeros([1, 2, 1, 3])
    expect(squeeze(x).shape).toEqual([2, 3])
    expect(squeeze(x, 2).shape).toEqual([1, 2, 3])
    expect(squeeze(x, [0, -2]).shape).toEqual([2, 3])
    expect(squeeze(zeros([1, 0, 1])).shape).toEqual([0])
  })

  it('name what is wrong', () => {
    expect(() => expandAxis(zeros([4, 5]), 3)).toThrow('expandAxis: expected an axis from -3 to 2, got 3')
    expect(() => squeeze(zeros([1, 2]), 1)).toThrow('squeeze: expected an axis of size 1, got [1, 2]: axis 1 is 2')
  })
})
