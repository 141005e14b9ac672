// That checkGradients finds what is wrong, says where, and leaves everything as it was.
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  add, exp, isTraining, mean, multiply, Parameter, recordCustom, square, stopGradient, sum, tensor, zeros, type Tensor,
} from '@ostinato/tensor'
import { checkGradients, GradientError } from '../src/index.ts'

const double = (values: number[] | number[][]) => tensor(values, { dtype: 'float64' })

/** x², with `factor` x as its derivative. */
const squareWith = (x: Tensor, factor: number): Tensor => {
  const out = stopGradient(square(stopGradient(x)))
  recordCustom({ name: 'squareWith', inputs: [x], outputs: [out], derivative: ([g]) => [g && multiply(g, multiply(x, factor))] })
  return out
}

const caught = (run: () => void): GradientError => {
  try {
    run()
  } catch (error) {
    if (error instanceof GradientError) return error
    throw error
  }
  throw new Error('expected a GradientError')
}

describe('checkGradients', () => {
  it('accepts what is right', () => {
    checkGradients((x) => squareWith(x, 2), [double([1, -2, 3])], { secondOrder: true })
  })

  it('lists input, element and both values', () => {
    const f = (a: Tensor, b: Tensor) => sum(multiply(squareWith(a, 2), squareWith(b, 2.1)))
    const error = caught(() => checkGradients(f, [double([1]), double([[2, 3]])]))
    expect(error.order).toBe('first')
    expect(error.mismatches).toMatchObject([{ input: 1, element: [0, 0] }, { input: 1, element: [0, 1] }])
    expect(error.mismatches[0].analytic / error.mismatches[0].numeric).toBeCloseTo(1.05, 6)
    expect(error.message).toMatch(/^checkGradients: expected the derivatives that central differences give, got 2 first derivatives that differ\n {2}input 1, element \[0, 0\]: analytic 2\.1\d*, numeric [12]\.\d+\n/)
  })

  it('shows ten of many', () => {
    const values = double(Array.from({ length: 15 }, (_, i) => i + 1))
    expect(caught(() => checkGradients((x) => squareWith(x, 1), [values])).message).toMatch(/got 15 first derivatives[^]*\n {2}… and 5 more$/)
  })

  it('finds a gradient that is missing', () => {
    const error = caught(() => checkGradients((x) => exp(stopGradient(x)), [double([1])]))
    expect(error.mismatches).toMatchObject([{ analytic: 0 }])
  })

  it('finds a gradient that is right only in sum', () => {
    // The mean passes any permutation of the gradients of a sum.
    const reversed = (x: Tensor) => {
      const out = square(stopGradient(x))
      const backward = (g: Tensor) => tensor(x.data.map((value, i) => 2 * value * g.data[x.size - 1 - i]))
      recordCustom({ name: 'reversed', inputs: [x], outputs: [out], derivative: ([g]) => [g && backward(g)] })
      return out
    }
    expect(() => checkGradients(reversed, [double([1, 1])])).toThrow(GradientError)
  })

  it('finds a second derivative that is wrong', () => {
    // The derivative is right but hides half of its dependence on x.
    const hidden = (x: Tensor): Tensor => {
      const out = square(stopGradient(x))
      recordCustom({ name: 'hidden', inputs: [x], outputs: [out], derivative: ([g]) => [g && multiply(g, add(x, stopGradient(x)))] })
      return out
    }
    checkGradients(hidden, [double([1])])
    expect(caught(() => checkGradients(hidden, [double([1])], { secondOrder: true })).order).toBe('second')
  })

  it('a NaN agrees with nothing', () => {
    expect(() => checkGradients((x) => multiply(x, NaN), [double([1])])).toThrow('analytic NaN, numeric NaN')
  })

  it('obeys its tolerances and step', () => {
    const near = (x: Tensor) => squareWith(x, 2 + 1e-4)
    expect(() => checkGradients(near, [double([1])])).toThrow(GradientError)
    checkGradients(near, [double([1])], { relative: 1e-3 })
    checkGradients(near, [double([1])], { absolute: 1e-3 })
    expect(() => checkGradients((x) => sum(exp(x)), [double([1])], { step: 0.1 })).toThrow(GradientError)
  })

  it('checks parameters that are not arguments, and puts everything back', () => {
    const weight = new Parameter(double([1, 2]))
    checkGradients(() => mean(square(weight)), [weight])
    expect(weight.data).toEqual(Float64Array.of(1, 2))
    const x = double([3])
    expect(() => checkGradients(() => { throw new Error('no') }, [x])).toThrow('no')
    expect(x.item()).toBe(3)
  })

  it('evaluates as in training', () => {
    const seen = new Set<boolean>()
    checkGradients((x) => {
      seen.add(isTraining())
      return x
    }, [double([1])])
    expect(seen).toEqual(new Set([true]))
  })

  it('refuses float32 and frozen parameters, all at once', () => {
    const frozen = new Parameter(double([1]), { trainable: false })
    expect(() => checkGradients((x) => x, [zeros([1]) as never, frozen])).toThrow([
      'checkGradients: 2 faults',
      "  1. expected input 0 to be of type float64, got float32: create it with { dtype: 'float64' }",
      '  2. expected input 1 to be trainable, got a frozen parameter: it has no gradient',
    ].join('\n'))
    expect(() => checkGradients(() => zeros([1]), [double([1])])).toThrow('checkGradients: expected f to return a float64 tensor, got float32')
    // @ts-expect-error an input of type float32
    expect(() => checkGradients((x) => x, [zeros([1])])).toThrow()
    expectTypeOf<Parameters<typeof checkGradients>[1]>().toEqualTypeOf<readonly Tensor<'float64'>[]>()
  })
})
