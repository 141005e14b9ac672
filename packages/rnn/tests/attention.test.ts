// Attention against references worked out number by number, and against the one of `@ostinato/nn`.
import { checkGradients } from '@ostinato/autograd'
import { MultiHeadAttention } from '@ostinato/nn'
import {
  AdditiveAttention,
  DotAttention,
  GeneralAttention,
  ScaledMultiHeadAttention,
  type Attention,
  type AttentionMemory,
} from '@ostinato/rnn'
import {
  add,
  concat,
  multiply,
  Rng,
  reshape,
  range,
  sin,
  slice,
  stack,
  sum,
  tensor,
  zeros,
  type Tensor,
} from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import { describe, expect, expectTypeOf, test } from 'vitest'

type Vector = readonly number[]
type Score = (query: Vector, position: Vector) => number

const dot = (a: Vector, b: Vector) => a.reduce((total, value, i) => total + value * b[i], 0)
const times = (weight: Tensor, x: Vector) => (weight.toArray() as number[][]).map((row) => dot(row, x))

/** Attention by its definition: weights over the valid positions, and the values by them. */
function reference(query: Vector, memory: readonly Vector[], score: Score) {
  const scores = memory.map((position) => score(query, position))
  const parts = scores.map((value) => Math.exp(value - Math.max(...scores)))
  const total = parts.reduce((a, b) => a + b, 0)
  const weights = parts.map((part) => part / total)
  return {
    weights,
    context: memory[0]?.map((_, f) =>
      dot(
        weights,
        memory.map((position) => position[f]),
      ),
    ),
  }
}

const rng = new Rng(1)
const dtype = 'float64'
const additive = new AdditiveAttention(3, 4, { rng, dtype, size: 5 })
const generalAttention = new GeneralAttention(3, 4, { rng, dtype })
const multiHead = new ScaledMultiHeadAttention(3, 4, { rng, dtype, size: 6, heads: 2 })

const scored: readonly { name: string; attention: Attention; score: Score }[] = [
  {
    name: 'AdditiveAttention',
    attention: additive,
    score: (query, position) => {
      const bias = [...(additive.key.bias?.data ?? [])]
      const keys = times(additive.key.weight, position)
      const hidden = times(additive.query.weight, query).map((value, i) => Math.tanh(value + keys[i] + bias[i]))
      return times(additive.score.weight, hidden)[0]
    },
  },
  { name: 'DotAttention', attention: new DotAttention(4), score: dot },
  {
    name: 'GeneralAttention',
    attention: generalAttention,
    score: (query, position) => dot(query, times(generalAttention.key.weight, position)),
  },
]

test.each(scored)('$name equals its definition, row by row and step by step', ({ attention, score }) => {
  const query = rng.normal([3, 2, attention.querySize], { dtype })
  const memory = rng.normal([3, 4, 4], { dtype })
  const lengths = [4, 1, 3]
  const { context, weights } = attention.forward(query, memory, { lengths })
  lengths.forEach((length, row) => {
    for (let step = 0; step < 2; step++) {
      const expected = reference(
        slice(query, [row, step]).toArray() as number[],
        slice(memory, [row, [0, length]]).toArray() as number[][],
        score,
      )
      expectClose(slice(context, [row, step]), expected.context, { relative: 1e-12, absolute: 1e-12 })
      expectClose(slice(weights, [row, step, [0, length]]), expected.weights, { relative: 1e-12, absolute: 1e-12 })
      expect(slice(weights, [row, step, [length]]).data.every((value) => value === 0)).toBe(true)
    }
  })
})

test('ScaledMultiHeadAttention equals the attention of nn with the same weights', () => {
  const other = new MultiHeadAttention(6, 3, { rng, dtype })
  const own = new ScaledMultiHeadAttention(6, 6, { rng, dtype, heads: 3 })
  const parts = [own.query, own.key, own.value]
  for (const { bias } of parts) bias?.assign(rng.normal([6], { dtype }))
  other.inProjectionWeight.assign(concat(parts.map(({ weight }) => weight)))
  other.inProjectionBias?.assign(concat(parts.map(({ bias }) => bias ?? zeros([6], { dtype }))))
  other.outputProjection.weight.assign(own.output.weight)
  const [query, memory] = [rng.normal([2, 3, 6], { dtype }), rng.normal([2, 4, 6], { dtype })]
  const expected = other.forward(query, memory, memory, { keyLengths: [4, 2] })
  const { context, weights } = own.forward(query, memory, { lengths: [4, 2] })
  expectClose(context, expected.output, { relative: 1e-12, absolute: 1e-12 })
  const heads = [0, 1, 2].map((head) => multiply(slice(expected.weights, [undefined, head]), 1 / 3))
  expectClose(weights, add(add(heads[0], heads[1]), heads[2]), { relative: 1e-12, absolute: 1e-12 })
})

