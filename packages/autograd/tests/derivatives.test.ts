// The first and second derivatives of arithmetic, activations, reductions and matrix products against central
// differences, and what they are where central differences cannot say: at kinks, ties and infinities.
import { describe, expect, it } from 'vitest'
import { expectClose } from '@ostinato/test-utils'
import {
  abs, add, broadcastTo, cast, ceil, clip, cos, divide, elu, erf, exp, expm1, floor, gelu, greater, leakyRelu, log,
  log1p, logSoftmax, logSumExp,
  linear, matmul, max, maximum, mean, min, minimum, multiply, negate, norm, power, product, relu, reluInputGradient,
  reshape, round, sigmoid, sign,
  silu, sin, softmax, softplus,
  sqrt, square, stopGradient, subtract, sum, sumTo, tanh, tensor, variance, where,
  withRecorder,
  type ReductionOptions, type Tensor,
} from '@ostinato/tensor'
import { activation } from '../src/derivatives/activation.ts'
import { arithmetic } from '../src/derivatives/arithmetic.ts'
import { products } from '../src/derivatives/matmul.ts'
import { reduction } from '../src/derivatives/reduction.ts'
import { unary } from '../src/derivatives/unary.ts'
import { checkGradients, valueAndGrad } from '../src/index.ts'

/** Numbers between `from` and `to` in no order, no two alike and none near a kink at 0, 1 or a half. */
const scattered = (shape: readonly number[], { from = -2, to = 2, seed = 0 } = {}): Tensor<'float64'> => {
  const count = shape.reduce((size, n) => size * n, 1)
  const data = Float64Array.from({ length: count }, (_, i) => {
    const value = from + (to - from) * ((0.137 + (i + 7 * seed) * 0.618034) % 1)
    return Math.abs((value * 2) % 1) < 0.02 ? value + 0.04 : value
  })
  return tensor(data, { shape })
}

type Double = Tensor<'float64'>
type Case = [name: string, f: (...inputs: Double[]) => Tensor, ...inputs: Double[]]

const x = scattered([2, 3])
const positive = scattered([2, 3], { from: 0.2, to: 3 })
const cube = scattered([2, 3, 4])

const binary: [string, (a: Double, b: Double | number) => Double][] = [['add', add], ['subtract', subtract], ['multiply', multiply], ['divide', divide], ['maximum', maximum], ['minimum', minimum],
]
const pairs = binary.flatMap(([name, f]): Case[] => [
    [name, f, scattered([2, 3]), scattered([2, 3], { seed: 1 })],
    [`${name}, stretched`, f, scattered([3, 1, 2]), scattered([4, 1], { seed: 1 })],
    [`${name} with a number`, (a) => add(f(a, 1.3), f(tensor(0.7, { dtype: 'float64' }), a)), scattered([3])],
  ])

const functions: [string, (a: Double) => Tensor][] = [
  ['negate', negate], ['abs', abs], ['sign', sign], ['square', square], ['exp', exp], ['expm1', expm1], ['sin', sin], ['cos', cos], ['floor', floor],
  ['ceil', ceil], ['round', round], ['relu', relu], ['sigmoid', sigmoid], ['tanh', tanh], ['erf', erf], ['leakyRelu', leakyRelu], ['elu', elu],
  ['silu', silu], ['gelu', gelu], ['softplus', softplus],
]

const reductions: [string, (a: Double, options?: ReductionOptions) => Tensor][] = [
  ['sum', sum], ['mean', mean], ['variance', variance], ['max', max], ['min', min], ['product', product], ['norm', norm], ['logSumExp', logSumExp],
]

