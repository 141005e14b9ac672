// Reductions and softmax against groups gathered index by index; their edges, errors and types.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { expectClose } from '@ostinato/test-utils'
import {
  all, any, argmax, argmin, cast, full, logSoftmax, logSumExp, max, mean, min, norm, product, softmax, sum, sumTo,
  tensor, variance, zeros,
  type AnyTensor, type ReductionOptions, type Shape, type Tensor,
} from '@ostinato/tensor'
import { assorted, reach } from './broadcasting.ts'
import { at, indicesOf, shapes } from './places.ts'

const total = (group: readonly number[]) => group.reduce((a, b) => a + b, 0)
const average = (group: readonly number[]) => total(group) / group.length
const squares = (group: readonly number[], from: number) => total(group.map((x) => (x - from) ** 2))

/** Reductions, what they do to one group, and how many elements they need at least. */
interface Reduction {
  run: (x: Tensor, options?: ReductionOptions) => Tensor
  plain: (group: number[]) => number
  least: number
}

const reductions: Record<string, Reduction> = {
  sum: { run: sum, plain: total, least: 0 },
  mean: { run: mean, plain: average, least: 1 },
  variance: { run: variance, plain: (group) => squares(group, average(group)) / (group.length - 1), least: 2 },
  'variance without correction': {
    run: (x, options) => variance(x, { ...options, correction: 0 }),
    plain: (group) => squares(group, average(group)) / group.length,
    least: 1,
  },
  max: { run: max, plain: (group) => Math.max(...group), least: 1 },
  min: { run: min, plain: (group) => Math.min(...group), least: 1 },
  product: { run: product, plain: (group) => group.reduce((a, b) => a * b, 1), least: 0 },
  norm: { run: norm, plain: (group) => Math.hypot(...group), least: 0 },
  logSumExp: { run: logSumExp, plain: (group) => Math.log(total(group.map(Math.exp))), least: 0 },
}

/** For each index of the shape with the axes left at size 1, the elements that fall on it. */
const groups = (x: AnyTensor, axes: readonly number[]): { kept: number[]; values: number[][] } => {
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  const inside = x.shape.map((n, axis) => (axes.includes(axis) ? n : 1))
  const values = Array.from(indicesOf(kept), (outer) =>
    Array.from(indicesOf(inside), (inner) => at(x, outer.map((i, axis) => i + inner[axis]))))
  return { kept, values }
}

const reduced = fc.tuple(shapes({ maximumRank: 4, maximumSize: 4 }), fc.nat(1e6)).chain(([shape, seed]) =>
  fc.record({ shape: fc.constant(shape), seed: fc.constant(seed), axes: fc.subarray(shape.map((_, axis) => axis)) }))

const without = (shape: Shape, axes: readonly number[]) => shape.filter((_, axis) => !axes.includes(axis))

describe.each(Object.entries(reductions))('%s', (name, { run, plain, least }) => {
  const first = name.split(' ')[0]

  it.each(['float32', 'float64'] as const)('over any axes of %s', (dtype) => {
    fc.assert(fc.property(reduced, ({ shape, seed, axes }) => {
      const x = assorted(shape, dtype, seed)
      const { kept, values } = groups(x, axes)
      const axis = axes.map((a) => (seed % 2 === 0 ? a : a - shape.length))
      if (values.some((group) => group.length < least)) {
        expect(() => run(x, { axis })).toThrow(`${first}: expected `)
        return
      }
      const tolerance = dtype === 'float32' ? { relative: 1e-5, absolute: 1e-6 } : { relative: 1e-12, absolute: 1e-14 }
      const out = run(x, { axis, keepAxes: true })
      expect(out.dtype).toBe(dtype)
      expectClose(out, { shape: kept, data: values.map(plain) }, tolerance)
      expectClose(run(x, { axis }), { shape: without(shape, axes), data: values.map(plain) }, tolerance)
      if (axes.length === shape.length) expectClose(run(x), { shape: [], data: values.map(plain) }, tolerance)
    }))
  })

  it('takes a single axis, from either end', () => {
    const x = tensor([[1, 2, 4], [3, -1, 5]])
    expectClose(run(x, { axis: 1 }), { shape: [2], data: [plain([1, 2, 4]), plain([3, -1, 5])] })
    expect(run(x, { axis: -2 }).shape).toEqual([3])
    expect(run(x, { axis: -2, keepAxes: true }).shape).toEqual([1, 3])
  })

  it('brings a NaN through', () => {
    const out = run(tensor([[1, NaN, 2], [2, 3, 4]]), { axis: 1 })
    expect(out.data[0]).toBeNaN()
    expect(out.data[1]).not.toBeNaN()
  })

  it('says what is wrong', () => {
    expect(() => run(zeros([2, 3]), { axis: 2 })).toThrow(`${first}: expected an axis from -2 to 1, got 2: the tensor has 2 axes`)
    expect(() => run(zeros([2, 3]), { axis: [0, -2] })).toThrow(`${first}: expected each axis once`)
    expect(() => run(tensor([true]) as never)).toThrow(/: expected a (numeric|floating-point) tensor, got bool/)
    if (least > 0) {
      expect(() => run(zeros([2, 0]), { axis: 1 })).toThrow(`${first}: expected at least one element to reduce, got shape [2, 0]: axis 1 is 0`)
      expect(run(zeros([0, 2]), { axis: 1 }).shape).toEqual([0])
    }
  })
})

