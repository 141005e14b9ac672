// The distributions of starting values: moments, bounds, orthogonality.
import { Rng, type Shape, type Tensor } from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'
import {
  Embedding, fanInUniform, glorotNormal, glorotUniform, heNormal, heUniform, Linear, MultiHeadAttention, normal,
  orthogonal, uniform, type GainOptions,
} from '@ostinato/nn'

type Scaled = (shape: Shape, options: GainOptions) => Tensor

const moments = (tensor: Tensor) => {
  const values = Array.from(tensor.data)
  const average = (of: (x: number) => number) => values.reduce((sum, x) => sum + of(x), 0) / values.length
  const mean = average((x) => x)
  const variance = average((x) => (x - mean) ** 2)
  const kurtosis = average((x) => (x - mean) ** 4) / variance ** 2
  return { mean, variance, kurtosis, largest: values.reduce((most, x) => Math.max(most, Math.abs(x)), 0) }
}

// 128 outputs, 64 channels in, a kernel of 5: fan-in 320, fan-out 640; 40,960 values.
const shape = [128, 64, 5]
const cases: [name: string, initialiser: Scaled, variance: number, even: boolean][] = [
  ['fanInUniform', fanInUniform, 1 / (3 * 320), true],
  ['glorotUniform', glorotUniform, 2 / (320 + 640), true],
  ['glorotNormal', glorotNormal, 2 / (320 + 640), false],
  ['heUniform', heUniform, 2 / 320, true],
  ['heNormal', heNormal, 2 / 320, false],
]

describe.each(cases)('%s', (_name, initialiser, variance, even) => {
  test('has the variance, the shape of distribution and the bounds of its definition', () => {
    const found = moments(initialiser(shape, { rng: new Rng(3), dtype: 'float64' }))
    // Five standard errors of 40,960 values: of the mean, of the variance, of the kurtosis.
    expect(Math.abs(found.mean)).toBeLessThan(5 * Math.sqrt(variance / 40960))
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(5 * Math.sqrt((even ? 0.8 : 2) / 40960))
    expect(Math.abs(found.kurtosis - (even ? 1.8 : 3))).toBeLessThan(even ? 0.05 : 0.13)
    if (even) expect(found.largest).toBeLessThanOrEqual(Math.sqrt(3 * variance))
    if (even) expect(found.largest).toBeGreaterThan(0.999 * Math.sqrt(3 * variance))
  })

  test('scales with gain, is float32 by default and repeats with the seed', () => {
    const once = initialiser([4, 6], { rng: new Rng(3), dtype: 'float64', gain: 1 })
    const twice = initialiser([4, 6], { rng: new Rng(3), dtype: 'float64', gain: 2 })
    expect(Array.from(twice.data, (x) => x / 2)).toEqual(Array.from(once.data, (x) => expect.closeTo(x, 12) as number))
    expect(initialiser([4, 6], { rng: new Rng(3) }).dtype).toBe('float32')
    expect(initialiser([4, 6], { rng: new Rng(3), dtype: 'float64', gain: 1 }).data).toEqual(once.data)
  })

  test('needs a weight', () => {
    expect(() => initialiser([5], { rng: new Rng(0) })).toThrow(/expected a weight \[out, in, \.\.\.kernel\], got \[5\]/)
  })
})

test('uniform and normal take their parameters', () => {
  const even = moments(uniform([100, 100], { rng: new Rng(1), low: 2, high: 6, dtype: 'float64' }))
  expect(even.mean).toBeCloseTo(4, 1)
  expect(even.variance).toBeCloseTo(16 / 12, 1)
  const bell = moments(normal([100, 100], { rng: new Rng(1), mean: -3, deviation: 0.5, dtype: 'float64' }))
  expect(bell.mean).toBeCloseTo(-3, 1)
  expect(bell.variance).toBeCloseTo(0.25, 1)
})

describe('orthogonal', () => {
  const gram = ({ data, shape: [rows], size }: Tensor, byRows: boolean) => {
    const columns = size / rows
    const [count, length] = byRows ? [rows, columns] : [columns, rows]
    const at = (i: number, k: number) => (byRows ? data[i * columns + k] : data[k * columns + i])
    return Array.from({ length: count * count }, (_, n) => {
      let dot = 0
      for (let k = 0; k < length; k++) dot += at(Math.floor(n / count), k) * at(n % count, k)
      return dot
    })
  }

  test.each([[[24, 24]], [[8, 20]], [[20, 8]], [[6, 2, 5]], [[1, 1]]])('%j has orthonormal rows or columns', (size) => {
    const matrix = orthogonal(size, { rng: new Rng(5), gain: 3, dtype: 'float64' })
    const columns = matrix.size / size[0]
    const products = gram(matrix, size[0] <= columns)
    const count = Math.min(size[0], columns)
    products.forEach((dot, n) => expect(dot).toBeCloseTo(Math.floor(n / count) === n % count ? 9 : 0, 11))
  })

  test('favours no direction: entries have mean 0 and variance 1 / n', () => {
    const rng = new Rng(6)
    const samples = Array.from({ length: 2000 }, () => orthogonal([3, 3], { rng, dtype: 'float64' }).data)
    for (let i = 0; i < 9; i++) {
      const values = samples.map((sample) => sample[i])
      expect(Math.abs(values.reduce((a, b) => a + b) / 2000)).toBeLessThan(0.07)
      expect(Math.abs(values.reduce((a, b) => a + b * b, 0) / 2000 - 1 / 3)).toBeLessThan(0.04)
    }
  })

  test('needs two axes', () => {
    expect(() => orthogonal([4], { rng: new Rng(0) })).toThrow(/orthogonal: expected at least two axes, got \[4\]/)
  })
})

describe('what layers start with', () => {
  test('Linear: U(-1/sqrt(in), 1/sqrt(in)) for weight and bias, as PyTorch', () => {
    const { weight, bias } = new Linear(100, 400, { rng: new Rng(2) })
    expect(moments(weight).variance).toBeCloseTo(1 / 300, 4)
    expect(bias && moments(bias).variance).toBeCloseTo(1 / 300, 3)
    expect(moments(weight).largest).toBeLessThanOrEqual(0.1)
  })

  test('an initialiser of choice', () => {
    const layer = new Linear(4, 4, { rng: new Rng(2), initialiser: (shape, options) => orthogonal(shape, options), dtype: 'float64' })
    const [a, b] = layer.weight.toArray() as number[][]
    expect(a.reduce((sum, x, i) => sum + x * b[i], 0)).toBeCloseTo(0, 12)
  })

  test('Embedding: standard normal', () => {
    const found = moments(new Embedding(500, 40, { rng: new Rng(2) }).weight)
    expect(found.variance).toBeCloseTo(1, 1)
    expect(found.kurtosis).toBeCloseTo(3, 0)
  })

  test('MultiHeadAttention: Glorot over [3 embed, embed], biases 0', () => {
    const attention = new MultiHeadAttention(64, 4, { rng: new Rng(2) })
    expect(moments(attention.inProjectionWeight).variance).toBeCloseTo(2 / 256, 3)
    expect(attention.inProjectionBias?.data.every((b) => b === 0)).toBe(true)
    expect(attention.outputProjection.bias?.data.every((b) => b === 0)).toBe(true)
  })
})
