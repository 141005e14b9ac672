// Values, errors and types of what takes elements by ids, orders them and sums them up. Gradients are tested in
// autograd.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  cumulativeSum,
  gather,
  oneHot,
  scatterAdd,
  scatterAddAlongAxis,
  sort,
  takeAlongAxis,
  tensor,
  topK,
  zeros,
  type Tensor,
} from '@ostinato/tensor'
import { at, build, counting, indicesOf, shapes } from './places.ts'

const ids = (values: ArrayLike<number>, shape: readonly number[]) => tensor(Int32Array.from(values), { shape })

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

/** A shape, an axis of it, and ids of any shape that lie within that axis. */
const picks = shapes({ minimumRank: 1, maximumRank: 3 }).chain((shape) =>
  fc.nat(shape.length - 1).chain((axis) =>
    shapes({ maximumRank: 2, maximumSize: shape[axis] === 0 ? 0 : 4 })
      .map((s) => (shape[axis] === 0 ? [0, ...s] : s))
      .chain((idShape) =>
        fc
          .array(fc.nat(Math.max(0, shape[axis] - 1)), { minLength: sizeOf(idShape), maxLength: sizeOf(idShape) })
          .map((list) => ({
            shape,
            axis,
            indices: ids(list, idShape),
          })),
      ),
  ),
)

describe('gather and scatterAdd', () => {
  it('take whole slices by id, and add them up again', () => {
    fc.assert(
      fc.property(picks, ({ shape, axis, indices }) => {
        const x = counting(shape)
        const { rank } = indices
        const source = (index: number[]) => index.toSpliced(axis, rank, at(indices, index.slice(axis, axis + rank)))
        const out = gather(x, indices, { axis })
        expect(out).toEqual(build(shape.toSpliced(axis, 1, ...indices.shape), (index) => at(x, source(index))))
        const sums = build(shape, () => 0)
        for (const index of indicesOf(out.shape)) {
          const place = source(index).reduce((sum, i, k) => sum * shape[k] + i, 0)
          sums.data[place] += at(out, index)
        }
        expect(scatterAdd(shape, indices, out, { axis: axis - shape.length })).toEqual(sums)
      }),
    )
  })

  it('copies long rows too, of any type', () => {
    const table = counting([5, 100])
    expect(gather(table, ids([4, 0, 4], [3, 1]))).toEqual(
      build([3, 1, 100], ([i, , j]) => at(table, [[4, 0, 4][i], j])),
    )
    expect(gather(tensor([true, false]), ids([1, 1, 0], [3])).toArray()).toEqual([false, false, true])
    expectTypeOf(gather(zeros([2], { dtype: 'int32' }), ids([0], []))).toEqualTypeOf<Tensor<'int32'>>()
  })

  it.each([
    [5, 'gather: expected ids from 0 to 4, got 5 at [1, 0] of the ids [2, 2]'],
    [-1, 'gather: expected ids from 0 to 4, got -1 at [1, 0] of the ids [2, 2]'],
  ])('names the id %i and its place', (id, message) => {
    expect(() => gather(zeros([5, 3]), ids([0, 4, id, id], [2, 2]))).toThrow(new RangeError(message))
    expect(() => scatterAdd([5, 3], ids([0, 4, id, id], [2, 2]), zeros([2, 2, 3]))).toThrow(
      message.replace('gather', 'scatterAdd'),
    )
  })

  it('refuses ids into nothing, ids of another type and updates of another shape', () => {
    expect(() => gather(zeros([0, 3]), ids([0], []))).toThrow(
      'gather: expected no id, for the axis is empty, got 0 at [] of the ids []',
    )
    expect(() => gather(zeros([2]), tensor([0]) as unknown as Tensor<'int32'>)).toThrow(
      'gather: expected ids of type int32, got float32: convert them with cast()',
    )
    expect(() => scatterAdd([4, 3], ids([0], [1]), zeros([1, 2]))).toThrow(
      'scatterAdd: expected updates of shape [1, 3], got [1, 2]: axis 0 of [4, 3] becomes that of the ids, [1]',
    )
    // @ts-expect-error: ids are integers
    expect(() => gather(zeros([2]), zeros([2]))).toThrow('int32')
  })
})

