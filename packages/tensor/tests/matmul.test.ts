// Products of matrices against sums index by index; errors and types.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { expectClose } from '@ostinato/test-utils'
import { add, full, linear, matmul, ShapeError, subtract, tensor, transpose, zeros, type MatmulOptions, type Tensor } from '@ostinato/tensor'
import { assorted, compatible, joint, reach } from './broadcasting.ts'
import { counting, indicesOf } from './places.ts'

/** The product of stacks of matrices `[…, m, k]` and `[…, k, n]`, index by index. */
const plain = (a: Tensor, b: Tensor) => {
  const [m, k] = a.shape.slice(-2)
  const n = b.shape[b.rank - 1]
  const [left, right] = [numbered(a), numbered(b)]
  const stack = joint(left, right)
  const data = Array.from(indicesOf(stack), (outer) => {
    const [aAt, bAt] = [reach(left, outer) * m * k, reach(right, outer) * k * n]
    return Array.from(indicesOf([m, n]), ([i, j]) => {
      let total = 0
      for (let l = 0; l < k; l++) total += a.data[aAt + i * k + l] * b.data[bAt + l * n + j]
      return total
    })
  })
  return { shape: [...stack, m, n], data: data.flat() }
}

/** The number of each matrix in a stack of them. */
const numbered = (x: Tensor) => subtract(counting(x.shape.slice(0, -2)), 1)

const cases = fc.record({
  stacks: compatible(2),
  m: fc.integer({ min: 0, max: 7 }),
  k: fc.integer({ min: 0, max: 7 }),
  n: fc.integer({ min: 0, max: 7 }),
  seed: fc.nat(1e6),
  dtype: fc.constantFrom('float32', 'float64'),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
})

const lastTwo = (x: Tensor) => [...Array.from({ length: x.rank - 2 }, (_, axis) => axis), x.rank - 1, x.rank - 2]

describe('matmul', () => {
  it('multiplies stacks that broadcast, either operand transposed or not', () => {
    fc.assert(fc.property(cases, ({ stacks: [aStack, bStack], m, k, n, seed, dtype, ...options }) => {
      const a: Tensor = assorted([...aStack, m, k], dtype, seed)
      const b: Tensor = assorted([...bStack, k, n], dtype, seed + 1)
      const left = options.transposeA ? transpose(a, lastTwo(a)) : a
      const right = options.transposeB ? transpose(b, lastTwo(b)) : b
      const out = matmul(left, right, options)
      expect(out.dtype).toBe(dtype)
      expectClose(out, plain(a, b), { relative: 1e-6, absolute: 1e-6 })
    }), { numRuns: 300 })
  })

  it('is right for sizes that kernels cut into blocks', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const a: Tensor = assorted([3, 67, 129], dtype, 1)
      const b: Tensor = assorted([129, 35], dtype, 2)
      expectClose(matmul(a, b), plain(a, b), { relative: 1e-5, absolute: 1e-4 })
    }
  })

  it('takes vectors as rows and columns', () => {
    const v = tensor([1, 2])
    const a = tensor([[1, 2, 3], [4, 5, 6]])
    expect(matmul(v, v)).toEqual(tensor(5))
    expect(matmul(v, a)).toEqual(tensor([9, 12, 15]))
    expect(matmul(a, tensor([1, 0, 1]))).toEqual(tensor([4, 10]))
    expect(matmul(a, v, { transposeA: true })).toEqual(tensor([9, 12, 15]))
    expect(matmul(full([5, 2, 3], 1), tensor([1, 2, 3])).shape).toEqual([5, 2])
    expect(matmul(v, full([5, 2, 3], 1)).shape).toEqual([5, 3])
  })

  it.each<[string, number[], number[], MatmulOptions, string]>([
    ['inner sizes', [2, 3], [4, 5], {}, 'expected inner sizes that agree, got [2, 3] and [4, 5]: axis -1 of a is 3, axis -2 of b is 4'],
    ['inner sizes of transposed', [2, 3], [4, 5], { transposeA: true, transposeB: true },
      'expected inner sizes that agree, got [2, 3] transposed and [4, 5] transposed: axis -2 of a is 2, axis -1 of b is 5'],
    ['a vector too long', [2, 3], [4], {}, 'expected inner sizes that agree, got [2, 3] and [4]: axis -1 of a is 3, axis -1 of b is 4'],
    ['stacks', [2, 1, 1], [3, 1, 1], {}, 'expected shapes that broadcast (equal sizes, or 1, aligned at the last axis), got [2] and [3]: axis -1 is 2 and 3'],
    ['a scalar', [], [2, 2], {}, 'expected a with at least one axis, got a scalar: use multiply()'],
    ['a transposed vector', [2, 2], [2], { transposeB: true }, 'expected b with at least two axes to transpose, got [2]'],
  ])('refuses %s', (_, aShape, bShape, options, fault) => {
    expect(() => matmul(zeros(aShape), zeros(bShape), options)).toThrow(new ShapeError('matmul', [fault]))
  })

  it('names all faults at once', () => {
    expect(() => matmul(tensor(1), tensor(2))).toThrow(/2 faults\n {2}1\. expected a .*\n {2}2\. expected b/)
  })

  it('wants one floating-point type', () => {
    const [single, double] = [zeros([2, 2]), zeros([2, 2], { dtype: 'float64' })]
    expectTypeOf(matmul(double, double)).toEqualTypeOf<Tensor<'float64'>>()
    expectTypeOf(matmul(single as Tensor, single)).toEqualTypeOf<Tensor>()
    // @ts-expect-error float32 and float64
    expect(() => matmul(single, double)).toThrow('matmul: expected operands of one type, got float32 and float64: convert one with cast()')
    const ids = zeros([2, 2], { dtype: 'int32' })
    // @ts-expect-error no product of integer matrices
    expect(() => matmul(ids, ids)).toThrow('matmul: expected a floating-point tensor, got int32')
  })
})

