// Encoder and decoder together: what is handed over, teacher forcing, scheduled sampling and its schedules.
import { checkGradients, valueAndGrad } from '@ostinato/autograd'
import { Embedding } from '@ostinato/nn'
import {
  AdditiveAttention,
  AttentionDecoder,
  EncoderDecoder,
  exponentialTeacherDecay,
  gru,
  inverseSigmoidTeacherDecay,
  linearTeacherDecay,
  lstm,
  RecurrentDecoder,
  rowsOf,
  VectorToSequence,
  type AttentionDecoderState,
  type GruState,
  type LstmState,
  type StateTree,
} from '@ostinato/rnn'
import {
  argmax,
  concat,
  multiply,
  range,
  reshape,
  Rng,
  sin,
  slice,
  stack,
  sum,
  tensor,
  type Tensor,
} from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import { describe, expect, expectTypeOf, test } from 'vitest'

const dtype = 'float64'
const close = { relative: 1e-10, absolute: 1e-12 }
const sizes = { vocabularySize: 5, embeddingSize: 2 }
const ids = (rows: number[][]) => tensor(rows, { dtype: 'int32' })
const tokens = ids([
  [1, 4, 2],
  [1, 0, 0],
  [1, 3, 0],
])
const source = ids([
  [5, 3, 2, 4],
  [1, 1, 1, 1],
  [2, 0, 0, 0],
])
const condition = { source, lengths: [4, 0, 1] }
const lengths = [3, 0, 2]

const rng = new Rng(1)
const recurrent = (inputSize: number) => gru(inputSize, 3, { rng, dtype })
const embedding = new Embedding(6, 2, { rng, dtype })
const decoderOptions = { ...sizes, recurrent, rng, dtype } as const
const plain = () => new RecurrentDecoder(decoderOptions)
const attending = (memorySize: number) =>
  new AttentionDecoder({ ...decoderOptions, attention: new AdditiveAttention(3, memorySize, { rng, dtype }) })

/** A model of which only the general interface is of interest. */
const general = (model: unknown) => model as EncoderDecoder<GruState, StateTree>

const models: readonly {
  readonly name: string
  readonly bridged: boolean
  readonly model: () => EncoderDecoder<GruState, StateTree>
}[] = [
  {
    name: 'one layer, state as it is',
    bridged: false,
    model: () => general(new EncoderDecoder({ embedding, encoder: recurrent(2), decoder: plain(), rng, dtype })),
  },
  {
    name: 'both directions, stacked, bridged',
    bridged: true,
    model: () => {
      const encoder = gru(2, 2, { bidirectional: true, layers: 2, rng, dtype })
      return general(new EncoderDecoder({ embedding, encoder, decoder: plain(), rng, dtype }))
    },
  },
  {
    name: 'LSTM encoder, GRU decoder with attention, bridged',
    bridged: true,
    model: () =>
      general(
        new EncoderDecoder({ embedding, encoder: lstm(2, 3, { rng, dtype }), decoder: attending(3), rng, dtype }),
      ),
  },
]

describe.each(models)('$name', ({ model: make, bridged }) => {
  test('has a bridge where the states differ, and starts from it', () => {
    const model = make()
    expect(model.bridge !== null).toBe(bridged)
    const { memory, state } = model.encode(condition)
    expect(memory.shape).toEqual([3, 4, model.encoder.outputSize])
    expect(rowsOf(state)).toBe(3)
  })

  test('steps give the logits of forward; each row alone gives the same', () => {
    const model = make()
    const whole = model.forward(tokens, condition)
    let state = model.start(condition)
    const steps = [0, 1, 2].map((t) => {
      const result = model.step(slice(tokens, [undefined, t]), state)
      state = result.state
      return result.logits
    })
    expectClose(stack(steps, { axis: 1 }), whole, close)
    const padded = model.forward(tokens, condition, { lengths })
    for (const row of [0, 2]) {
      const alone = model.forward(
        slice(tokens, [
          [row, row + 1],
          [0, lengths[row]],
        ]),
        {
          source: slice(source, [
            [row, row + 1],
            [0, condition.lengths[row]],
          ]),
        },
      )
      expectClose(slice(padded, [row, [0, lengths[row]]]), slice(alone, [0]), close)
    }
  })

  test('gradients reach embedding, encoder, bridge and decoder', () => {
    const model = make()
    const weights = sin(reshape(range(1, 3 * 3 * 5 + 1, { dtype }), [3, 3, 5]))
    const targets = [...model.parameters()] as Tensor<'float64'>[]
    checkGradients(() => sum(multiply(model.forward(tokens, condition, { lengths }), weights)), targets)
  })

  test('names of parameters, saved and loaded', () => {
    const [model, other] = [make(), make()]
    other.loadState(model.state())
    expectClose(other.forward(tokens, condition), model.forward(tokens, condition), { relative: 0, absolute: 0 })
    const names = [...model.state().keys()]
    expect(names.some((name) => name.startsWith('encoder.'))).toBe(true)
    expect(names.filter((name) => name.startsWith('bridge.'))).toHaveLength(bridged ? 2 : 0)
  })
})