/** A shape, an axis, and ids that differ from the shape along that axis only. */
const along = shapes({ minimumRank: 1 }).chain((shape) =>
  fc.nat(shape.length - 1).chain((axis) =>
    fc.nat(shape[axis] === 0 ? 0 : 4).chain((count) => {
      const idShape = shape.with(axis, count)
      return fc
        .array(fc.nat(Math.max(0, shape[axis] - 1)), { minLength: sizeOf(idShape), maxLength: sizeOf(idShape) })
        .map((list) => ({
          shape,
          axis,
          indices: ids(list, idShape),
        }))
    }),
  ),
)

describe('takeAlongAxis and scatterAddAlongAxis', () => {
  it('take single elements by id, and add them up again', () => {
    fc.assert(
      fc.property(along, ({ shape, axis, indices }) => {
        const x = counting(shape)
        const source = (index: number[]) => index.with(axis, at(indices, index))
        const out = takeAlongAxis(x, indices, { axis: axis - shape.length })
        expect(out).toEqual(build(indices.shape, (index) => at(x, source(index))))
        const sums = build(shape, () => 0)
        for (const index of indicesOf(out.shape))
          sums.data[source(index).reduce((sum, i, k) => sum * shape[k] + i, 0)] += at(out, index)
        expect(scatterAddAlongAxis(shape, indices, out, { axis })).toEqual(sums)
      }),
    )
  })

  it('run along the last axis by default', () => {
    expect(takeAlongAxis(counting([2, 3]), ids([2, 0], [2, 1])).toArray()).toEqual([[3], [4]])
  })

  it('name what is wrong', () => {
    expect(() => takeAlongAxis(zeros([2, 3]), ids([0], [1, 1]))).toThrow(
      'takeAlongAxis: expected ids of a shape that agrees with [2, 3] but for axis 1, got [1, 1]',
    )
    expect(() => takeAlongAxis(zeros([2, 3]), ids([0, 3], [2, 1]))).toThrow(
      'takeAlongAxis: expected ids from 0 to 2, got 3 at [1, 0] of the ids [2, 1]',
    )
    expect(() => scatterAddAlongAxis([2, 3], ids([0, 1], [2, 1]), zeros([2, 2]))).toThrow(
      "scatterAddAlongAxis: expected updates of the ids' shape [2, 1], got [2, 2]",
    )
  })
})

describe('oneHot', () => {
  it('marks each id along a new last axis', () => {
    expect(oneHot(ids([2, 0], [2]), 3).toArray()).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ])
    expect(oneHot(ids([1], []), 2, { dtype: 'bool' }).toArray()).toEqual([false, true])
    expect(oneHot(ids([], [0, 2]), 3).shape).toEqual([0, 2, 3])
    expectTypeOf(oneHot(ids([], [0]), 3)).toEqualTypeOf<Tensor<'float32'>>()
    expectTypeOf(oneHot(ids([], [0]), 3, { dtype: 'int32' })).toEqualTypeOf<Tensor<'int32'>>()
  })

  it('names what is wrong', () => {
    expect(() => oneHot(ids([0, 3], [2]), 3)).toThrow('oneHot: expected ids from 0 to 2, got 3 at [1] of the ids [2]')
    expect(() => oneHot(ids([], [0]), 1.5)).toThrow(
      'oneHot: expected sizes that are integers of 0 or more, got [0, 1.5]',
    )
  })
})

/** Few different values, so that there are ties; NaN among them. */
const values = fc.constantFrom(-Infinity, -1, -0, 0, 1, 2, 3, Infinity, NaN)

const lanes = shapes({ minimumRank: 1, maximumRank: 3 }).chain((shape) =>
  fc
    .tuple(fc.nat(shape.length - 1), fc.array(values, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }))
    .map(([axis, list]) => ({
      axis,
      x: tensor(list, { shape }),
    })),
)