describe('linear', () => {
  it('is a product with the transposed weight, plus the bias', () => {
    const sizes = fc.record({
      stack: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
      inputs: fc.integer({ min: 0, max: 9 }),
      outputs: fc.integer({ min: 0, max: 9 }),
      dtype: fc.constantFrom('float32', 'float64'),
      seed: fc.nat(1e6),
    })
    fc.assert(fc.property(sizes, ({ stack, inputs, outputs, dtype, seed }) => {
      const x: Tensor = assorted([...stack, inputs], dtype, seed)
      const weight: Tensor = assorted([outputs, inputs], dtype, seed + 1)
      const bias: Tensor = assorted([outputs], dtype, seed + 2)
      const product = matmul(x, weight, { transposeB: true })
      expectClose(linear(x, weight, bias), add(product, bias), { relative: 1e-6, absolute: 1e-6 })
      expect(linear(x, weight, null)).toEqual(product)
    }), { numRuns: 300 })
  })

  it('is right for sizes that kernels cut into blocks', () => {
    const [x, weight, bias] = [assorted([3, 67, 529], 'float32', 1), assorted([35, 529], 'float32', 2), assorted([35], 'float32', 3)]
    const expected = add(matmul(x, weight, { transposeB: true }), bias)
    expectClose(linear(x, weight, bias), expected, { relative: 1e-5, absolute: 1e-4 })
  })

  it.each<[string, number[], number[], number[]]>([
    ['a scalar', [], [2, 3], [2]],
    ['other inputs', [4, 2], [2, 3], [2]],
    ['a weight that is no matrix', [4, 3], [3], [2]],
    ['a bias of another length', [4, 3], [2, 3], [3]],
    ['a bias with two axes', [4, 3], [2, 3], [1, 2]],
  ])('refuses %s', (_, x, weight, bias) => {
    const shapes = [x, weight, bias].map(shape => `[${shape.join(', ')}]`).join(', ')
    expect(() => linear(zeros(x), zeros(weight), zeros(bias))).toThrow(new ShapeError('linear', [
      `expected x [..., inputs], weight [outputs, inputs] and bias [outputs], got ${shapes}`,
    ]))
  })

  it('wants one floating-point type', () => {
    const [single, double] = [zeros([2, 2]), zeros([2, 2], { dtype: 'float64' })]
    expectTypeOf(linear(double, double, zeros([2], { dtype: 'float64' }))).toEqualTypeOf<Tensor<'float64'>>()
    // @ts-expect-error float32 and float64
    expect(() => linear(single, single, zeros([2], { dtype: 'float64' }))).toThrow('linear: expected operands of one type')
  })
})