test('without a bridge the decoder goes on from the very state of the encoder', () => {
  const encoder = recurrent(2)
  const model = new EncoderDecoder({ embedding, encoder, decoder: plain(), rng, dtype })
  const { state } = encoder.forward(embedding.forward(source), { lengths: condition.lengths })
  expectClose(model.start(condition).hidden, state.hidden, { relative: 0, absolute: 0 })
})

test('the bridge is tanh of a layer over all of the last state', () => {
  const encoder = gru(2, 2, { bidirectional: true, rng, dtype })
  const model = new EncoderDecoder({ embedding, encoder, decoder: plain(), rng, dtype })
  const { state } = encoder.forward(embedding.forward(source), { lengths: condition.lengths })
  const joined = concat([state.forward.hidden, state.backward.hidden], { axis: 1 })
  const expected = model.bridge?.linear.forward(joined).data.map(Math.tanh) ?? []
  expectClose(model.start(condition).hidden, expected, close)
})

test('features serve as a source where there is no embedding', () => {
  const model = new EncoderDecoder({ encoder: recurrent(2), decoder: plain(), rng, dtype })
  const features = rng.normal([3, 4, 2], { dtype })
  expect(model.forward(tokens, { source: features, lengths: [4, 0, 1] }).shape).toEqual([3, 3, 5])
  expect(() => model.start({ source })).toThrow(
    /source: expected features, got int32: build the model with \{ embedding \}/,
  )
})

test('refuses what does not fit', () => {
  const wide = new Embedding(6, 3, { rng, dtype })
  expect(() => new EncoderDecoder({ embedding: wide, encoder: recurrent(2), decoder: plain(), rng, dtype })).toThrow(
    /an embedding of the encoder's 2 features, got 3/,
  )
  const model = models[0].model()
  expect(() => model.start({ source: rng.normal([3, 4, 2], { dtype }) })).toThrow(
    /source: 2 faults|source: expected int32/,
  )
  expect(() => model.forward(tokens, { source: slice(source, [[0, 2]]) })).toThrow(/tokens: expected \[batch=2, time\]/)
  expect(() => model.forward(tokens, { source, lengths: [5, 0, 0] })).toThrow(/lengths from 0 to 4, got 5/)
})

test('types follow the decoder', () => {
  const decoder = attending(3)
  expectTypeOf(new EncoderDecoder({ encoder: recurrent(2), decoder, rng })).toEqualTypeOf<
    EncoderDecoder<GruState, AttentionDecoderState<GruState>>
  >()
  const deep = new RecurrentDecoder({ ...decoderOptions, recurrent: (n) => lstm(n, 3, { layers: 2, rng }) })
  expectTypeOf(new EncoderDecoder({ encoder: recurrent(2), decoder: deep, rng })).toEqualTypeOf<
    EncoderDecoder<readonly LstmState[], readonly LstmState[]>
  >()
})

