// Functions of one argument and activations, against Math and against values computed elsewhere; their edges, errors,
// types.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { expectClose } from '@ostinato/test-utils'
import {
  abs, cast, ceil, clip, cos, elu, erf, exp, expm1, floor, gelu, isFinite, isNaN, leakyRelu, log, log1p, negate, relu,
  reluInputGradient, round, sigmoid, sign, silu, sin,
  softplus, sqrt, square, stopGradient, tanh, tensor, zeros,
  type FloatDType, type Tensor,
} from '@ostinato/tensor'

/** erf by its Maclaurin series in a form without cancellation: 2/√π e^(-x²) Σ 2^n x^(2n+1) / (2n+1)!! (DLMF 7.6.2). */
const erfSeries = (x: number) => {
  let term = x
  let sum = x
  for (let n = 1; n < 300; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x))

const functions: Record<string, { run: (x: Tensor) => Tensor; plain: (x: number) => number; from?: number }> = {
  negate: { run: negate, plain: (x) => -x },
  abs: { run: abs, plain: Math.abs },
  sign: { run: sign, plain: Math.sign },
  square: { run: square, plain: (x) => x * x },
  sqrt: { run: sqrt, plain: Math.sqrt, from: 0 },
  exp: { run: exp, plain: Math.exp },
  expm1: { run: expm1, plain: Math.expm1 },
  log: { run: log, plain: Math.log, from: 1e-3 },
  log1p: { run: log1p, plain: Math.log1p, from: -0.99 },
  sin: { run: sin, plain: Math.sin },
  cos: { run: cos, plain: Math.cos },
  floor: { run: floor, plain: Math.floor },
  ceil: { run: ceil, plain: Math.ceil },
  relu: { run: relu, plain: (x) => Math.max(0, x) },
  sigmoid: { run: sigmoid, plain: logistic },
  tanh: { run: tanh, plain: Math.tanh },
  erf: { run: erf, plain: erfSeries },
  leakyRelu: { run: (x) => leakyRelu(x, { slope: 0.2 }), plain: (x) => Math.max(x, 0.2 * x) },
  elu: { run: (x) => elu(x, { alpha: 1.5 }), plain: (x) => (x > 0 ? x : 1.5 * (Math.exp(x) - 1)) },
  gelu: { run: gelu, plain: (x) => (x / 2) * (1 + erfSeries(x / Math.SQRT2)) },
  'gelu by tanh': {
    run: (x) => gelu(x, { approximate: 'tanh' }),
    plain: (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  },
  silu: { run: silu, plain: (x) => x * logistic(x) },
  softplus: { run: (x) => softplus(x, { beta: 2 }), plain: (x) => Math.log(1 + Math.exp(2 * x)) / 2 },
}

describe.each(Object.entries(functions))('%s', (name, { run, plain, from = -5 }) => {
  const values = fc.array(fc.double({ min: from, max: 5, noNaN: true }), { maxLength: 40 })

  it('is right in float64', () => {
    fc.assert(fc.property(values, (list) => {
      const out = run(tensor(list, { dtype: 'float64' }))
      expect(out.dtype).toBe('float64')
      expectClose(out, { shape: [list.length], data: list.map(plain) }, { relative: 1e-12, absolute: 1e-14 })
    }))
  })

  it('is right in float32', () => {
    fc.assert(fc.property(values, (list) => {
      const x = tensor(list)
      const out = run(x)
      expect(out.dtype).toBe('float32')
      expectClose(out, { shape: [list.length], data: Array.from(x.data, plain) }, { relative: 2e-6, absolute: 1e-6 })
    }))
  })

  it('keeps the shape, from scalars to long and empty tensors', () => {
    for (const shape of [[], [0], [2, 0, 3], [1, 2, 3], [5000]]) expect(run(zeros(shape)).shape).toEqual(shape)
    expectClose(run(tensor(0.5)), [plain(0.5)], { relative: 1e-6, absolute: 1e-7 })
  })

  it('keeps NaN', () => {
    expect(run(tensor([NaN, 1])).data[0]).toBeNaN()
  })

  it('refuses what has no such function', () => {
    const first = name.split(' ')[0]
    expect(() => run(tensor([true]) as never)).toThrow(`${first}: expected a`)
    if (!['negate', 'abs', 'sign', 'square'].includes(name)) {
      expect(() => run(zeros([1], { dtype: 'int32' }) as never)).toThrow(`${first}: expected a floating-point tensor, got int32: convert it with cast()`)
    }
  })
})

describe('edges', () => {
  const double = (values: number[]) => tensor(values, { dtype: 'float64' })

  it('saturate', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const x = tensor([-Infinity, -1000, 1000, Infinity], { dtype })
      expect(sigmoid(x).toArray()).toEqual([0, 0, 1, 1])
      expect(tanh(x).toArray()).toEqual([-1, -1, 1, 1])
      expect(exp(x).toArray()).toEqual([0, 0, Infinity, Infinity])
      expect(erf(x).toArray()).toEqual([-1, -1, 1, 1])
      expect(elu(x).toArray()).toEqual([-1, -1, 1000, Infinity])
      expect(softplus(x).toArray()).toEqual([0, 0, 1000, Infinity])
    }
  })

  it('logarithms and roots', () => {
    expect(log(double([0, -1])).toArray()).toEqual([-Infinity, NaN])
    expect(sqrt(double([0, -1])).toArray()).toEqual([0, NaN])
    expect(log1p(double([1e-20, -1])).toArray()).toEqual([1e-20, -Infinity])
    expect(expm1(double([1e-20])).toArray()).toEqual([1e-20])
  })

  it('round takes halves to the even integer', () => {
    expect(round(double([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999, 7])).toArray()).toEqual([0, 2, 2, -0, -2, -2, 0, 7])
    const integers = [2 ** 52 + 1, -(2 ** 53), NaN, Infinity]
    expect(round(double(integers)).toArray()).toEqual(integers)
  })

  it('softplus is the identity above its threshold', () => {
    expect(softplus(double([5]), { threshold: 4 }).item()).toBe(5)
    expect(softplus(double([5]), { beta: 0.5, threshold: 4 }).item()).toBeCloseTo(Math.log(1 + Math.exp(2.5)) * 2, 12)
    expect(() => softplus(double([5]), { beta: 0 })).toThrow('softplus: expected a beta other than 0, got 0')
  })

  it('known values', () => {
    // Abramowitz & Stegun 1972, table 7.1; and Φ(1), table 26.1.
    expectClose(erf(double([0.5, 1, 2])), [0.5204998778, 0.8427007929, 0.9953222650], { relative: 0, absolute: 5e-11 })
    expectClose(gelu(double([1])), [0.8413447461], { relative: 0, absolute: 5e-11 })
  })
})

