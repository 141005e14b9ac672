// The matrix product on every backend, against the plain triple sum in float64: forms, block edges, errors.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { availableBackends, matrixMultiply, useBackend } from '../src/index.ts'
import type { AffineProduct, FloatArray, MatrixProduct } from '../src/index.ts'
import { difference, fill, numbers, to32 } from './support.ts'

function naive(
  a: Float64Array, b: Float64Array, start: Float64Array, product: AffineProduct<FloatArray>,
): Float64Array {
  const { m, n, k, transposeA, transposeB, accumulate, bias } = product
  const out = new Float64Array(m * n)
  for (let i = 0; i < m; i += 1) {
    for (let j = 0; j < n; j += 1) {
      let sum = accumulate ? start[i * n + j] : bias?.[j] ?? 0
      for (let l = 0; l < k; l += 1) {
        sum += a[transposeA ? l * m + i : i * k + l] * b[transposeB ? j * k + l : l * n + j]
      }
      out[i * n + j] = sum
    }
  }
  return out
}

const products = fc.record({
  m: fc.integer({ min: 0, max: 41 }),
  n: fc.integer({ min: 0, max: 41 }),
  k: fc.integer({ min: 0, max: 41 }),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  accumulate: fc.boolean(),
})

function operands({ m, n, k }: MatrixProduct, seed: number): { a: Float64Array; b: Float64Array; start: Float64Array } {
  const next = numbers(seed)
  const single = (length: number): Float64Array => fill(length, () => Math.fround(next()))
  return { a: single(m * k), b: single(k * n), start: single(m * n) }
}

describe('matrixMultiply in float64', () => {
  it('equals the sum over k in every form', () => {
    fc.assert(fc.property(products, fc.integer(), (product, seed) => {
      const { a, b, start } = operands(product, seed)
      const out = start.slice()
      matrixMultiply(out, a, b, product)
      expect(difference(out, naive(a, b, start, product))).toBeLessThan(1e-13)
    }))
  })
})

describe.each(availableBackends())('matrixMultiply in float32 on %s', (name) => {
  const check = (product: MatrixProduct, seed: number): void => {
    const { a, b, start } = operands(product, seed)
    const out = to32(start)
    useBackend(name, () => matrixMultiply(out, to32(a), to32(b), product))
    expect(difference(out, naive(a, b, start, product))).toBeLessThan(2e-6 * Math.sqrt(product.k + 1))
  }

  it('equals the sum over k in every form', () => {
    fc.assert(fc.property(products, fc.integer(), check))
  })

  it.each([
    { m: 130, n: 70, k: 300 }, { m: 1, n: 523, k: 261 }, { m: 517, n: 1, k: 33 }, { m: 32, n: 256, k: 64 },
    { m: 7, n: 9, k: 1100 }, { m: 211, n: 531, k: 17 }, { m: 1100, n: 33, k: 5 },
    { m: 9, n: 13, k: 2100 },
  ])('crosses the edges of its blocks: %o', (sizes) => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        for (const accumulate of [false, true]) check({ ...sizes, transposeA, transposeB, accumulate }, 7)
      }
    }
  })

  it('starts each row from a bias', () => {
    const checkBias = (product: MatrixProduct, seed: number): void => {
      const { a, b, start } = operands({ ...product, accumulate: false }, seed)
      const bias = fill(product.n, numbers(seed + 1)).map(Math.fround)
      const out = to32(start)
      const form = { ...product, accumulate: false }
      useBackend(name, () => { matrixMultiply(out, to32(a), to32(b), { ...form, bias: to32(bias) }) })
      const expected = naive(a, b, start, { ...form, bias })
      expect(difference(out, expected)).toBeLessThan(2e-6 * Math.sqrt(product.k + 1))
    }
    fc.assert(fc.property(products, fc.nat(), checkBias))
    // Over several blocks of k, and over several pieces of rows and of k.
    checkBias({ m: 7, n: 13, k: 1100 }, 1)
    checkBias({ m: 5000, n: 33, k: 70 }, 1)
    checkBias({ m: 130, n: 70, k: 5000, transposeA: true }, 1)
  })

  it('keeps NaN and Infinity in their own rows and columns', () => {
    useBackend(name, () => {
      const m = 7, n = 11, k = 9
      const a = new Float32Array(m * k).fill(1)
      const b = new Float32Array(k * n).fill(1)
      a[3 * k + 8] = NaN
      b[0 * n + 10] = Infinity
      const out = new Float32Array(m * n)
      matrixMultiply(out, a, b, { m, n, k })
      for (let i = 0; i < m; i += 1) {
        for (let j = 0; j < n; j += 1) expect(out[i * n + j]).toBe(i === 3 ? NaN : j === 10 ? Infinity : k)
      }
    })
  })

  it('gives a row the same bits whatever rows stand beside it', () => {
    useBackend(name, () => {
      const size = { m: 45, n: 37, k: 300, transposeB: true }
      const { a, b } = operands(size, 8)
      const whole = new Float32Array(45 * 37)
      matrixMultiply(whole, to32(a), to32(b), size)
      for (const [first, m] of [[0, 1], [7, 4], [44, 1], [13, 20]]) {
        const part = new Float32Array(m * 37)
        matrixMultiply(part, to32(a.slice(first * 300, (first + m) * 300)), to32(b), { ...size, m })
        expect(part).toEqual(whole.slice(first * 37, (first + m) * 37))
      }
    })
  })

  it('leaves its operands as they were and nothing behind for the next call', () => {
    useBackend(name, () => {
      const big = { m: 65, n: 65, k: 65 }
      const { a, b } = operands(big, 3)
      const [a32, b32] = [to32(a), to32(b)]
      matrixMultiply(new Float32Array(65 * 65), a32, b32, big)
      expect(a32).toEqual(to32(a))
      expect(b32).toEqual(to32(b))
      check({ m: 5, n: 5, k: 5 }, 4)
      check({ m: 5, n: 5, k: 0 }, 4)
    })
  })
})

