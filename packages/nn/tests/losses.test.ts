// Values, reductions and errors of the losses. Gradients are in gradients.test.ts, CTC in ctc.test.ts.
import { expectClose } from '@ostinato/test-utils'
import { valueAndGrad } from '@ostinato/autograd'
import {
  full, Rng, tensor, withRecorder, zeros, type CustomRecord, type OperationRecord, type Tensor,
} from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'
import {
  binaryCrossEntropyWithLogits, crossEntropy, huber, meanAbsoluteError, meanSquaredError, type CrossEntropyOptions,
  type Reduction,
} from '@ostinato/nn'

const close = { relative: 1e-12, absolute: 1e-12 }
const double = { dtype: 'float64' } as const
const ids = (values: number[] | number[][]) => tensor(values, { dtype: 'int32' })

/** The definition, one element after the other. */
function elementOf(logits: readonly number[], target: number, options: CrossEntropyOptions): number {
  const { labelSmoothing = 0, weights } = options
  const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0))
  const weightOf = (c: number) => weights?.data[c] ?? 1
  const even = logits.reduce((sum, x, c) => sum + weightOf(c) * (total - x), 0) / logits.length
  return (1 - labelSmoothing) * weightOf(target) * (total - logits[target]) + labelSmoothing * even
}

describe('crossEntropy', () => {
  const rows = [
    [0.5, -1, 2, 0], [3, 0.1, -0.4, 1], [-2, 0, 0.25, 0.5], [1, 1, 1, 1.5], [0, 4, -3, 2], [0.3, 0.2, 0.1, 0],
  ]
  const targets = [2, 0, -7, 3, 1, -7]
  const logits = tensor(rows, double)
  const weights = tensor([0.5, 2, 1, 0.25], double)

  test.each<CrossEntropyOptions>([
    {}, { labelSmoothing: 0.2 }, { weights }, { weights, labelSmoothing: 0.3 },
  ])('is what its definition says, %#', (options) => {
    const elements = rows.map((row, i) => (targets[i] === -7 ? 0 : elementOf(row, targets[i], options)))
    const sum = elements.reduce((a, b) => a + b)
    const count = targets.reduce((n, id) => n + (id === -7 ? 0 : options.weights?.data[id] ?? 1), 0)
    const loss = (reduction: Reduction) => crossEntropy(logits, ids(targets), { ...options, ignoreId: -7, reduction })
    expectClose(loss('none'), { shape: [6], data: elements }, close)
    expectClose(loss('sum'), { shape: [], data: [sum] }, close)
    expectClose(loss('mean'), { shape: [], data: [sum / count] }, close)
  })

  test('takes any number of axes before the classes', () => {
    const batch = new Rng(0).normal([2, 3, 4], double)
    const losses = crossEntropy(batch, ids([[0, 1, 2], [3, 0, 1]]), { reduction: 'none' })
    expect(losses.shape).toEqual([2, 3])
    const [first] = batch.toArray() as number[][][]
    expect(losses.data[2]).toBeCloseTo(elementOf(first[2], 2, {}), 12)
    expect(crossEntropy(tensor([0, 0], double), ids(1 as unknown as number[])).item()).toBeCloseTo(Math.LN2, 12)
  })

  test('an ignored class id may be a class, and ignored scores may be infinite', () => {
    const scores = tensor([[-Infinity, 0], [0, 0]])
    expect(crossEntropy(scores, ids([0, 1]), { ignoreId: 0 }).item()).toBeCloseTo(Math.LN2, 6)
  })

  test('ignored rows get no gradient, whatever their scores are', () => {
    const scores = tensor([[NaN, 0], [0, 0], [-Infinity, Infinity], [NaN, NaN]], double)
    const targets = ids([7, 1, 7, 7])
    const { value, grads } = valueAndGrad(scores, () => crossEntropy(scores, targets, { ignoreId: 7 }))
    expect(value.item()).toBeCloseTo(Math.LN2, 12)
    expectClose(grads.get(scores) ?? zeros([0]), tensor([[0, 0], [0.5, -0.5], [0, 0], [0, 0]], double), close)
  })

  test('its derivative can be asked more than once, and gives every row what its gradient says', () => {
    const records: CustomRecord[] = []
    const record = (operation: OperationRecord) => { records.push(operation as CustomRecord) }
    const recorder = { record, tracks: () => true }
    withRecorder(recorder, () => crossEntropy(logits, ids(targets), { ignoreId: -7, reduction: 'none' }))
    const crossEntropyRecord = records.find(({ name }) => name === 'crossEntropy')
    const gradient = tensor([1, 2, 5, 0, -3, 5], double)
    const [first, second] = [0, 1].map(() => crossEntropyRecord?.derivative([gradient])[0] ?? zeros([0]))
    const expected = rows.flatMap((row, i) => {
      const sum = row.reduce((all, x) => all + Math.exp(x), 0)
      const scale = targets[i] === -7 ? 0 : gradient.data[i]
      return row.map((x, c) => scale * (Math.exp(x) / sum - (c === targets[i] ? 1 : 0)))
    })
    expectClose(first, { shape: [6, 4], data: expected }, close)
    expect(second).not.toBe(first)
    expectClose(second, { shape: [6, 4], data: expected }, close)
  })

  test('large scores do not overflow', () => {
    expectClose(crossEntropy(tensor([[1000, 0], [0, 1000]]), ids([0, 0]), { reduction: 'none' }).data, [0, 1000])
  })

  test('errors', () => {
    const scores = zeros([2, 3])
    expect(() => crossEntropy(scores, ids([0, 3]))).toThrow(
      'crossEntropy: expected class ids from 0 to 2, got 3 (element 1)')
    expect(() => crossEntropy(scores, ids([0, -1]), { ignoreId: 9 })).toThrow(/from 0 to 2 or ignoreId 9, got -1/)
    expect(() => crossEntropy(scores, ids([0]))).toThrow(/expected targets \[2\], got targets \[1\] for logits \[2, 3\]/)
    expect(() => crossEntropy(scores, zeros([2]) as unknown as Tensor<'int32'>)).toThrow(/targets: expected int32, got float32/)
    expect(() => crossEntropy(scores, ids([0, 0]), { weights: zeros([2]) })).toThrow(/weights: expected \[classes=3\], got \[2\]/)
    expect(() => crossEntropy(scores, ids([4, 4]), { ignoreId: 4 })).toThrow(/expected a target that counts, got none among 2/)
    expect(crossEntropy(scores, ids([4, 4]), { ignoreId: 4, reduction: 'sum' }).item()).toBe(0)
    expect(() => crossEntropy(scores, ids([0, 0]), { labelSmoothing: 1.5, reduction: 'average' as Reduction })).toThrow(
      /2 faults[^]*labelSmoothing from 0 to 1, got 1.5[^]*got 'average'/)
  })
})

