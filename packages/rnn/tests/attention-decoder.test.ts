// Where a decoder with attention looks, what it starts from, what its types say, and what it refuses.
import {
  AdditiveAttention,
  AttentionDecoder,
  DotAttention,
  gru,
  lstm,
  type AttentionCondition,
  type AttentionDecoderState,
  type GruState,
  type LstmState,
} from '@ostinato/rnn'
import { Rng, slice, tanh, tensor, unstack } from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import { describe, expect, expectTypeOf, test } from 'vitest'

const sizes = { vocabularySize: 5, embeddingSize: 2 }
const tokens = tensor(
  [
    [1, 4, 2],
    [1, 0, 0],
    [1, 3, 0],
  ],
  { dtype: 'int32' },
)
const exact = { relative: 0, absolute: 0 }

describe('AttentionDecoder', () => {
  const rng = new Rng(4)
  const options = {
    ...sizes,
    rng,
    attention: new AdditiveAttention(3, 4, { rng }),
    recurrent: (inputSize: number) => gru(inputSize, 3, { rng }),
  }
  const memory = rng.normal([3, 3, 4])

  test.each(['bahdanau', 'luong'] as const)('%s: the weights of all steps are those of the steps', (style) => {
    const decoder = new AttentionDecoder({ ...options, style })
    const condition = { memory, lengths: [3, 1, 2] }
    const { logits, weights } = decoder.forwardWithWeights(tokens, condition, { lengths: [3, 3, 2] })
    expectClose(logits, decoder.forward(tokens, condition, { lengths: [3, 3, 2] }), exact)
    let state = decoder.start(condition)
    unstack(tokens, { axis: 1 }).forEach((column, t) => {
      const step = decoder.step(column, state)
      state = step.state
      expectClose(slice(weights, [[0, 2], t]), slice(step.weights, [[0, 2]]), { absolute: 1e-6 })
    })
    expect([...slice(weights, [1, 0]).data]).toEqual([1, 0, 0])
    expect(slice(weights, [2, 2]).data.every((value) => value === 0)).toBe(true)
  })

  test('bahdanau attends with the state before the step, luong with the one after it', () => {
    const one = tensor([2, 2, 2], { dtype: 'int32' })
    for (const style of ['bahdanau', 'luong'] as const) {
      const decoder = new AttentionDecoder({ ...options, style })
      const start = decoder.start({ memory })
      const { state, weights } = decoder.step(one, start)
      const query = style === 'bahdanau' ? start.recurrent.hidden : state.recurrent.hidden
      expectClose(weights, options.attention.forward(query, memory).weights, { absolute: 1e-6 })
    }
  })

  test('starts from a state, from a vector, or from the layer itself', () => {
    const decoder = new AttentionDecoder({ ...options, vectorSize: 2 })
    const hidden = rng.normal([3, 3])
    expect(decoder.start({ memory, state: { hidden } }).recurrent.hidden).toBe(hidden)
    expect(decoder.start({ memory }).recurrent.hidden.data.every((value) => value === 0)).toBe(true)
    const vector = rng.normal([3, 2])
    const expected = tanh(decoder.bridge?.linear.forward(vector) ?? vector)
    expectClose(decoder.start({ memory, vector }).recurrent.hidden, expected, exact)
    expect(() => decoder.start({ memory, vector: rng.normal([2, 3]), state: { hidden } })).toThrow(
      /2 faults[^]*got both[^]*vector: expected \[batch=3, features=2\]/,
    )
    expect(() => new AttentionDecoder(options).start({ memory, vector })).toThrow(
      /build the decoder with \{ vectorSize \}/,
    )
  })

  test('types follow the recurrent layer', () => {
    const decoder = new AttentionDecoder(options)
    expectTypeOf(decoder.start({ memory })).toEqualTypeOf<AttentionDecoderState<GruState>>()
    const deep = new AttentionDecoder({ ...options, recurrent: (n) => lstm(n, 3, { layers: 2, rng }) })
    expectTypeOf(deep.start).parameters.toEqualTypeOf<[AttentionCondition<readonly LstmState[]>]>()
  })

  test('refuses what does not fit', () => {
    expect(() => new AttentionDecoder({ ...options, attention: new DotAttention(4) })).toThrow(
      /attention for queries of 3, the recurrent layer's outputs, got 4/,
    )
    expect(() => new AttentionDecoder({ ...options, inputFeeding: true })).toThrow(/inputFeeding with style luong only/)
    expect(() => new AttentionDecoder(options).forward(tokens, { memory: rng.normal([3, 4]) })).toThrow(
      /memory: expected \[batch, positions, features\], got \[3, 4\]/,
    )
    expect(() => new AttentionDecoder(options).start({ memory, lengths: [4, 0, 0] })).toThrow(
      /lengths from 0 to 3, got 4/,
    )
  })
})
