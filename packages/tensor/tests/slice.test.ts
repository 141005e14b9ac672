// Values and errors of slice, place, pad and flip. Gradients are tested in autograd.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flip, pad, place, ShapeError, slice, tensor, zeros, type Range } from '@ostinato/tensor'
import { at, build, counting, shapes } from './places.ts'

/** A range of an axis: none, an index, or bounds counted from either end. */
const rangeOf = (size: number): fc.Arbitrary<Range> => {
  const bounds = fc
    .tuple(fc.nat(size), fc.nat(size), fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.boolean())
    .map(([a, b, step, fromEnd, open]): Range => {
      // The place after the last has no name counted from the end.
      const named = (i: number) => (fromEnd && i < size ? i - size : i)
      return [named(Math.min(a, b)), open ? undefined : named(Math.max(a, b)), step]
    })
  const index = size > 0 ? [fc.integer({ min: -size, max: size - 1 })] : []
  return fc.oneof(fc.constant(undefined), bounds, ...index)
}

const shapeAndRanges = shapes().chain((shape) => fc.tuple(fc.constant(shape), fc.tuple(...shape.map(rangeOf))))

/** The places along an axis that a range stands for. */
const placesIn = (range: Range, size: number): number[] => {
  const all = Array.from({ length: size }, (_, i) => i)
  if (range === undefined) return all
  if (typeof range === 'number') return all.slice(range).slice(0, 1)
  const [start, stop, step = 1] = range
  return all.slice(start, stop).filter((_, i) => i % step === 0)
}

describe('slice and place', () => {
  it('take and put what the ranges name', () => {
    fc.assert(
      fc.property(shapeAndRanges, ([shape, ranges]) => {
        const x = counting(shape)
        const places = shape.map((size, axis) => placesIn(ranges[axis], size))
        const counts = places.map((list) => list.length)
        const kept = build(counts, (index) => {
          const source = index.map((i, axis) => places[axis][i])
          return at(x, source)
        })
        const left = counts.filter((_, axis) => typeof ranges[axis] !== 'number')
        expect(slice(x, ranges)).toEqual(tensor(kept.data, { shape: left, dtype: 'float32' }))
        const whole = build(shape, (index) => (index.every((i, k) => places[k].includes(i)) ? at(x, index) : -7))
        expect(place(kept, ranges, shape, { value: -7 })).toEqual(whole)
      }),
    )
  })

  it('take axes left out whole, and copy', () => {
    const x = counting([3, 70])
    expect(slice(x, [1])).toEqual(build([70], ([j]) => at(x, [1, j])))
    expect(slice(x, []).data).not.toBe(x.data)
    expect(slice(tensor([true, false, true]), [[1]]).toArray()).toEqual([false, true])
  })

  it('report all faults at once', () => {
    let error: unknown
    try {
      slice(zeros([2, 3, 4, 5]), [2, [1, 4], [3, 1], [0, 5, -1], 0])
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(ShapeError)
    expect((error as ShapeError).faults).toEqual([
      'expected at most 4 ranges for shape [2, 3, 4, 5], got 5',
      'expected an index from -2 to 1, got 2: axis 0 of [2, 3, 4, 5]',
      'expected bounds from -3 to 3, got [1, 4]: axis 1 of [2, 3, 4, 5]',
      'expected a start that is not after the stop, got [3, 1]: axis 2 of [2, 3, 4, 5]',
      'expected a step of 1 or more (flip() reverses an axis), got [0, 5, -1]: axis 3 of [2, 3, 4, 5]',
    ])
  })

  it.each([[-3], [0.5], [NaN]])('refuse the index %s', (index) => {
    expect(() => slice(zeros([2]), [index])).toThrow(`slice: expected an index from -2 to 1, got ${index}`)
  })

  it('refuse what does not fit', () => {
    expect(() => place(zeros([2]), [[0, 3]], [4])).toThrow(
      'place: expected a tensor of shape [3] to fill the ranges, got [2]',
    )
  })
})

describe('pad', () => {
  const shapeAndPadding = shapes().chain((shape) => {
    const pairs = shape.map(() => fc.tuple(fc.nat(2), fc.nat(2)))
    return fc.tuple(fc.constant(shape), fc.tuple(...pairs))
  })

  it('adds values at the ends of each axis', () => {
    fc.assert(
      fc.property(shapeAndPadding, ([shape, padding]) => {
        const x = counting(shape)
        const padded = shape.map((n, axis) => n + padding[axis][0] + padding[axis][1])
        const expected = build(padded, (index) => {
          const inner = index.map((i, axis) => i - padding[axis][0])
          return inner.every((i, axis) => i >= 0 && i < shape[axis]) ? at(x, inner) : 0.5
        })
        expect(pad(x, padding, { value: 0.5 })).toEqual(expected)
      }),
    )
  })

  it('takes values of the type of the tensor', () => {
    expect(pad(tensor([true]), [[1, 0]], { value: 1 }).toArray()).toEqual([true, true])
    expect(pad(tensor([1]), [[0, 1]], { value: -Infinity }).toArray()).toEqual([1, -Infinity])
    const ids = tensor([1], { dtype: 'int32' })
    expect(() => pad(ids, [[0, 1]], { value: 0.5 })).toThrow('pad: expected a value of type int32, got 0.5')
    expect(() => pad(tensor([true]), [[0, 1]], { value: 2 })).toThrow('pad: expected a value of type bool, got 2')
  })

  it('names what is wrong', () => {
    expect(() => pad(zeros([2, 3]), [[1, 1]])).toThrow(
      'pad: expected [before, after] for each of 2 axes, got 1 pairs: the tensor is [2, 3]',
    )
    expect(() => pad(zeros([2, 3]), [[1, 1], [0, -1]])).toThrow(
      'pad: expected two integers of 0 or more, got [0, -1] for axis 1: slice() removes elements',
    )
  })
})

describe('flip', () => {
  const shapeAndAxes = shapes().chain((shape) => fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, i) => i))))

  it('reverses the axes given', () => {
    fc.assert(
      fc.property(shapeAndAxes, ([shape, axes]) => {
        const x = counting(shape)
        const expected = build(shape, (index) => {
          const source = index.map((i, axis) => (axes.includes(axis) ? shape[axis] - 1 - i : i))
          return at(x, source)
        })
        const fromEnd = axes.map((axis) => axis - shape.length)
        expect(flip(x, fromEnd)).toEqual(expected)
      }),
    )
  })

  it('reverses all by default', () => {
    expect(flip(counting([2, 2])).toArray()).toEqual([[4, 3], [2, 1]])
  })
})