const cases: Case[] = [
  ...pairs,
  ...functions.map(([name, f]): Case => [name, (a) => f(a), scattered([3, 4], { from: -4, to: 4 })]),
  ['sqrt', sqrt, positive],
  ['log', log, positive],
  ['log1p', log1p, positive],
  ['power', power, positive, x],
  ['power, stretched', power, scattered([3, 1], { from: 0.2, to: 3 }), scattered([2])],
  ['power of a negative base', (a) => power(a, 3), scattered([4])],
  ['clip', (a) => clip(a, { minimum: -1.1, maximum: 0.7 }), scattered([12])],
  ['leakyRelu with a slope', (a) => leakyRelu(a, { slope: 0.3 }), scattered([6])],
  ['elu with an alpha', (a) => elu(a, { alpha: 0.7 }), scattered([6])],
  ['gelu by tanh', (a) => gelu(a, { approximate: 'tanh' }), scattered([12], { from: -4, to: 4 })],
  ['softplus with beta and threshold', (a) => softplus(a, { beta: 2, threshold: 1.5 }), scattered([12])],
  ['reluInputGradient', (a, b) => reluInputGradient(a, b), scattered([6]), scattered([6], { seed: 1 })],
  ['where', (a, b) => where(tensor([[true], [false]]), a, b), scattered([2, 3]), scattered([3], { seed: 1 })],
  ['reshape', (a) => square(reshape(a, [3, 2])), x],
  ['broadcastTo', (a) => square(broadcastTo(a, [4, 2, 3])), x],
  ['sumTo', (a) => square(sumTo(a, [3, 1])), cube],
  ['softmax', (a) => softmax(a), x],
  ['softmax over another axis', (a) => softmax(a, { axis: 1 }), cube],
  ['logSoftmax', (a) => logSoftmax(a), x],
  ['logSoftmax over another axis', (a) => logSoftmax(a, { axis: 0 }), cube],
  ['linear', (x, w, b) => linear(x, w, b), scattered([5, 3]), scattered([4, 3], { seed: 1 }), scattered([4], { seed: 2 })],
  ['linear of a vector', (x, w, b) => linear(x, w, b), scattered([3]), scattered([2, 3], { seed: 1 }), scattered([2])],
  ['linear of a stack', (x, w, b) => linear(x, w, b), scattered([2, 2, 3]), scattered([2, 3], { seed: 1 }), scattered([2])],
  ['matmul', (a, b) => matmul(a, b), scattered([2, 3]), scattered([3, 4], { seed: 1 })],
  ['matmul of stacks', (a, b) => matmul(a, b), scattered([2, 1, 2, 3]), scattered([2, 3, 2], { seed: 1 })],
  ['matmul of a stack and a matrix', (a, b) => matmul(a, b), scattered([2, 2, 3]), scattered([3, 2], { seed: 1 })],
  ['matmul of vectors', (a, b) => matmul(a, b), scattered([4]), scattered([4], { seed: 1 })],
  ['matmul of a matrix and a vector', (a, b) => matmul(a, b), scattered([2, 3]), scattered([3], { seed: 1 })],
  ['matmul, A transposed', (a, b) => matmul(a, b, { transposeA: true }), scattered([3, 2]), scattered([3, 4], { seed: 1 })],
  ['matmul, B transposed', (a, b) => matmul(a, b, { transposeB: true }), scattered([2, 3]), scattered([4, 3], { seed: 1 })],
  ['matmul of stacks, both transposed', (a, b) => matmul(a, b, { transposeA: true, transposeB: true }), scattered([2, 3, 2]), scattered([2, 4, 3], { seed: 1 })],
  ['matmul of a stack transposed and a matrix', (a, b) => matmul(a, b, { transposeA: true }), scattered([2, 3, 2]), scattered([3, 4], { seed: 1 })],
  ...reductions
    .flatMap(([name, f]): Case[] => [
      [name, (a) => f(a), scattered([2, 3])],
      [`${name} over an axis`, (a) => f(a, { axis: 1 }), cube],
      [`${name} over two axes, kept`, (a) => f(a, { axis: [0, -1], keepAxes: true }), cube],
    ]),
  ['variance without correction', (a) => variance(a, { axis: 0, correction: 0 }), cube],
]

describe('first and second derivatives', () => {
  it.each(cases)('%s', (_, f, ...inputs) => {
    checkGradients((...given) => f(...given), inputs, { secondOrder: true })
  })

  it('leave out none of these families', () => {
    const heard = new Set<string>()
    const recorder = { record: ({ name }: { name: string }) => void heard.add(name), tracks: () => false }
    withRecorder(recorder, () => { for (const [, f, ...inputs] of cases) f(...inputs) })
    const families = { ...activation, ...arithmetic, ...products, ...reduction, ...unary }
    // A cast through float32 is too coarse for differences; it has a test of its own.
    expect(Object.keys(families).filter((name) => !heard.has(name))).toEqual(['cast'])
  })

  it('a composition, to the third order', () => {
    const f = (a: Tensor) => sum(multiply(tanh(a), exp(multiply(a, 0.5))))
    const third = (a: Tensor<'float64'>) => {
      const slope = (order: number): Tensor => {
        if (order === 0) return f(a)
        const { grads } = valueAndGrad(a, () => slope(order - 1))
        return sum(grads.get(a) as Tensor)
      }
      return slope(2)
    }
    checkGradients(third, [scattered([3])], { secondOrder: true })
  })

  it('in float32 the gradient is float32', () => {
    const w = tensor([[1, 2], [3, 4]])
    const { grads } = valueAndGrad(w, () => mean(softmax(matmul(w, w), { axis: 0 })))
    expect(grads.get(w)?.dtype).toBe('float32')
  })
})