const all = [...scored, { name: 'ScaledMultiHeadAttention', attention: multiHead as Attention }]

describe.each(all)('$name', ({ attention }) => {
  const query = rng.normal([3, attention.querySize], { dtype })
  const memory = rng.normal([3, 4, 4], { dtype })

  test('a memory made ready serves query after query', () => {
    const ready = attention.prepare(memory, { lengths: [4, 2, 0] })
    const other = rng.normal([3, attention.querySize], { dtype })
    const both = attention.attend(stack([query, other], { axis: 1 }), ready)
    ;[query, other].forEach((one, step) => {
      const alone = attention.forward(one, memory, { lengths: [4, 2, 0] })
      expect(alone.weights.shape).toEqual([3, 4])
      expectClose(slice(both.context, [undefined, step]), alone.context, { absolute: 1e-14 })
      expectClose(slice(both.weights, [undefined, step]), alone.weights, { absolute: 1e-14 })
    })
  })

  test('what lies in the padding is never read, and an empty row gives zeros', () => {
    const padded = memory.data.slice()
    padded.fill(NaN, 4 * 4 + 2 * 4)
    const { context, weights } = attention.forward(query, tensor(padded, { shape: [3, 4, 4] }), {
      lengths: [4, 2, 0],
    })
    const plain = attention.forward(query, memory, { lengths: [4, 2, 0] })
    expectClose(context, plain.context, { relative: 0, absolute: 0 })
    expect(slice(context, [2]).data.every((value) => value === 0)).toBe(true)
    expect([...weights.data.subarray(6, 12)]).toEqual([0, 0, 0, 0, 0, 0])
    expectClose(sum(weights, { axis: 1 }), [1, 1, 0], { absolute: 1e-12 })
  })

  test('gradients equal central differences, those of padding are zero', () => {
    const weighed = (x: Tensor) => sum(multiply(x, sin(reshape(range(1, x.size + 1, { dtype }), x.shape))))
    const targets = [query, memory, ...attention.parameters()] as Tensor<'float64'>[]
    checkGradients(() => {
      const { context, weights } = attention.forward(query, memory, { lengths: [4, 2, 0] })
      return add(weighed(context), weighed(weights))
    }, targets)
  })

  test('a memory without positions gives a context of zeros', () => {
    const { context, weights } = attention.forward(query, slice(memory, [undefined, [0, 0]]))
    expect(context.shape).toEqual([3, attention.contextSize])
    expect(context.data.every((value) => value === 0)).toBe(true)
    expect(weights.shape).toEqual([3, 0])
  })

  test('names what does not fit', () => {
    expect(() => attention.prepare(rng.normal([3, 4, 9], { dtype }))).toThrow(
      /prepare: memory: expected \[batch, positions, features=4\], got \[3, 4, 9\]: axis 2 'features' is 9/,
    )
    expect(() => attention.prepare(memory, { lengths: [1, 2, 5] })).toThrow(/lengths from 0 to 4, got 5 in row 2/)
    expect(() => attention.attend(rng.normal([2, 9]), attention.prepare(memory))).toThrow(
      /attend: 2 faults[^]*expected float64, got float32[^]*expected \[batch=3, features=\d\], got \[2, 9\]/,
    )
  })
})

test('sizes that do not fit are refused', () => {
  expect(() => new AdditiveAttention(0, 4, { rng, size: -1 })).toThrow(/2 faults[^]*querySize[^]*size/)
  expect(() => new ScaledMultiHeadAttention(5, 4, { rng, heads: 2 })).toThrow(/a multiple of heads, got 5 and 2/)
  expect(() => new DotAttention(1.5)).toThrow(/size to be an integer/)
})

test('a ready memory is a state tree', () => {
  expectTypeOf(additive.prepare).returns.toEqualTypeOf<AttentionMemory>()
})