describe('scheduled sampling', () => {
  const decoders = [
    { name: 'RecurrentDecoder', run: make(plain(), { state: recurrent(2).initialState(3) }) },
    { name: 'AttentionDecoder', run: make(attending(4), { memory: rng.normal([3, 2, 4], { dtype }) }) },
    {
      name: 'VectorToSequence',
      run: make(
        new VectorToSequence({ ...decoderOptions, conditionSize: 2, inject: 'pre' }),
        rng.normal([3, 2], { dtype }),
      ),
    },
    { name: 'EncoderDecoder', run: make(models[2].model(), condition) },
  ]

  test.each(decoders)('$name: always the teacher is teacher forcing', ({ run }) => {
    const sampling = { teacher: 1, rng: new Rng(2) }
    expectClose(run(tokens, { sampling }), run(tokens, {}), close)
    expectClose(run(tokens, { sampling, lengths }), run(tokens, { lengths }), close)
  })

  test.each(decoders)('$name: never the teacher is to be fed with the own predictions', ({ run }) => {
    const logits = run(tokens, { sampling: { teacher: 0, rng: new Rng(2) } })
    const own = argmax(logits, { axis: 2 })
    const inputs = concat([slice(tokens, [undefined, [0, 1]]), slice(own, [undefined, [0, 2]])], { axis: 1 })
    expectClose(run(inputs, {}), logits, close)
  })

  test('decides token by token, with the given probability, from its own generator', () => {
    const decoder = new RecurrentDecoder({ ...decoderOptions, vocabularySize: 30 })
    const inputs = tensor(
      new Rng(3).permutation(30 * 40).map((id) => id % 30),
      { shape: [40, 30] },
    )
    const state = recurrent(2).initialState(40)
    const logits = (seed: number) =>
      decoder.forward(inputs, { state }, { sampling: { teacher: 0.7, rng: new Rng(seed), prediction: 'sample' } })
    expectClose(logits(1), logits(1), { relative: 0, absolute: 0 })
    expect(logits(1).data).not.toEqual(logits(2).data)
    // The logits after a given token are those of the token: where they agree with forcing at step 1, it was given.
    const [sampled, forced] = [logits(1), decoder.forward(inputs, { state })]
    const same = Array.from({ length: 40 }, (_, row) =>
      [...slice(sampled, [row, 1]).data].every((value, i) => Math.abs(value - slice(forced, [row, 1]).data[i]) < 1e-9),
    )
    const share = same.filter(Boolean).length / 40
    expect(share).toBeGreaterThan(0.5)
    expect(share).toBeLessThan(0.9)
  })

  test('gradients flow through the steps, not through the choice', () => {
    const decoder = plain()
    const state = recurrent(2).initialState(3)
    const run = () => sum(decoder.forward(tokens, { state }, { sampling: { teacher: 0, rng: new Rng(4) } }))
    const { grads } = valueAndGrad(decoder, run)
    expect([...decoder.parameters()].every((parameter) => grads.get(parameter) !== undefined)).toBe(true)
  })

  test('refuses what is no probability', () => {
    const state = recurrent(2).initialState(3)
    expect(() => plain().forward(tokens, { state }, { sampling: { teacher: 1.5, rng } })).toThrow(
      /sampling.teacher, a probability from 0 to 1, got 1.5/,
    )
  })

  test('schedules fall as they say', () => {
    expect([0, 1, 5, 100].map(linearTeacherDecay({ slope: 0.1, minimum: 0.25 }))).toEqual([1, 0.9, 0.5, 0.25])
    expect([0, 1, 3].map(exponentialTeacherDecay({ base: 0.5 }))).toEqual([1, 0.5, 0.125])
    const inverse = inverseSigmoidTeacherDecay({ k: 10 })
    expect(inverse(0)).toBeCloseTo(10 / 11, 12)
    expect(inverse(10 * Math.log(10))).toBeCloseTo(0.5, 12)
    expect(inverse(1e6)).toBe(0)
    expect(() => linearTeacherDecay({ slope: -1, start: 2 })).toThrow(/2 faults[^]*start from 0 to 1[^]*slope/)
    expect(() => exponentialTeacherDecay({ base: 1.1 })).toThrow(/base from 0 to 1, got 1.1/)
    expect(() => inverseSigmoidTeacherDecay({ k: 0.5 })).toThrow(/k from 1/)
  })
})

/** A decoder's `forward` on its condition, whatever that is. */
function make<C>(
  decoder: {
    forward(
      tokens: Tensor<'int32'>,
      condition: C,
      options?: Parameters<RecurrentDecoder<GruState>['forward']>[2],
    ): Tensor
  },
  given: C,
) {
  return (inputs: Tensor<'int32'>, options: Parameters<RecurrentDecoder<GruState>['forward']>[2]) =>
    decoder.forward(inputs, given, options)
}
