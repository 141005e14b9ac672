// Values, errors and types of pooling, against its definition. Gradients are tested in autograd.
import fc from 'fast-check'
import { expectClose } from '@ostinato/test-utils'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  averagePool,
  averagePool1d,
  averagePool2d,
  averagePoolInputGradient,
  maxPool1d,
  maxPool2d,
  Rng,
  tensor,
  zeros,
  type AveragePoolOptions,
  type MaxPoolOptions,
  type Tensor,
} from '@ostinato/tensor'
import { at, counting, indicesOf } from './places.ts'

type Pair = readonly [number, number]

interface Problem {
  readonly shape: readonly [number, number, number, number]
  readonly size: Pair
  readonly stride: Pair
  readonly padding: Pair
  readonly dilation: Pair
  readonly ceilMode: boolean
  readonly seed: number
}

const pair = (least: number, most: number): fc.Arbitrary<Pair> => {
  const one = fc.integer({ min: least, max: most })
  return fc.tuple(one, one)
}

const span = ({ size, dilation }: Problem, axis: number) => dilation[axis] * (size[axis] - 1) + 1

/** How many windows there are along an axis, counted one by one. */
const windows = (problem: Problem, axis: 0 | 1) => {
  const { shape, stride, padding, ceilMode } = problem
  const last = shape[axis + 2] + padding[axis]
  let count = 0
  for (let start = -padding[axis]; ; start += stride[axis]) {
    const fits = start + span(problem, axis) <= last
    // A window cut off at the end counts in ceil mode, where what is cut off is less than a stride and it starts
    // before the end.
    const cut = ceilMode && start + span(problem, axis) < last + stride[axis] && start < shape[axis + 2]
    if (!fits && !cut) return count
    count++
  }
}

/** What lies under a window: places along one axis, those in the padding among them. */
const places = ({ size, stride, padding, dilation }: Problem, axis: 0 | 1, output: number) =>
  Array.from({ length: size[axis] }, (_, k) => output * stride[axis] - padding[axis] + k * dilation[axis])

const problemsWith = (dilation: fc.Arbitrary<Pair>): fc.Arbitrary<Problem> =>
  fc
    .record({
      shape: fc.tuple(
        fc.nat(2),
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
      ),
      size: pair(1, 4),
      stride: pair(1, 4),
      padding: pair(0, 2),
      dilation,
      ceilMode: fc.boolean(),
      seed: fc.integer(),
    })
    .filter((problem) => {
      if (![0, 1].every((axis) => problem.padding[axis] < span(problem, axis))) return false
      return ([0, 1] as const).every((axis) => {
        const count = windows(problem, axis)
        const inside = (i: number) => places(problem, axis, i).some((p) => p >= 0 && p < problem.shape[axis + 2])
        return count > 0 && Array.from({ length: count }, (_, i) => i).every(inside)
      })
    })

/** Applies `reduce` to the values under every window; those in the padding are undefined, those past it left out. */
const naive = (x: Tensor, problem: Problem, reduce: (values: (number | undefined)[]) => number) => {
  const shape = [x.shape[0], x.shape[1], windows(problem, 0), windows(problem, 1)]
  const [height, width] = [x.shape[2], x.shape[3]]
  const values = Array.from(indicesOf(shape), ([n, c, p, q]) => {
    const rows = places(problem, 0, p).filter((i) => i < height + problem.padding[0])
    const columns = places(problem, 1, q).filter((j) => j < width + problem.padding[1])
    return reduce(
      rows.flatMap((i) =>
        columns.map((j) => (i >= 0 && i < height && j >= 0 && j < width ? at(x, [n, c, i, j]) : undefined)),
      ),
    )
  })
  return tensor(Float64Array.from(values), { shape })
}

const present = (values: (number | undefined)[]) => values.filter((v) => v !== undefined)
const total = (values: number[]) => values.reduce((a, b) => a + b, 0)

