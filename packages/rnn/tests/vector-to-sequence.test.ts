// Where a vector enters a decoder, what the decoder's types say, and what it refuses.
import {
  gru,
  lstm,
  VectorToSequence,
  type GruState,
  type LstmState,
  type SequenceLayer,
  type StateTree,
  type VectorToSequenceState,
} from '@ostinato/rnn'
import { concat, reshape, Rng, slice, tensor } from '@ostinato/tensor'
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

describe('VectorToSequence', () => {
  const rng = new Rng(3)
  const options = { ...sizes, conditionSize: 2, rng, recurrent: (inputSize: number) => gru(inputSize, 3, { rng }) }

  test('merge keeps the condition out of the recurrent layer, the others let it in', () => {
    for (const inject of ['init', 'pre', 'par', 'merge'] as const) {
      const decoder = new VectorToSequence({ ...options, inject })
      const outputs = [rng.normal([1, 2]), rng.normal([1, 2])].map((condition) => {
        const { state } = decoder.step(tensor([1], { dtype: 'int32' }), decoder.start(condition))
        return state.recurrent.hidden.data
      })
      if (inject === 'merge') expect(outputs[0]).toEqual(outputs[1])
      else expect(outputs[0]).not.toEqual(outputs[1])
    }
  })

  test('pre reads the projected condition as its first word', () => {
    const decoder = new VectorToSequence({ ...options, inject: 'pre' })
    const condition = rng.normal([3, 2])
    const words = decoder.embedding.forward(tokens)
    const first = reshape(decoder.projection?.forward(condition) ?? condition, [3, 1, 2])
    const { output } = decoder.recurrent.forward(concat([first, words], { axis: 1 }))
    expectClose(decoder.forward(tokens, condition), decoder.head.forward(slice(output, [undefined, [1]])), {
      relative: 1e-6,
      absolute: 1e-6,
    })
  })

  test('init starts every part of a state from the condition', () => {
    const decoder = new VectorToSequence({
      ...options,
      inject: 'init',
      recurrent: (inputSize) => lstm(inputSize, 3, { layers: 2, rng }),
    })
    const { recurrent } = decoder.start(tensor([[0.5, -1]]))
    const { weight, bias } = decoder.bridge?.linear ?? {}
    const expected = Array.from({ length: 12 }, (_, i) =>
      Math.tanh(0.5 * (weight?.data[2 * i] ?? NaN) - (weight?.data[2 * i + 1] ?? NaN) + (bias?.data[i] ?? NaN)),
    )
    const found = recurrent.flatMap(({ hidden, cell }) => [...hidden.data, ...cell.data])
    expectClose(found, expected, { relative: 1e-5, absolute: 1e-6 })
  })

  test('types follow the recurrent layer', () => {
    const decoder = new VectorToSequence(options)
    expectTypeOf(decoder.start(rng.normal([1, 2]))).toEqualTypeOf<VectorToSequenceState<GruState>>()
    const deep = new VectorToSequence({ ...options, recurrent: (n) => lstm(n, 3, { layers: 2, rng }) })
    expectTypeOf(deep).toEqualTypeOf<VectorToSequence<readonly LstmState[]>>()
  })

  test('refuses what does not fit, all at once', () => {
    expect(() => new VectorToSequence({ ...options, conditionSize: 0, vocabularySize: 1.5 })).toThrow(
      /2 faults[^]*vocabularySize[^]*conditionSize/,
    )
    expect(() => new VectorToSequence({ ...options, injectSize: 4, inject: 'pre' })).toThrow(
      /injectSize with inject par or merge/,
    )
    // @ts-expect-error no such way in
    expect(() => new VectorToSequence({ ...options, inject: 'post' })).toThrow(/one of init, pre, par, merge, got post/)
    expect(() => new VectorToSequence({ ...options, recurrent: () => gru(9, 3, { rng }) })).toThrow(
      /a layer for 2 features, got one for 9/,
    )
    const both = (n: number) => gru(n, 3, { rng, layers: 2, bidirectional: true }) as SequenceLayer<StateTree>
    expect(() => new VectorToSequence({ ...options, recurrent: both })).toThrow(/reads forwards, got 'layers.0'/)
    const back = (n: number) => gru(n, 3, { rng, reverse: true })
    expect(() => new VectorToSequence({ ...options, recurrent: back })).toThrow(/reads forwards, got the layer itself/)
    expect(() => new VectorToSequence(options).start(rng.normal([2, 3]))).toThrow(
      /condition: expected \[batch, features=2\], got \[2, 3\]: axis 1 'features' is 3/,
    )
  })
})
