// Heads: their losses against densities found another way, their gradients against central differences, what they say.
import { checkGradients } from '@ostinato/autograd'
import { Rng, tensor, zeros, type Tensor } from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'
import { gaussianHead, pinball, quantileHead, studentTHead, type Head } from '../src/index.ts'

const double = { dtype: 'float64' } as const
const quantileHeads = [[0.1, 0.4, 0.5, 0.9], [0.2, 0.7]].map((levels) => quantileHead(levels))
const heads: readonly Head[] = [gaussianHead(), studentTHead(), ...quantileHeads]

describe.each(heads)('$name of $size outputs', (head) => {
  const outputs = new Rng(1).normal([3, 4, head.size], { dtype: 'float64', deviation: 1.5 })
  const target = new Rng(2).normal([3, 4], { dtype: 'float64', deviation: 2 })

  test('the gradient is that of central differences', () => {
    checkGradients((x) => head.loss(x, target, { reduction: 'none' }), [outputs])
    checkGradients((x) => head.loss(x, target), [outputs])
  })

  test('reductions', () => {
    const each = head.loss(outputs, target, { reduction: 'none' })
    expect(each.shape).toEqual([3, 4])
    const sum = Float64Array.from(each.data).reduce((total, value) => total + value, 0)
    expect(head.loss(outputs, target, { reduction: 'sum' }).item()).toBeCloseTo(sum, 10)
    expect(head.loss(outputs, target).item()).toBeCloseTo(sum / 12, 10)
  })

  test('quantiles rise, whatever the outputs', () => {
    const levels = [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]
    for (let row = 0; row < 12; row++) {
      const { quantile } = head.marginal(outputs.data.subarray(row * head.size, (row + 1) * head.size))
      const values = levels.map(quantile)
      expect(values.every((value, i) => i === 0 || value >= values[i - 1])).toBe(true)
    }
  })

  test('draws fall below each quantile as often as they should', () => {
    const marginal = head.marginal(Array.from({ length: head.size }, (_, i) => 0.3 * i))
    const rng = new Rng(5)
    const draws = Array.from({ length: 8000 }, () => marginal.sample(rng))
    for (const level of [0.4, 0.5, 0.7]) {
      const bound = marginal.quantile(level)
      const below = draws.filter((draw) => draw < bound).length / draws.length
      expect(Math.abs(below - level)).toBeLessThan(0.02)
    }
  })

  test('errors', () => {
    expect(() => head.loss(zeros([2, head.size + 1]), zeros([2]))).toThrow(/expected outputs \[2, \d\] of float32 for these targets/)
    expect(() => head.loss(zeros([2, head.size], double), zeros([2]) as Tensor)).toThrow(/got \[2, \d\] of float64/)
  })
})

/** `-ln(density)` from the slope of the quantile function: the density at `q(p)` is `1 / q'(p)`. */
const densityAt = (head: Head, outputs: number[], level: number) => {
  const { quantile } = head.marginal(outputs)
  return { y: quantile(level), density: 2e-5 / (quantile(level + 1e-5) - quantile(level - 1e-5)) }
}

test.each([
  [gaussianHead(), [1, 0.5]],
  [studentTHead(), [-1, 0.2, 1.5]],
] as const)('the loss is the negative logarithm of the density', (head, outputs) => {
  for (const level of [0.07, 0.4, 0.8]) {
    const { y, density } = densityAt(head, [...outputs], level)
    const loss = head.loss(tensor([[...outputs]], double), tensor([y], double)).item()
    expect(loss).toBeCloseTo(-Math.log(density), 5)
  }
})

test('the loss of quantiles is twice the mean pinball loss', () => {
  const head = quantileHead([0.1, 0.5, 0.8])
  const outputs = [0.4, 1, -0.3]
  const { quantile } = head.marginal(outputs)
  const expected = (2 / 3) * [0.1, 0.5, 0.8].reduce((sum, level) => sum + pinball([1.7], [quantile(level)], level), 0)
  expect(head.loss(tensor([outputs], double), tensor([1.7], double)).item()).toBeCloseTo(expected, 12)
  expect(() => quantileHead([0.5, 0.2])).toThrow(/rising levels/)
})