describe('maxPool2d', () => {
  it('is the largest value under each window, whatever the padding', () => {
    fc.assert(
      fc.property(problemsWith(pair(1, 3)), (problem) => {
        const { size, stride, padding, dilation, ceilMode } = problem
        const x = new Rng(problem.seed).uniform(problem.shape, { low: -2, high: -1, dtype: 'float64' })
        const expected = naive(x, problem, (values) => Math.max(...present(values)))
        expect(maxPool2d(x, { size, stride, padding, dilation, ceilMode })).toEqual(expected)
      }),
    )
  })

  it('does not overlap by default, and keeps the type', () => {
    const y = maxPool2d(counting([1, 1, 4, 6]), { size: [2, 3] })
    expect(y.toArray()).toEqual([
      [
        [
          [9, 12],
          [21, 24],
        ],
      ],
    ])
    expectTypeOf(y).toEqualTypeOf<Tensor<'float32'>>()
  })

  it('gives a window of two by two its NaN, wherever it stands, and infinities of both signs', () => {
    for (let place = 0; place < 4; place++) {
      const window = [[1, 2], [3, 4]]
      window[place >> 1][place & 1] = NaN
      expect(maxPool2d(tensor([[window]]), { size: 2 }).item()).toBe(NaN)
    }
    expect(maxPool2d(tensor([[[[-Infinity, 1], [Infinity, 2]]]]), { size: 2 }).item()).toBe(Infinity)
  })

  it('lets NaN win, and holds -Infinity', () => {
    const x = tensor([[[[NaN, 5, -Infinity, -Infinity]]]])
    expect(maxPool2d(x, { size: [1, 2] }).toArray()).toEqual([[[[NaN, -Infinity]]]])
  })

  it('names what is wrong', () => {
    const x = zeros([1, 1, 4, 4])
    expect(() => maxPool2d(x, { size: 2, padding: 2 })).toThrow(
      'maxPool2d: 2 faults\n  1. expected a padding that each window reaches beyond, got 2 for a window that spans 2: axis 2',
    )
    expect(() => maxPool2d(x, { size: 0 })).toThrow(
      'expected size of 1 or more, a whole number or [height, width], got 0',
    )
    expect(() => maxPool2d(x, { size: [5, 1] })).toThrow(
      'maxPool2d: expected an input that the window fits into, got height 4: the window spans 5',
    )
    expect(() => maxPool2d(zeros([1, 4, 4]), { size: 1 })).toThrow(
      'maxPool2d: expected x [batch, channels, height, width], got [1, 4, 4]',
    )
    // Height 1, padding 2: the places of the first window are -2 and 1.
    expect(() => maxPool2d(zeros([1, 1, 1, 4]), { size: [2, 1], dilation: [3, 1], padding: [2, 0] })).toThrow(
      'maxPool2d: expected windows that meet the input, got one wholly in the padding: number 0 along axis 2',
    )
    const ids = zeros([1, 1, 2, 2], { dtype: 'int32' }) as unknown as Tensor
    expect(() => maxPool2d(ids, { size: 1 })).toThrow(
      'maxPool2d: expected a floating-point tensor, got int32: convert it with cast()',
    )
  })
})

