// Arithmetic, comparisons and choices against a walk index by index; their edges, errors and types.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { expectClose } from '@ostinato/test-utils'
import {
  add, all, any, divide, equal, full, greater, greaterEqual, less, lessEqual, logicalAnd, logicalNot, logicalOr,
  maximum, minimum, multiply,
  notEqual, power, ShapeError, subtract, tensor, where, zeros,
  type AnyTensor, type Tensor,
} from '@ostinato/tensor'
import { assorted, compatible, mapped } from './broadcasting.ts'

const numeric = {
  add: { run: add, plain: (a: number, b: number) => a + b },
  subtract: { run: subtract, plain: (a: number, b: number) => a - b },
  multiply: { run: multiply, plain: (a: number, b: number) => a * b },
  maximum: { run: maximum, plain: Math.max },
  minimum: { run: minimum, plain: Math.min },
}

const floating = {
  divide: { run: divide, plain: (a: number, b: number) => a / b },
  power: { run: power, plain: Math.pow },
}

const comparisons = {
  equal: { run: equal, plain: (a: number, b: number) => Number(a === b) },
  notEqual: { run: notEqual, plain: (a: number, b: number) => Number(a !== b) },
  less: { run: less, plain: (a: number, b: number) => Number(a < b) },
  lessEqual: { run: lessEqual, plain: (a: number, b: number) => Number(a <= b) },
  greater: { run: greater, plain: (a: number, b: number) => Number(a > b) },
  greaterEqual: { run: greaterEqual, plain: (a: number, b: number) => Number(a >= b) },
}

/** What all of them have in common. */
type Pair = (a: Tensor | number, b: Tensor | number) => AnyTensor

const pairs = fc.tuple(compatible(2), fc.nat(1e6))

describe.each(Object.entries({ ...numeric, ...floating, ...comparisons }))('%s', (name, { run: typed, plain }) => {
  const run = typed as unknown as Pair
  const dtypes = name in floating ? ['float32', 'float64'] as const : ['float32', 'float64', 'int32'] as const

  it.each(dtypes)('broadcasts %s', (dtype) => {
    fc.assert(fc.property(pairs, ([[aShape, bShape], seed]) => {
      const a = assorted(aShape, dtype, seed) as Tensor
      const b = assorted(bShape, dtype, seed + 1) as Tensor
      const out = run(a, b)
      expect(out.dtype).toBe(name in comparisons ? 'bool' : dtype)
      expectClose(out, mapped(plain, a, b), { relative: dtype === 'float32' ? 1e-6 : 1e-15, absolute: 0 })
    }))
  })

  it('takes a number on either side', () => {
    const x = tensor([0.5, 2, 4])
    expectClose(run(x, 2), { shape: [3], data: [plain(0.5, 2), plain(2, 2), plain(4, 2)] })
    expectClose(run(2, x), { shape: [3], data: [plain(2, 0.5), plain(2, 2), plain(2, 4)] })
    expect(run(2, x).dtype).toBe(name in comparisons ? 'bool' : 'float32')
  })

  it('says what does not fit', () => {
    expect(() => run(zeros([2, 3]), zeros([2, 4]))).toThrow(
      new ShapeError(name, ['expected shapes that broadcast (equal sizes, or 1, aligned at the last axis), got [2, 3] and [2, 4]: axis -1 is 3 and 4']),
    )
    const double = zeros([2], { dtype: 'float64' }) as Tensor
    expect(() => run(zeros([2]), double)).toThrow(`${name}: expected operands of one type, got float32 and float64: convert one with cast()`)
    expect(() => run(1, 2)).toThrow(`${name}: expected at least one tensor, got two numbers`)
    const flags = tensor([true]) as never
    if (!name.toLowerCase().startsWith('e') && name !== 'notEqual') expect(() => run(flags, flags)).toThrow(`${name}: expected a`)
  })
})

describe('arithmetic at its edges', () => {
  it('maximum and minimum give NaN where either is NaN', () => {
    const [a, b] = [tensor([NaN, 1, NaN, 1]), tensor([1, NaN, NaN, 2])]
    expect(maximum(a, b).toArray()).toEqual([NaN, NaN, NaN, 2])
    expect(minimum(a, b).toArray()).toEqual([NaN, NaN, NaN, 1])
  })

  it('power follows IEEE 754', () => {
    const base = tensor([0, 0, -8, -2, 1, 1, 4], { dtype: 'float64' })
    const exponent = tensor([0, -1, 1 / 3, 3, NaN, Infinity, 0.5], { dtype: 'float64' })
    expect(power(base, exponent).toArray()).toEqual([1, Infinity, NaN, -8, 1, 1, 2])
  })

  it('division by zero is not an error', () => {
    expect(divide(tensor([1, -1, 0]), 0).toArray()).toEqual([Infinity, -Infinity, NaN])
  })

  it('int32 takes integers only', () => {
    const x = tensor([1, 2], { dtype: 'int32' })
    expect(multiply(x, 3)).toEqual(tensor([3, 6], { dtype: 'int32' }))
    expect(() => add(x, 0.5)).toThrow('add: expected an integer beside an int32 tensor, got 0.5')
    expect(() => divide(x as never, x as never)).toThrow('divide: expected a floating-point tensor, got int32: convert it with cast()')
  })

  it('leaves its operands alone', () => {
    const [a, b] = [tensor([[1], [2]]), tensor([3, 4])]
    add(a, b)
    expect(a).toEqual(tensor([[1], [2]]))
    expect(b).toEqual(tensor([3, 4]))
  })
})