describe('the checks of matrixMultiply', () => {
  const f32 = (length: number): Float32Array => new Float32Array(length)

  it('names every array that does not fit, with expected and got', () => {
    const call = (): void => matrixMultiply(f32(4), f32(5), f32(7), { m: 2, n: 2, k: 3 })
    expect(call).toThrow(RangeError)
    expect(call).toThrow(/a \[m=2, k=3\] of 6 elements, got 5; expected b \[k=3, n=2\] of 6 elements, got 7/)
    expect(() => matrixMultiply(f32(4), f32(6), f32(7), { m: 2, n: 2, k: 3, transposeB: true }))
      .toThrow(/b \[n=2, k=3\]/)
  })

  it('rejects sizes that are no sizes', () => {
    expect(() => matrixMultiply(f32(4), f32(4), f32(4), { m: 2, n: -2, k: 2 })).toThrow(/n to be a whole number/)
    expect(() => matrixMultiply(f32(4), f32(4), f32(4), { m: 2, n: 2, k: NaN })).toThrow(/k to be a whole number/)
  })

  it('rejects mixed dtypes and arrays of integers', () => {
    const mixed = new Float64Array(4) as unknown as Float32Array
    expect(() => matrixMultiply(f32(4), mixed, f32(4), { m: 2, n: 2, k: 2 })).toThrow(/a to be a Float32Array/)
    const integers = new Int32Array(4) as unknown as Float32Array
    expect(() => matrixMultiply(f32(4), f32(4), integers, { m: 2, n: 2, k: 2 })).toThrow(/b .*got Int32Array/)
  })

  it('rejects an output that shares memory with an operand', () => {
    const a = f32(4)
    expect(() => matrixMultiply(a, a, f32(4), { m: 2, n: 2, k: 2 })).toThrow(/apart from a/)
    const pool = f32(100)
    const part = (start: number): Float32Array => pool.subarray(start, start + 4)
    expect(() => matrixMultiply(part(0), f32(4), part(3), { m: 2, n: 2, k: 2 })).toThrow(/apart from b/)
    matrixMultiply(part(0), part(4), part(8), { m: 2, n: 2, k: 2 })
    expect(() => matrixMultiply(pool.subarray(0, 4), f32(4), f32(4), { m: 2, n: 2, k: 2, bias: pool.subarray(3, 5) }))
      .toThrow(/apart from bias/)
  })

  it('rejects a bias of another length or dtype, or one beside accumulate', () => {
    const call = (more: object) => (): void => {
      matrixMultiply(f32(4), f32(4), f32(4), { m: 2, n: 2, k: 2, ...more })
    }
    expect(call({ bias: f32(3) })).toThrow(/bias \[n=2\] of 2 elements, got 3/)
    expect(call({ bias: new Float64Array(2) })).toThrow(/bias to be a Float32Array as the other arrays/)
    expect(call({ bias: f32(2), accumulate: true })).toThrow(/either bias or accumulate, got both/)
  })
})