describe('averagePool2d', () => {
  const problems = problemsWith(fc.constant<Pair>([1, 1]))

  it('is the mean under each window, with or without the padding', () => {
    fc.assert(
      fc.property(problems, fc.boolean(), (problem, countPadding) => {
        const { size, stride, padding, ceilMode } = problem
        const x = new Rng(problem.seed).normal(problem.shape, { dtype: 'float64' })
        const expected = naive(
          x,
          problem,
          (values) => total(present(values)) / (countPadding ? values : present(values)).length,
        )
        const options: AveragePoolOptions = { size, stride, padding, ceilMode, countPadding }
        expectClose(averagePool2d(x, options), expected, { relative: 1e-12, absolute: 1e-14 })
        if (countPadding)
          expect(averagePool2d(x, { size, stride, padding, ceilMode })).toEqual(averagePool2d(x, options))
      }),
    )
  })

  it('has the adjoint it says: <pool(x), y> = <x, adjoint(y)>', () => {
    fc.assert(
      fc.property(problems, fc.boolean(), (problem, countPadding) => {
        const rng = new Rng(problem.seed)
        const x = rng.normal(problem.shape, { dtype: 'float64' })
        const [, , height, width] = problem.shape
        const output = [windows(problem, 0), windows(problem, 1)] as const
        const { size: kernel, stride, padding, dilation } = problem
        const geometry = { input: [height, width] as const, output, kernel, stride, padding, dilation, countPadding }
        const pooled = averagePool(x, geometry)
        const y = rng.normal(pooled.shape, { dtype: 'float64' })
        const back = averagePoolInputGradient(y, geometry)
        const dot = (a: Tensor, b: Tensor) => total(Array.from(a.data, (v, i) => v * b.data[i]))
        expect(dot(x, back)).toBeCloseTo(dot(pooled, y), 10)
      }),
    )
  })

  it('leaves out a last window that would start in the padding', () => {
    // Width 3, padding 1, windows of 3 with stride 3 start at -1, 2 and 5; the last, in ceil mode, is not counted.
    const x = counting([1, 1, 1, 3])
    const options = { size: [1, 3], stride: [1, 3], padding: [0, 1], ceilMode: true } as const
    expect(averagePool2d(x, options).toArray()).toEqual([[[[1, 1.5]]]])
    expect(averagePool2d(x, { ...options, countPadding: false }).toArray()).toEqual([[[[1.5, 3]]]])
  })

  it('names what is wrong', () => {
    expect(() => averagePool2d(zeros([1, 1, 2, 2]), { size: 2, stride: 0 })).toThrow(
      'averagePool2d: expected stride of 1 or more',
    )
    const one = [1, 1] as const
    const geometry = {
      input: one,
      output: one,
      kernel: one,
      stride: one,
      padding: [0, 0],
      dilation: one,
      countPadding: true,
    } as const
    expect(() => averagePool(zeros([1, 1, 2, 1]), geometry)).toThrow(
      'averagePool: expected [batch, channels, 1, 1] by the geometry, got [1, 1, 2, 1]',
    )
  })
})

describe('in one dimension', () => {
  it('pooling is that of two with a height of 1', () => {
    const x = new Rng(1).normal([2, 3, 11])
    const plane = tensor(x.data, { shape: [2, 3, 1, 11] })
    const line = (t: Tensor<'float32'>) => tensor(t.data, { shape: t.shape.toSpliced(2, 1) })
    const numbers: MaxPoolOptions<number> = { size: 3, stride: 2, padding: 1, dilation: 2, ceilMode: true }
    const pairs: MaxPoolOptions = { size: [1, 3], stride: [1, 2], padding: [0, 1], dilation: [1, 2], ceilMode: true }
    expect(maxPool1d(x, numbers)).toEqual(line(maxPool2d(plane, pairs)))
    expect(averagePool1d(x, { size: 4, padding: 2, countPadding: false })).toEqual(
      line(averagePool2d(plane, { size: [1, 4], padding: [0, 2], countPadding: false })),
    )
    expect(averagePool1d(x, { size: 4 }).shape).toEqual([2, 3, 2])
  })

  it('names what is wrong', () => {
    expect(() => maxPool1d(zeros([2, 3]), { size: 2 })).toThrow(
      'maxPool1d: expected x [batch, channels, time], got [2, 3]',
    )
    expect(() => averagePool1d(zeros([2, 3, 4, 1]), { size: 2 })).toThrow(
      'averagePool1d: expected x [batch, channels, time], got [2, 3, 4, 1]',
    )
    // @ts-expect-error: average pooling has no dilation
    averagePool1d(zeros([1, 1, 4]), { size: 2, dilation: 2 })
  })
})