describe('sums', () => {
  it('names itself where it refuses a bool', () => {
    expect(() => sum(zeros([2], { dtype: 'bool' }) as never)).toThrow('sum: expected a numeric tensor, got bool')
  })

  it('lose nothing in float32', () => {
    // A float32 sum would stop at 2^24.
    const x = full([17, 1024, 1024], 1)
    expect(sum(x).item()).toBe(17 * 2 ** 20)
    expect(mean(x, { axis: [0, 1] }).data[5]).toBe(1)
    expect(sum(x, { axis: 0 }).data[7]).toBe(17)
  })

  it('of int32 are int32', () => {
    const x = tensor([[1, 2], [3, 4]], { dtype: 'int32' })
    expect(sum(x, { axis: 0 })).toEqual(tensor([4, 6], { dtype: 'int32' }))
    expect(product(x)).toEqual(tensor(24, { dtype: 'int32' }))
    expect(max(x, { axis: 1 })).toEqual(tensor([2, 4], { dtype: 'int32' }))
    expectTypeOf(sum(x)).toEqualTypeOf<Tensor<'int32'>>()
    expect(() => mean(x as never)).toThrow('mean: expected a floating-point tensor, got int32')
  })

  it('sumTo undoes a stretch', () => {
    fc.assert(fc.property(reduced, ({ shape, seed, axes }) => {
      const x = assorted(shape, 'float64', seed)
      const { kept, values } = groups(x, axes)
      const leading = kept.findIndex((n) => n !== 1)
      const target = leading < 0 ? [] : kept.slice(leading)
      expectClose(sumTo(x, target), { shape: target, data: values.map(total) })
    }))
    expect(() => sumTo(zeros([2, 3]), [2])).toThrow('sumTo: expected shapes that broadcast')
    expect(() => sumTo(zeros([1, 3]), [2, 3])).toThrow('sumTo: expected a shape that stretches to [1, 3], got [2, 3]')
  })
})

describe('edges', () => {
  it('logSumExp does not overflow and knows infinities', () => {
    const x = tensor([[1000, 1000], [-1000, -1001], [-Infinity, -Infinity], [Infinity, 0]], { dtype: 'float64' })
    const expected = [1000 + Math.LN2, -1000 + Math.log1p(Math.exp(-1)), -Infinity, Infinity]
    expectClose(logSumExp(x, { axis: 1 }), expected, { relative: 1e-14 })
    expect(logSumExp(zeros([0])).item()).toBe(-Infinity)
  })

  it('variance keeps its precision far from 0', () => {
    const x = tensor([1e8 + 4, 1e8 + 7, 1e8 + 13, 1e8 + 16], { dtype: 'float64' })
    expect(variance(x).item()).toBe(30)
  })

  it('variance needs more elements than its correction', () => {
    expect(() => variance(zeros([3, 1]), { axis: 1 })).toThrow('variance: expected more than 1 elements to reduce, got 1: set the correction to 0 or reduce more')
    expect(variance(zeros([3, 1]), { axis: 1, correction: 0 }).toArray()).toEqual([0, 0, 0])
  })

  it('max and min of infinities', () => {
    expect(max(tensor([-Infinity, -Infinity])).item()).toBe(-Infinity)
    expect(min(tensor([Infinity])).item()).toBe(Infinity)
  })
})