describe('logic', () => {
  it('and, or, not', () => {
    const [a, b] = [tensor([[true], [false]]), tensor([true, false])]
    expect(logicalAnd(a, b).toArray()).toEqual([[true, false], [false, false]])
    expect(logicalOr(a, b).toArray()).toEqual([[true, true], [true, false]])
    expect(logicalNot(a).toArray()).toEqual([[false], [true]])
    expect(equal(a, b).toArray()).toEqual([[true, false], [false, true]])
  })

  it('any and all', () => {
    const x = tensor([[true, false], [true, true]])
    expect(any(x, { axis: 0 }).toArray()).toEqual([true, true])
    expect(all(x, { axis: -1 }).toArray()).toEqual([false, true])
    expect(all(x, { axis: 1, keepAxes: true }).shape).toEqual([2, 1])
    const empty = zeros([2, 0], { dtype: 'bool' })
    expect(any(empty, { axis: 1 }).toArray()).toEqual([false, false])
    expect(all(empty, { axis: 1 }).toArray()).toEqual([true, true])
  })

  it('refuses numbers', () => {
    expect(() => logicalAnd(zeros([2]) as never, zeros([2]) as never)).toThrow('logicalAnd: expected a bool tensor, got float32: compare it with a value')
    expect(() => logicalNot(zeros([2]) as never)).toThrow('logicalNot: expected a bool tensor')
    expect(() => any(zeros([2]) as never)).toThrow('any: expected a bool tensor, got float32')
    expect(() => equal(tensor([true]), 1)).toThrow('equal: expected a bool tensor beside a bool tensor, got the number 1')
  })
})

describe('where', () => {
  it('broadcasts all three', () => {
    fc.assert(fc.property(compatible(3), fc.nat(1e6), fc.constantFrom('float32', 'int32', 'bool'), ([cShape, aShape, bShape], seed, dtype) => {
      const condition = assorted(cShape, 'bool', seed)
      const [a, b] = [assorted(aShape, dtype, seed + 1), assorted(bShape, dtype, seed + 2)]
      expectClose(where(condition, a, b), mapped((c, yes, no) => (c ? yes : no), condition, a, b))
    }))
  })

  it('takes numbers', () => {
    const condition = tensor([true, false])
    expect(where(condition, tensor([1, 2]), -Infinity).toArray()).toEqual([1, -Infinity])
    expect(where(condition, 7, tensor([[1, 2]])).toArray()).toEqual([[7, 2]])
    expect(Object.is(where(condition, 1, tensor(-0)).data[1], -0)).toBe(true)
  })

  it('says what does not fit', () => {
    expect(() => where(zeros([2]) as never, tensor([1, 2]), 0)).toThrow('where: expected a condition of type bool, got float32: compare it with a value')
    expect(() => where(tensor([true, false, true]), tensor([1, 2]), 0)).toThrow('where: expected shapes that broadcast')
    expect(() => where(tensor([true]), tensor([1]), zeros([1], { dtype: 'int32' }) as never)).toThrow('where: expected operands of one type, got float32 and int32')
  })
})

describe('types', () => {
  const single = full([1], 1)
  const double = full([1], 1, { dtype: 'float64' })
  const either: Tensor = single
  const id = full([1], 1, { dtype: 'int32' })

  it('the result has the type of the operands', () => {
    expectTypeOf(add(single, single)).toEqualTypeOf<Tensor<'float32'>>()
    expectTypeOf(add(1, double)).toEqualTypeOf<Tensor<'float64'>>()
    expectTypeOf(add(single, either)).toEqualTypeOf<Tensor>()
    expectTypeOf(add(either, single)).toEqualTypeOf<Tensor>()
    expectTypeOf(multiply(id, 2)).toEqualTypeOf<Tensor<'int32'>>()
    expectTypeOf(equal(id, id)).toEqualTypeOf<Tensor<'bool'>>()
    expectTypeOf(where(equal(id, 1), 0, double)).toEqualTypeOf<Tensor<'float64'>>()
    const generic = <D extends 'float32' | 'float64'>(x: Tensor<D>): Tensor<D> => add(multiply(x, x), 1)
    expectTypeOf(generic(double)).toEqualTypeOf<Tensor<'float64'>>()
  })

  it('mixing types does not compile', () => {
    // @ts-expect-error float32 and float64
    expect(() => add(single, double)).toThrow(ShapeError)
    // @ts-expect-error int32 and float32
    expect(() => equal(id, single)).toThrow(ShapeError)
    // @ts-expect-error float32 and float64
    expect(() => where(tensor([true]), single, double)).toThrow(ShapeError)
    // @ts-expect-error no division of integers
    expect(() => divide(id, id)).toThrow(ShapeError)
    // @ts-expect-error no order among bools
    expect(() => less(tensor([true]), tensor([true]))).toThrow(ShapeError)
    // @ts-expect-error two numbers
    expect(() => add(1, 2)).toThrow(ShapeError)
    // @ts-expect-error a condition is of type bool
    expect(() => where(single, single, single)).toThrow(ShapeError)
  })
})
