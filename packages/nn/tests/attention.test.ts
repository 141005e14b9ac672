// Multi-head attention against its definition, one query at a time; masks, lengths, shared inputs.
import { expectClose } from '@ostinato/test-utils'
import { ones, Rng, slice, sum, tensor, withTraining, zeros, type Tensor } from '@ostinato/tensor'
import { valueAndGrad } from '@ostinato/autograd'
import { describe, expect, test } from 'vitest'
import { MultiHeadAttention } from '@ostinato/nn'

const double = { dtype: 'float64' } as const
const rng = new Rng(11)
const attention = new MultiHeadAttention(6, 2, { rng, ...double })
attention.inProjectionBias?.assign(rng.normal([18], double))
const query = rng.normal([2, 3, 6], double)
const key = rng.normal([2, 4, 6], double)
const value = rng.normal([2, 4, 6], double)

const rows = (x: Tensor) => x.toArray() as number[][]
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((total, x, i) => total + x * b[i], 0)

/** One row of the batch by the definition; `allowed(head, i, j)`. */
function byDefinition(row: number, allowed: (head: number, i: number, j: number) => boolean) {
  const bias = Array.from(attention.inProjectionBias?.data ?? [])
  const project = (x: Tensor, part: number) => (x.toArray() as number[][][])[row].map((step) =>
    rows(attention.inProjectionWeight).slice(6 * part, 6 * part + 6).map((w, i) => dot(w, step) + bias[6 * part + i]))
  const [q, k, v] = [query, key, value].map(project)
  const weights = [0, 1].map((head) => q.map((qi, i) => {
    const part = (x: number[]) => x.slice(3 * head, 3 * head + 3)
    const e = k.map((kj, j) => (allowed(head, i, j) ? Math.exp(dot(part(qi), part(kj)) / Math.sqrt(3)) : 0))
    const total = e.reduce((a, b) => a + b)
    return e.map((x) => (total === 0 ? 0 : x / total))
  }))
  const output = q.map((_, i) => {
    const context = [0, 1, 2, 3, 4, 5].map((f) => dot(weights[f < 3 ? 0 : 1][i], v.map((vj) => vj[f])))
    const { weight, bias: shift } = attention.outputProjection
    return rows(weight).map((w, f) => dot(w, context) + (shift?.data[f] ?? 0))
  })
  return { weights, output }
}

const expectDefinition = (
  options: Parameters<MultiHeadAttention['forward']>[3],
  allowed: (row: number, head: number, i: number, j: number) => boolean,
) => {
  const result = attention.forward(query, key, value, options)
  for (const row of [0, 1]) {
    const expected = byDefinition(row, (head, i, j) => allowed(row, head, i, j))
    expectClose(slice(result.output, [row]).data, expected.output.flat(), { relative: 1e-10, absolute: 1e-12 })
    expectClose(slice(result.weights, [row]).data, expected.weights.flat(2), { relative: 1e-10, absolute: 1e-12 })
  }
}

describe('MultiHeadAttention', () => {
  test('is its definition', () => {
    expectDefinition({}, () => true)
  })

  test('a mask of two axes holds for every row and head', () => {
    const causal = tensor([[true, false, false, false], [true, true, false, false], [true, true, true, false]])
    expectDefinition({ mask: causal }, (_row, _head, i, j) => j <= i)
  })

  test('a mask of four axes may differ by row and head', () => {
    const mask = rng.bernoulli([2, 2, 3, 4], 0.6)
    const at = mask.toArray() as boolean[][][][]
    expectDefinition({ mask }, (row, head, i, j) => at[row][head][i][j])
    const byRow = rng.bernoulli([2, 1, 1, 4], 0.5)
    const of = byRow.toArray() as boolean[][][][]
    expectDefinition({ mask: byRow }, (row, _head, _i, j) => of[row][0][0][j])
  })

  test('key lengths, zero included, join the mask; without a key the weights are 0 and the gradient is finite', () => {
    expectDefinition({ keyLengths: [3, 0] }, (row, _head, _i, j) => row === 0 && j < 3)
    const mask = tensor([[true, false, true, true], [true, true, true, true], [false, false, false, true]])
    const at = mask.toArray() as boolean[][]
    expectDefinition({ mask, keyLengths: [3, 4] }, (row, _head, i, j) => at[i][j] && j < [3, 4][row])
    const options = { mask, keyLengths: [3, 0] }
    const { grads } = valueAndGrad(attention, () => sum(attention.forward(query, key, value, options).output))
    for (const gradient of grads.values()) expect(gradient.data.every(Number.isFinite)).toBe(true)
  })

  test('inputs that are one tensor are projected together, with the same result', () => {
    const copy = (x: Tensor) => tensor(Float64Array.from(x.data), { shape: x.shape })
    const close = { relative: 1e-12, absolute: 1e-13 }
    expectClose(attention.forward(query, key).output, attention.forward(query, key, copy(key)).output, close)
    expectClose(attention.forward(query).output, attention.forward(query, copy(query), copy(query)).output, close)
  })

  test('dropout acts in training only and on what is returned not at all', () => {
    const dropping = new MultiHeadAttention(6, 2, { rng: new Rng(1), dropout: 0.5, ...double })
    const used = dropping.forward(query, key)
    const trained = withTraining(true, () => dropping.forward(query, key))
    expect(trained.weights.data).toEqual(used.weights.data)
    expect(trained.output.data).not.toEqual(used.output.data)
  })

  test('names are those of the state', () => {
    expect([...attention.state().keys()]).toEqual([
      'inProjectionWeight', 'inProjectionBias', 'outputProjection.weight', 'outputProjection.bias',
    ])
    expect(new MultiHeadAttention(6, 3, { rng, bias: false }).state().size).toBe(2)
  })

  test('errors', () => {
    expect(() => new MultiHeadAttention(6, 4, { rng, dropout: 2 })).toThrow(
      /2 faults[^]*embedSize to be a multiple of heads, got 6 and 4[^]*dropout from 0 to 1, got 2/)
    expect(() => attention.forward(zeros([2, 3, 5], double))).toThrow(
      "MultiHeadAttention.forward: query: expected [batch, queryTime, embed=6], got [2, 3, 5]: axis 2 'embed' is 5")
    expect(() => attention.forward(query, zeros([1, 4, 6], double))).toThrow(/key: expected \[batch=2, keyTime, embed=6\], got \[1, 4, 6\]: axis 0/)
    const call = (options: Parameters<MultiHeadAttention['forward']>[3]) => () => attention.forward(query, key, value, options)
    expect(call({ mask: ones([2, 3, 4], { dtype: 'bool' }), keyLengths: [5, 1] })).toThrow(
      /2 faults[^]*mask: expected \[queryTime=3, keyTime=4\], or 4 axes that broadcast to \[2, 2, 3, 4\], got \[2, 3, 4\][^]*keyLengths from 0 to 4, got 5/)
    expect(call({ mask: ones([3, 4]) as unknown as Tensor<'bool'> })).toThrow(/mask: expected bool, got float32/)
    expect(() => attention.forward(query, key, zeros([2, 3, 6], double))).toThrow(/value: expected \[batch=2, keyTime=4, embed=6\]/)
  })
})
