// Values and errors of joining, cutting and repeating. Gradients are tested in autograd.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { concat, full, split, stack, tile, unstack, zeros, type Tensor } from '@ostinato/tensor'
import { at, build, counting, shapes } from './places.ts'

/** A shape, an axis of it and several sizes for that axis. */
const joints = shapes({ minimumRank: 1 }).chain((shape) =>
  fc.tuple(fc.constant(shape), fc.nat(shape.length - 1), fc.array(fc.nat(4), { minLength: 1, maxLength: 4 })),
)

describe('concat and split', () => {
  it('are inverse to each other, and lay the parts side by side', () => {
    fc.assert(
      fc.property(joints, ([shape, axis, sizes]) => {
        const total = sizes.reduce((a, b) => a + b, 0)
        const whole = counting(shape.with(axis, total))
        const parts = split(whole, sizes, { axis: axis - shape.length })
        let start = 0
        for (const [k, size] of sizes.entries()) {
          const from = start
          const expected = build(shape.with(axis, size), (index) => at(whole, index.with(axis, index[axis] + from)))
          expect(parts[k]).toEqual(expected)
          start += size
        }
        expect(concat(parts, { axis })).toEqual(whole)
      }),
    )
  })

  it('cut into equal parts', () => {
    expect(split(counting([6]), 3).map((part) => part.toArray())).toEqual([[1, 2], [3, 4], [5, 6]])
    expect(split(zeros([0, 2]), 2).map((part) => part.shape)).toEqual([[0, 2], [0, 2]])
    expectTypeOf(split(zeros([2], { dtype: 'int32' }), 2)).toEqualTypeOf<Tensor<'int32'>[]>()
  })

  it('name what is wrong', () => {
    expect(() => concat([])).toThrow('concat: expected at least one tensor, got none')
    expect(() => concat([zeros([2, 3]), zeros([2, 4]), zeros([3])])).toThrow(
      'concat: 2 faults\n'
        + '  1. expected shapes that agree but for axis 0, got [2, 3] at 0 and [2, 4] at 1\n'
        + '  2. expected shapes that agree but for axis 0, got [2, 3] at 0 and [3] at 2',
    )
    const mixed: Tensor[] = [zeros([2]), zeros([2], { dtype: 'float64' })]
    expect(() => concat(mixed)).toThrow(
      'concat: expected tensors of one type, got float32 at 0 and float64 at 1: convert one with cast()',
    )
    expect(() => split(zeros([5, 2]), 2)).toThrow(
      'split: expected a number of parts that divides 5, got 2: axis 0 of [5, 2]',
    )
    expect(() => split(zeros([5, 2]), [3, 3])).toThrow(
      'split: expected sizes of 0 or more that add up to 5, got [3, 3]: axis 0 of [5, 2]',
    )
    expect(() => split(zeros([5]), [6, -1])).toThrow('got [6, -1]')
    expect(() => split(zeros([5]), 0)).toThrow('got 0')
  })
})

describe('stack and unstack', () => {
  const piles = shapes({ maximumRank: 3 }).chain((shape) =>
    fc.tuple(fc.constant(shape), fc.nat(shape.length), fc.integer({ min: 1, max: 3 })),
  )

  it('are inverse to each other along any axis', () => {
    fc.assert(
      fc.property(piles, ([shape, axis, count]) => {
        const list = Array.from({ length: count }, (_, k) => full(shape, 0.5 + k))
        const stacked = stack(list, { axis })
        expect(stacked).toEqual(build(shape.toSpliced(axis, 0, count), (index) => 0.5 + index[axis]))
        expect(unstack(stacked, { axis })).toEqual(list)
        expect(stack(list, { axis: axis - shape.length - 1 })).toEqual(stacked)
      }),
    )
    expect(unstack(zeros([0, 3]))).toEqual([])
  })

  it('name what is wrong', () => {
    expect(() => stack([])).toThrow('stack: expected at least one tensor, got none')
    expect(() => stack([zeros([2]), zeros([3])])).toThrow(
      'stack: expected tensors of one shape, got [2] at 0 and [3] at 1',
    )
    expect(() => unstack(zeros([]))).toThrow('unstack: expected an axis')
  })
})

describe('tile', () => {
  const repeated = shapes({ maximumRank: 3, maximumSize: 3 }).chain((shape) =>
    fc.tuple(fc.constant(shape), fc.tuple(...shape.map(() => fc.nat(3)))),
  )

  it('repeats along each axis', () => {
    fc.assert(
      fc.property(repeated, ([shape, repeats]) => {
        const x = counting(shape)
        const tiled = shape.map((n, axis) => n * repeats[axis])
        const expected = build(tiled, (index) => {
          const source = index.map((i, axis) => i % shape[axis])
          return at(x, source)
        })
        expect(tile(x, repeats)).toEqual(expected)
      }),
    )
  })

  it('names what is wrong', () => {
    expect(() => tile(full([2, 2], 1), [2])).toThrow(
      'tile: expected an integer of 0 or more for each of 2 axes, got [2]: the tensor is [2, 2]',
    )
  })
})