/** The gradient of the sum of `f`. */
const slope = (f: (x: Tensor) => Tensor, values: readonly number[]) => {
  const at = tensor(values, { dtype: 'float64' })
  return Array.from(valueAndGrad(at, () => sum(f(at))).grads.get(at)?.data ?? [])
}

describe('where differences say nothing', () => {
  it.each<[string, (x: Tensor) => Tensor, number[], number[]]>([
    ['abs at 0', abs, [0, -0], [0, 0]],
    ['relu at 0', relu, [0, -1, 1], [0, 0, 1]],
    ['leakyRelu at 0', leakyRelu, [0], [0.01]],
    ['elu at 0', elu, [0], [1]],
    ['sqrt at 0', sqrt, [0], [Infinity]],
    ['log at 0', log, [0], [Infinity]],
    ['clip at its bounds', (a) => clip(a, { minimum: -1, maximum: 1 }), [-1, 1, -1.1, 1.1, NaN], [1, 1, 0, 0, 0]],
    ['norm of zeros', (a) => norm(a), [0, 0], [0, 0]],
    ['max with ties', (a) => max(a), [3, 1, 3, 2, 3], [1 / 3, 0, 1 / 3, 0, 1 / 3]],
    ['min with ties', (a) => min(a), [1, 1, 2], [0.5, 0.5, 0]],
    ['maximum of equals', (a) => maximum(a, 2), [2, 1, 3], [0.5, 0, 1]],
    ['minimum of equals', (a) => minimum(2, a), [2, 1, 3], [0.5, 1, 0]],
    ['product with one 0', (a) => product(a), [2, 0, 3], [0, 6, 0]],
    ['product with two 0', (a) => product(a), [0, 0, 3], [0, 0, 0]],
    ['power 2 at 0', (a) => power(a, 2), [0, -3], [0, -6]],
    ['power 0', (a) => power(a, 0), [0, -3], [0, 0]],
    ['power 1 at 0', (a) => power(a, 1), [0], [1]],
    ['a power of 0 and of a negative number', (a) => power(tensor([0, 0, -2], { dtype: 'float64' }), a), [2, 0, 2], [0, 0, NaN]],
    ['softmax of a mask', (a) => multiply(softmax(where(tensor([true, true, false]), a, -Infinity)), tensor([1, 2, 3], { dtype: 'float64' })), [0, 0, 5], [-0.25, 0.25, 0]],
    ['logSumExp of a mask', (a) => logSumExp(where(tensor([true, false]), a, -Infinity)), [1, 5], [1, 0]],
    ['softplus saturated', softplus, [1000, -1000], [1, 0]],
    ['sigmoid and tanh saturated', (a) => add(sigmoid(a), tanh(a)), [1000, -1000], [0, 0]],
  ])('%s', (_, f, at, expected) => {
    expectClose(slope(f, at), expected, { relative: 1e-12, absolute: 1e-15 })
  })

  it('where lets no NaN through from the side that was not taken', () => {
    const safe = (a: Tensor) => where(greater(a, 0), log(where(greater(a, 0), a, 1)), 0)
    expect(slope(safe, [-1, 0, 2])).toEqual([0, 0, 0.5])
  })

  it('no gradient where there is none', () => {
    for (const f of [sign, floor, ceil, round, (a: Tensor) => stopGradient(square(a)), (a: Tensor) => cast(greater(a, 0), 'float64')]) {
      expect(slope(f, [1.3])).toEqual([])
    }
    expect(slope((a) => multiply(a, stopGradient(a)), [3])).toEqual([3])
  })

  it('cast gives the gradient back in the type of its input', () => {
    const single = tensor([1, 2])
    const { grads } = valueAndGrad(single, () => sum(square(cast(single, 'float64'))))
    expect(grads.get(single)).toEqual(tensor([2, 4]))
  })

  it('a power with a constant exponent asks for no logarithm of a negative base', () => {
    const base = tensor([-2], { dtype: 'float64' })
    expect(valueAndGrad(base, () => sum(power(base, 2))).grads.get(base)?.item()).toBe(-4)
  })
})