describe('clip', () => {
  it('bounds on either side or both', () => {
    const x = tensor([-2, 0, 2, NaN])
    expect(clip(x, { minimum: -1, maximum: 1 }).toArray()).toEqual([-1, 0, 1, NaN])
    expect(clip(x, { minimum: 1 }).toArray()).toEqual([1, 1, 2, NaN])
    expect(clip(x, { maximum: -1 }).toArray()).toEqual([-2, -1, -1, NaN])
    expect(clip(tensor([5, 9], { dtype: 'int32' }), { maximum: 7 })).toEqual(tensor([5, 7], { dtype: 'int32' }))
  })

  it('refuses bounds in the wrong order', () => {
    expect(() => clip(zeros([1]), { minimum: 2, maximum: 1 })).toThrow('clip: expected a minimum that is not above the maximum, got 2 and 1')
    expect(() => clip(zeros([1]), { minimum: NaN })).toThrow('got NaN and Infinity')
  })
})

describe('isNaN, isFinite', () => {
  it('look at each element', () => {
    const x = tensor([1, NaN, Infinity, -Infinity])
    expect(isNaN(x).toArray()).toEqual([false, true, false, false])
    expect(isFinite(x).toArray()).toEqual([true, false, false, false])
    expectTypeOf(isNaN(x)).toEqualTypeOf<Tensor<'bool'>>()
    expect(() => isNaN(tensor([1], { dtype: 'int32' }) as never)).toThrow('isNaN: expected a floating-point tensor')
  })
})