/** The places of a lane in order by the rule as stated: numbers by value, then NaN, equals as they stood. */
const orderOf = (lane: number[], descending: boolean) => {
  const places = lane.map((_, i) => i)
  const numbers = places
    .filter((i) => !Number.isNaN(lane[i]))
    .sort((a, b) => (lane[a] === lane[b] ? a - b : lane[a] < lane[b] === descending ? 1 : -1))
  return [...numbers, ...places.filter((i) => Number.isNaN(lane[i]))]
}

describe('sort and topK', () => {
  it('order each lane, equals as they stood, NaN last', () => {
    fc.assert(
      fc.property(lanes, fc.boolean(), fc.nat(5), ({ axis, x }, descending, most) => {
        const laneAt = (index: number[]) => Array.from({ length: x.shape[axis] }, (_, i) => at(x, index.with(axis, i)))
        const expected = build(x.shape, (index) => orderOf(laneAt(index), descending)[index[axis]])
        const sorted = sort(x, { axis, descending })
        expect([...sorted.indices.data]).toEqual([...expected.data])
        expect(sorted.values).toEqual(build(x.shape, (index) => laneAt(index)[at(expected, index)]))
        const count = Math.min(most, x.shape[axis])
        const top = topK(x, count, { axis: axis - x.rank })
        const shape = x.shape.with(axis, count)
        expect(top.indices.shape).toEqual(shape)
        expect([...top.indices.data]).toEqual([
          ...build(shape, (index) => orderOf(laneAt(index), true)[index[axis]]).data,
        ])
        expect(top.values).toEqual(takeAlongAxis(x, top.indices, { axis }))
      }),
    )
  })

  it('keep the order of equals in long lanes', () => {
    const x = build([1000], ([i]) => (i % 10 === 9 ? NaN : (i * 7) % 5))
    for (const descending of [false, true]) {
      expect([...sort(x, { descending }).indices.data]).toEqual(orderOf([...x.data], descending))
    }
    expect([...topK(x, 100).indices.data]).toEqual(orderOf([...x.data], true).slice(0, 100))
    expect([...topK(x, 32).indices.data]).toEqual(orderOf([...x.data], true).slice(0, 32))
  })

  it('keep the type', () => {
    const { values: sorted, indices } = sort(tensor([3, 1, 2], { dtype: 'int32' }))
    expect([sorted.toArray(), indices.toArray()]).toEqual([
      [1, 2, 3],
      [1, 2, 0],
    ])
    expectTypeOf(sorted).toEqualTypeOf<Tensor<'int32'>>()
    expectTypeOf(indices).toEqualTypeOf<Tensor<'int32'>>()
    expect(topK(zeros([3, 0]), 0).values.shape).toEqual([3, 0])
  })

  it('name what is wrong', () => {
    expect(() => topK(zeros([2, 3]), 4)).toThrow('topK: expected a count from 0 to 3, got 4: axis 1 of [2, 3]')
    expect(() => topK(zeros([2, 3]), 1.5)).toThrow('got 1.5')
    expect(() => sort(zeros([]))).toThrow('sort: expected an axis')
  })
})

describe('cumulativeSum', () => {
  it('sums up to and with each place, from either end', () => {
    fc.assert(
      fc.property(
        shapes({ minimumRank: 1 }).chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape.length - 1))),
        fc.boolean(),
        ([shape, axis], reverse) => {
          const x = counting(shape)
          const expected = build(shape, (index) => {
            let sum = 0
            for (let i = 0; i < shape[axis]; i++)
              if (reverse ? i >= index[axis] : i <= index[axis]) sum += at(x, index.with(axis, i))
            return sum
          })
          expect(cumulativeSum(x, { axis: axis - shape.length, reverse })).toEqual(expected)
        },
      ),
    )
  })

  it('does not lose small values beside a large sum', () => {
    const x = tensor(Float32Array.from([2 ** 24, ...new Array<number>(10).fill(1)]))
    expect(cumulativeSum(x).data[10]).toBe(2 ** 24 + 10)
  })

  it('wraps no int32 but in its own arithmetic', () => {
    expect(cumulativeSum(tensor([1, -2, 3], { dtype: 'int32' })).toArray()).toEqual([1, -1, 2])
  })
})
