// The CTC loss against the sum over all paths, written out; its edges and errors.
import { expectClose } from '@ostinato/test-utils'
import { logSoftmax, Rng, slice, tensor, zeros, type Tensor } from '@ostinato/tensor'
import { valueAndGrad } from '@ostinato/autograd'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ctcLoss, type Reduction } from '@ostinato/nn'

const ids = (values: number[] | number[][]) => tensor(values, { dtype: 'int32' })

/** Merges repeated classes and drops blanks. */
const collapse = (path: readonly number[], blank: number) => path.filter((c, t) => c !== blank && c !== path[t - 1])

/** `-log` of the sum of the probabilities of all paths that collapse to `target`: every path is tried. */
function bySearch(logProbabilities: readonly (readonly number[])[], target: readonly number[], blank: number): number {
  const [steps, classes] = [logProbabilities.length, logProbabilities[0]?.length ?? 0]
  let total = 0
  for (let n = 0; n < classes ** steps; n++) {
    const path = logProbabilities.map((_, t) => Math.floor(n / classes ** t) % classes)
    if (collapse(path, blank).join() !== target.join()) continue
    total += Math.exp(path.reduce((sum, c, t) => sum + logProbabilities[t][c], 0))
  }
  return -Math.log(total)
}

const scores = (shape: number[], seed: number) => logSoftmax(new Rng(seed).normal(shape, { dtype: 'float64', deviation: 2 }))