describe('cast', () => {
  it('between all types', () => {
    const x = tensor([-1.75, 0, 2.5])
    expect(cast(x, 'int32')).toEqual(tensor([-1, 0, 2], { dtype: 'int32' }))
    expect(cast(x, 'float64')).toEqual(tensor([-1.75, 0, 2.5], { dtype: 'float64' }))
    expect(cast(x, 'bool').toArray()).toEqual([true, false, true])
    expect(cast(tensor([true, false]), 'int32').toArray()).toEqual([1, 0])
    expect(cast(tensor([0.1], { dtype: 'float64' }), 'float32').item()).toBe(Math.fround(0.1))
    expect(cast(tensor([0.1, NaN]), 'bool').toArray()).toEqual([true, true])
  })

  it('to the type it has gives the tensor itself', () => {
    const x = tensor([1])
    expect(cast(x, 'float32')).toBe(x)
  })

  it('refuses what int32 cannot hold', () => {
    expect(() => cast(tensor([0, 3e9]), 'int32')).toThrow('cast: expected values from -2^31 to 2^31 - 1 for int32, got 3000000000 at element 1')
    expect(() => cast(tensor([NaN]), 'int32')).toThrow('got NaN at element 0')
    expect(cast(tensor([-2147483648.5, 2147483647.5], { dtype: 'float64' }), 'int32').toArray()).toEqual([-2147483648, 2147483647])
  })

  it('has the type asked for', () => {
    expectTypeOf(cast(tensor([1]), 'int32')).toEqualTypeOf<Tensor<'int32'>>()
    expectTypeOf(cast(tensor([true]), 'float32')).toEqualTypeOf<Tensor<'float32'>>()
    const generic = <D extends FloatDType>(x: Tensor<D>): Tensor<D> => cast(x, x.dtype)
    expect(generic(tensor([1])).item()).toBe(1)
  })
})

describe('reluInputGradient', () => {
  it('lets a gradient through where y is above 0, and no NaN of the other places', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const y = tensor([-1, 0, 2, NaN, -0, Infinity], { dtype })
      const gradient = tensor([NaN, 5, -3, 7, Infinity, NaN], { dtype })
      expect([...reluInputGradient(gradient, y).data]).toEqual([0, 0, -3, 0, 0, NaN])
    }
  })

  it('takes a gradient of its own shape and type', () => {
    expect(() => reluInputGradient(zeros([2]), zeros([3]))).toThrow('expected a gradient of the shape [3] of y, got [2]')
  })
})

describe('stopGradient', () => {
  it('is another tensor of the same values', () => {
    const x = tensor([1, 2])
    expect(stopGradient(x)).not.toBe(x)
    expect(stopGradient(x).data).toBe(x.data)
  })
})

describe('types', () => {
  it('functions keep the type and take floats', () => {
    expectTypeOf(tanh(zeros([1], { dtype: 'float64' }))).toEqualTypeOf<Tensor<'float64'>>()
    expectTypeOf(abs(zeros([1], { dtype: 'int32' }))).toEqualTypeOf<Tensor<'int32'>>()
    // @ts-expect-error no tanh of integers
    expect(() => tanh(zeros([1], { dtype: 'int32' }))).toThrow('tanh: expected a floating-point tensor')
    // @ts-expect-error no negation of bools
    expect(() => negate(tensor([true]))).toThrow('negate: expected a numeric tensor, got bool')
  })
})