describe('argmax and argmin', () => {
  it('find the first of the extremes along an axis', () => {
    const search = fc.tuple(shapes({ minimumRank: 1, maximumRank: 4, maximumSize: 4 }), fc.nat(1e6))
    fc.assert(fc.property(search, ([shape, seed]) => {
      const x = assorted(shape, seed % 2 === 0 ? 'float32' : 'int32', seed)
      const axis = seed % shape.length
      fc.pre(shape[axis] > 0)
      const { values } = groups(x, [axis])
      const highest = values.map((group) => group.indexOf(Math.max(...group)))
      const lowest = values.map((group) => group.indexOf(Math.min(...group)))
      expectClose(argmax(x, { axis }), { shape: without(shape, [axis]), data: highest })
      const kept = argmin(x, { axis: axis - shape.length, keepAxes: true })
      expectClose(kept, { shape: groups(x, [axis]).kept, data: lowest })
    }))
  })

  it('search the whole tensor without an axis', () => {
    const x = tensor([[1, 9, 3], [0, 9, -4]])
    expect(argmax(x)).toEqual(tensor(1, { dtype: 'int32' }))
    expect(argmin(x).item()).toBe(5)
    expect(argmin(x, { keepAxes: true }).shape).toEqual([1, 1])
    expectTypeOf(argmax(x)).toEqualTypeOf<Tensor<'int32'>>()
  })

  it('take the first NaN', () => {
    expect(argmax(tensor([1, NaN, 5, NaN])).item()).toBe(1)
    expect(argmin(tensor([1, NaN, -5, NaN])).item()).toBe(1)
  })

  it('say what is wrong', () => {
    expect(() => argmax(zeros([2, 0]), { axis: 1 })).toThrow('argmax: expected at least one element to reduce, got shape [2, 0]: axis 1 is 0')
    expect(() => argmin(zeros([2]), { axis: 1 })).toThrow('argmin: expected an axis from -1 to 0, got 1')
    expect(() => argmax(tensor([true]) as never)).toThrow('argmax: expected a numeric tensor')
    // @ts-expect-error several axes
    expect(() => argmax(zeros([2, 2]), { axis: [0, 1] })).toThrow()
  })
})

describe('any and all', () => {
  it('over any axes', () => {
    fc.assert(fc.property(reduced, ({ shape, seed, axes }) => {
      const x = assorted(shape, 'bool', seed)
      const { kept, values } = groups(x, axes)
      const some = values.map((group) => Number(group.includes(1)))
      const every = values.map((group) => Number(!group.includes(0)))
      expectClose(any(x, { axis: axes, keepAxes: true }), { shape: kept, data: some })
      expectClose(all(x, { axis: axes }), { shape: without(shape, axes), data: every })
    }))
  })
})

describe.each([['softmax', softmax, (p: number) => p], ['logSoftmax', logSoftmax, Math.log]] as const)('%s', (name, run, form) => {
  it('over any axis', () => {
    const cases = fc.tuple(shapes({ minimumRank: 1, maximumRank: 4, maximumSize: 5 }), fc.nat(1e6), fc.constantFrom('float32', 'float64'))
    fc.assert(fc.property(cases, ([shape, seed, dtype]) => {
      const x = assorted(shape, dtype, seed)
      const axis = seed % shape.length
      const { kept, values } = groups(x, [axis])
      const sums = tensor(values.map((group) => total(group.map(Math.exp))), { shape: kept, dtype: 'float64' })
      const data = Array.from(indicesOf(shape), (index) => form(Math.exp(at(x, index)) / reach(sums, index)))
      const tolerance = dtype === 'float32' ? { relative: 1e-5, absolute: 1e-6 } : { relative: 1e-12, absolute: 1e-14 }
      expectClose(run(x, { axis }), { shape, data }, tolerance)
      expectClose(run(x, { axis: axis - shape.length }), { shape, data }, tolerance)
      if (axis === shape.length - 1) expectClose(run(x), { shape, data }, tolerance)
    }))
  })

  it('does not overflow, and masks with -Infinity', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const out = run(tensor([[1e4, 1e4], [5, -Infinity]], { dtype }))
      expectClose(out, { shape: [2, 2], data: [form(0.5), form(0.5), form(1), form(0)] })
      expect(run(tensor([-Infinity, -Infinity], { dtype })).toArray()).toEqual([NaN, NaN])
    }
  })

  it('says what is wrong', () => {
    expect(() => run(tensor(1))).toThrow(`${name}: expected an axis from 0 to -1, got -1: the tensor has 0 axes`)
    expect(() => run(zeros([2]), { axis: 1 })).toThrow(`${name}: expected an axis from -1 to 0, got 1`)
    expect(() => run(cast(zeros([2]), 'int32') as never)).toThrow(`${name}: expected a floating-point tensor, got int32`)
  })
})
