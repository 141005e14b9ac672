// Clipping: norms of every kind, what is shared, what is not finite.
import { clipGradNorm, clipGradValue } from '@ostinato/optim'
import { reshape, tensor, type Tensor } from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const grads = (...gradients: Tensor[]) => new Map(gradients.map(gradient => [tensor([0]) as Tensor, gradient]))
const double = (...values: number[]) => tensor(Float64Array.from(values))

describe('clipGradNorm', () => {
  test.each([[1, 12], [2, Math.sqrt(50)], [3, (27 + 64 + 125) ** (1 / 3)], [Infinity, 5]])('norm %d', (norm, expected) => {
    const [a, b] = [double(3, -4), double(-5)]
    expectClose([clipGradNorm(grads(a, b), 1, { norm })], [expected], { relative: 1e-12 })
    const factor = 1 / (expected + 1e-6)
    expectClose([...a.data, ...b.data], [3 * factor, -4 * factor, -5 * factor], { relative: 1e-12 })
  })

  test('leaves small gradients as they are, to the bit', () => {
    const gradient = tensor([0.3, 0.4])
    expect(clipGradNorm(grads(gradient), 1)).toBeCloseTo(0.5, 6)
    expect(gradient.data).toEqual(Float32Array.of(0.3, 0.4))
  })

  test('property: afterwards the norm is at most the limit, and the direction the same', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 })
    fc.assert(fc.property(values, values, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (a, b, limit) => {
      const [x, y] = [double(...a), double(...b)]
      const norm = clipGradNorm(grads(x, y), limit)
      // Squares of less than 1e-154 underflow.
      const tolerance = { relative: 1e-9, absolute: 1e-150 }
      expectClose([norm], [Math.hypot(...a, ...b)], tolerance)
      expect(Math.hypot(...x.data, ...y.data)).toBeLessThanOrEqual(limit * (1 + 1e-12))
      const factor = Math.min(1, limit / (norm + 1e-6))
      expectClose([...x.data, ...y.data], [...a, ...b].map(value => value * factor), tolerance)
    }))
  })

  test('sums float32 gradients in float64', () => {
    const many = tensor(new Float32Array(1_000_000).fill(0.1))
    const expected = Math.sqrt(1e6) * Math.fround(0.1)
    expectClose([clipGradNorm(grads(many), 1e9)], [expected], { relative: 1e-9 })
    // The square of 1e30 is beyond float32.
    expectClose([clipGradNorm(grads(tensor([1e30])), Number.MAX_VALUE)], [Math.fround(1e30)], { relative: 1e-12 })
  })

  test('scales an array that several parameters share once', () => {
    const shared = double(3, 4)
    const norm = clipGradNorm(grads(shared, shared, reshape(shared, [1, 2])), 1)
    expectClose([norm], [Math.sqrt(75)], { relative: 1e-12 })
    expectClose(shared.data, [3 / Math.sqrt(75), 4 / Math.sqrt(75)], { relative: 1e-6 })
  })

  test('a limit of 0 stops everything; nothing has norm 0', () => {
    const gradient = double(3, 4)
    clipGradNorm(grads(gradient), 0)
    expect([...gradient.data]).toEqual([0, 0])
    expect(clipGradNorm(new Map(), 1)).toBe(0)
    expect(clipGradNorm(grads(double()), 1)).toBe(0)
  })

  test('names what is not finite and changes nothing', () => {
    const [good, bad, worse] = [double(30, 40), tensor([1, NaN]), tensor([[2, Infinity]])]
    const run = () => clipGradNorm(grads(good, bad, worse), 1)
    expect(run).toThrow(RangeError)
    expect(run).toThrow(/clipGradNorm: 2 faults.*NaN at element 1 of gradient 1, float32\[2\].*Infinity at element 1 of gradient 2/s)
    expect(() => clipGradNorm(grads(double(NaN)), 1, { norm: Infinity })).toThrow(/NaN at element 0/)
    expect(() => clipGradNorm(grads(double(1e200)), 1)).toThrow(/their powers overflow/)
    expect([...good.data]).toEqual([30, 40])
  })

  test('returns a norm that is not finite where asked to, and changes nothing', () => {
    const [good, bad] = [double(30, 40), double(Infinity)]
    expect(clipGradNorm(grads(good, bad), 1, { nonFinite: 'return' })).toBe(Infinity)
    expect(clipGradNorm(grads(good, double(NaN)), 1, { nonFinite: 'return' })).toBeNaN()
    expect([...good.data, ...bad.data]).toEqual([30, 40, Infinity])
  })

  test('refuses limits and norms that make no sense', () => {
    expect(() => clipGradNorm(new Map(), NaN, { norm: 0 })).toThrow(/2 faults.*maximumNorm.*NaN.*norm.*got 0/s)
    expect(() => clipGradNorm(new Map(), -1)).toThrow(RangeError)
  })
})

describe('clipGradValue', () => {
  test('limits each element', () => {
    const gradient = tensor([-3, -1, -0.5, 0, 0.5, 1, 3, Infinity, -Infinity, NaN])
    clipGradValue(grads(gradient), 1)
    expect([...gradient.data]).toEqual([-1, -1, -0.5, 0, 0.5, 1, 1, 1, -1, NaN])
  })

  test('refuses a limit that makes no sense', () => {
    expect(() => clipGradValue(new Map(), NaN)).toThrow(/clipGradValue: expected limit to be a finite number of 0 or more, got NaN/)
  })
})