describe('binaryCrossEntropyWithLogits', () => {
  const x = [-30, -2, 0, 0.5, 40]
  const t = [0, 1, 1, 0.25, 1]
  const naive = (p: number) => x.map((value, i) => {
    const sigmoid = 1 / (1 + Math.exp(-value))
    return -(p * t[i] * Math.log(sigmoid) + (1 - t[i]) * (value > 30 ? 0 : Math.log(1 - sigmoid)))
  })

  test.each([1, 3])('is what its definition says, positive weight %d', (p) => {
    const options = { positiveWeight: tensor([p], double), reduction: 'none' } as const
    const losses = binaryCrossEntropyWithLogits(tensor(x, double), tensor(t, double), p === 1 ? { reduction: 'none' } : options)
    expectClose(losses.data, naive(p), { relative: 1e-9, absolute: 1e-12 })
  })

  test('weights count elements, the mean divides by their number', () => {
    const weights = tensor([[1], [0]], double)
    const logits = zeros([2, 2], double)
    expect(binaryCrossEntropyWithLogits(logits, logits, { weights }).item()).toBeCloseTo(Math.LN2 / 2, 12)
    expect(binaryCrossEntropyWithLogits(logits, logits, { weights, reduction: 'sum' }).item()).toBeCloseTo(2 * Math.LN2, 12)
  })

  test('does not overflow', () => {
    const losses = binaryCrossEntropyWithLogits(tensor([1e4, -1e4]), tensor([0, 1]), { reduction: 'none' })
    expect(Array.from(losses.data)).toEqual([1e4, 1e4])
  })

  test('errors', () => {
    expect(() => binaryCrossEntropyWithLogits(zeros([2, 1]), zeros([2]))).toThrow(/expected targets of shape \[2, 1\], got \[2\]/)
    expect(() => binaryCrossEntropyWithLogits(zeros([2]), tensor([0, 2]))).toThrow(/expected targets from 0 to 1, got 2 \(element 1\)/)
    const options = { weights: zeros([3]), positiveWeight: zeros([1, 2]) }
    expect(() => binaryCrossEntropyWithLogits(zeros([2]), zeros([2]), options)).toThrow(
      /2 faults[^]*weights that broadcast to \[2\], got \[3\][^]*positiveWeight that broadcast to \[2\], got \[1, 2\]/)
  })
})

describe('losses between numbers', () => {
  const a = tensor([[1, -2], [0.5, 4]], double)
  const b = tensor([[1, 1], [0, 0]], double)

  test.each([
    ['meanSquaredError', meanSquaredError, [0, 9, 0.25, 16]],
    ['meanAbsoluteError', meanAbsoluteError, [0, 3, 0.5, 4]],
    ['huber', huber, [0, 2.5, 0.125, 3.5]],
  ] as const)('%s', (name, loss, elements) => {
    expectClose(loss(a, b, { reduction: 'none' }), { shape: [2, 2], data: elements }, close)
    const sum = elements.reduce((total: number, x) => total + x, 0)
    expect(loss(a, b, { reduction: 'sum' }).item()).toBeCloseTo(sum, 12)
    expect(loss(a, b).item()).toBeCloseTo(sum / 4, 12)
    expect(() => loss(zeros([3, 1]), zeros([3]))).toThrow(`${name}: expected targets of shape [3, 1], got [3]`)
    expect(() => loss(zeros([3]), zeros([3], double))).toThrow(/expected targets of type float32, got float64/)
    expect(() => loss(a, b, { reduction: 'max' as Reduction })).toThrow(/expected reduction 'mean', 'sum' or 'none', got 'max'/)
  })

  test('huber turns at delta', () => {
    const losses = huber(tensor([0.5, 2, 10], double), zeros([3], double), { delta: 2, reduction: 'none' })
    expect(Array.from(losses.data)).toEqual([0.125, 2, 18])
    expect(() => huber(a, b, { delta: 0 })).toThrow(/expected delta above 0 and finite, got 0/)
  })

  test('a NaN comes through', () => {
    expect(meanSquaredError(full([2], NaN), zeros([2])).item()).toBeNaN()
    expect(huber(full([2], NaN), zeros([2])).item()).toBeNaN()
  })
})