describe('ctcLoss', () => {
  test('equals the sum over all paths, for any lengths, labels and blank', () => {
    const to = (max: number) => fc.integer({ min: 0, max })
    const row = fc.record({ steps: to(5), labels: fc.array(to(1), { maxLength: 4 }) })
    fc.assert(fc.property(fc.array(row, { minLength: 1, maxLength: 3 }), to(2), fc.integer(), (rows, blank, seed) => {
      const x = scores([5, rows.length, 3], seed)
      const targets = rows.map(({ labels }) => labels.map((label) => (label >= blank ? label + 1 : label)))
      const padded = targets.map((target) => [...target, ...new Array<number>(4 - target.length).fill(-9)])
      const inputLengths = rows.map(({ steps }) => steps)
      const targetLengths = targets.map((target) => target.length)
      const expected = targets.map((target, i) => {
        const own = slice(x, [[0, inputLengths[i]], i]).toArray() as number[][]
        return inputLengths[i] === 0 ? (target.length === 0 ? 0 : Infinity) : bySearch(own, target, blank)
      })
      const options = { inputLengths, targetLengths, blank, reduction: 'none' } as const
      expectClose(ctcLoss(x, ids(padded), options).data, expected, { relative: 1e-9, absolute: 1e-9 })
      expectClose(ctcLoss(x, ids(targets.flat()), options).data, expected, { relative: 1e-9, absolute: 1e-9 })
    }), { numRuns: 60 })
  })

  test('mean divides by the number of labels, at least 1, then by the rows', () => {
    const x = scores([4, 2, 3], 1)
    const losses = (reduction: Reduction) => ctcLoss(x, ids([[1, 2], [0, 0]]), { targetLengths: [2, 0], reduction })
    const [a, b] = losses('none').data
    expect(losses('sum').item()).toBeCloseTo(a + b, 12)
    expect(losses('mean').item()).toBeCloseTo((a / 2 + b) / 2, 12)
  })

  test('an empty target asks for blanks alone', () => {
    const x = scores([3, 1, 4], 2)
    const blanks = [0, 1, 2].map((t) => x.data[t * 4 + 3])
    expect(ctcLoss(x, zeros([1, 0], { dtype: 'int32' }), { blank: 3 }).item()).toBeCloseTo(-(blanks[0] + blanks[1] + blanks[2]), 12)
  })

  test('an impossible alignment is Infinity, or 0 without gradient on demand', () => {
    const x = scores([2, 2, 3], 3)
    // A repeated label needs a blank between: three steps.
    const targets = ids([[1, 1], [1, 2]])
    expect(ctcLoss(x, targets, { reduction: 'none' }).data[0]).toBe(Infinity)
    const gradientOf = (zeroInfinity: boolean) => {
      const { value, grads } = valueAndGrad(x, () => ctcLoss(x, targets, { zeroInfinity, reduction: 'sum' }))
      return { value: value.item(), gradient: grads.get(x) as Tensor }
    }
    const finite = gradientOf(true)
    expect(finite.value).toBeCloseTo(ctcLoss(x, targets, { reduction: 'none' }).data[1], 12)
    expect(slice(finite.gradient, [undefined, 0]).data.every((g) => g === 0)).toBe(true)
    expect(slice(finite.gradient, [undefined, 1]).data.some((g) => g !== 0)).toBe(true)
    expect(slice(gradientOf(false).gradient, [undefined, 0]).data.every((g) => Number.isNaN(g))).toBe(true)
  })

  test('the gradient is minus the probability of each class at each step, and stops at the length', () => {
    const x = scores([5, 2, 4], 4)
    const options = { inputLengths: [5, 3], targetLengths: [2, 1], reduction: 'sum' } as const
    const { grads } = valueAndGrad(x, () => ctcLoss(x, ids([[1, 3], [2, 2]]), options))
    const gradient = grads.get(x)?.toArray() as number[][][]
    gradient.forEach((step, t) => step.forEach((row, i) => {
      expect(row.reduce((sum, g) => sum + g, 0)).toBeCloseTo(t < options.inputLengths[i] ? -1 : 0, 12)
    }))
  })

  test('works in float32', () => {
    const x = scores([30, 4, 6], 5)
    const single = tensor(Float32Array.from(x.data), { shape: x.shape })
    const targets = ids([[1, 2, 3], [4, 4, 4], [5, 1, 5], [2, 2, 3]])
    expectClose(ctcLoss(single, targets).data, ctcLoss(x, targets).data, { relative: 1e-5 })
    const gradient = (y: Tensor) => valueAndGrad(y, () => ctcLoss(y, targets)).grads.get(y) as Tensor
    expectClose(gradient(single), gradient(x), { relative: 1e-4, absolute: 1e-6 })
  })

  test('a certain path costs nothing; a NaN comes through', () => {
    const certain = tensor([[[-Infinity, 0]], [[0, -Infinity]]], { dtype: 'float64' })
    expect(ctcLoss(certain, ids([[1]])).item()).toBe(0)
    expect(ctcLoss(tensor([[[NaN, NaN]]]), ids([[1]])).item()).toBeNaN()
  })

  test('there is no gradient of the gradient', () => {
    const x = scores([3, 1, 3], 6)
    const inner = () => valueAndGrad(x, () => ctcLoss(x, ids([[1]]))).value
    const twice = () => valueAndGrad(x, () => {
      const gradient = valueAndGrad(x, inner).grads.get(x)
      return slice(gradient ?? x, [0, 0, 0])
    })
    expect(twice).toThrow(/ctcLoss: there is no gradient of its gradient/)
  })

  test('errors', () => {
    const x = zeros([3, 2, 4])
    expect(() => ctcLoss(x, ids([[1], [0]]))).toThrow(
      'ctcLoss: expected labels from 0 to 3 other than blank=0, got 0 in row 1')
    expect(() => ctcLoss(x, ids([[1], [4]]))).toThrow(/got 4 in row 1/)
    expect(() => ctcLoss(x, ids([[1]]))).toThrow(/targets: expected \[batch=2, labels\], or \[labels\] with targetLengths, got \[1, 1\]/)
    expect(() => ctcLoss(x, ids([1, 2]))).toThrow(/with targetLengths, got \[2\]/)
    expect(() => ctcLoss(x, ids([1, 2]), { targetLengths: [1, 2] })).toThrow(/as many as targetLengths add up to, 3, got 2/)
    expect(() => ctcLoss(x, ids([[1], [1]]), { inputLengths: [4, 1], targetLengths: [1, 2, 3], blank: 4 })).toThrow(
      /3 faults[^]*inputLengths from 0 to 3, got 4 in row 0[^]*expected 2 targetLengths, one for each row, got 3[^]*blank from 0 to 3, got 4/)
    expect(() => ctcLoss(zeros([3, 4]), ids([[1]]))).toThrow(/logProbabilities: expected \[time, batch, classes\], got \[3, 4\]: 2 axes instead of 3/)
  })
})
