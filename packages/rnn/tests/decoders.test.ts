// What holds for every decoder: forward = steps, rows by themselves, padding, gradients, save and load, types.
import { checkGradients } from '@ostinato/autograd'
import {
  AdditiveAttention,
  AttentionDecoder,
  GeneralAttention,
  greedySearch,
  gru,
  lstm,
  ScaledMultiHeadAttention,
  VectorToSequence,
  type AttentionCondition,
  type GruState,
  type SequenceDecoder,
  type StateTree,
} from '@ostinato/rnn'
import {
  multiply,
  Rng,
  sin,
  range,
  reshape,
  slice,
  stack,
  sum,
  tensor,
  unstack,
  withTraining,
  type FloatDType,
  type Tensor,
} from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import { describe, expect, test } from 'vitest'

const sizes = { vocabularySize: 5, embeddingSize: 2 }

const layer = (kind: string, inputSize: number, { rng, dtype }: { rng: Rng; dtype: FloatDType }) =>
  kind === 'gru' ? gru(inputSize, 3, { rng, dtype }) : lstm(inputSize, 3, { rng, dtype, layers: 2 })

interface Variation {
  readonly dtype?: FloatDType
  readonly tieWeights?: boolean
  readonly embeddingDropout?: number
  readonly outputDropout?: number
}

/** A decoder under test and its condition for 3 rows. */
interface Case {
  readonly name: string
  readonly make: (options: Variation & { rng: Rng; dtype: FloatDType }) => SequenceDecoder<unknown, StateTree>
  readonly condition: (rng: Rng, dtype: FloatDType) => unknown
  /** The condition of one row, without padding. */
  readonly row: (condition: unknown, row: number) => unknown
  /** The tensors of a condition, for gradients. */
  readonly tensors: (condition: unknown) => Tensor[]
}

const general = (decoder: unknown) => decoder as SequenceDecoder<unknown, StateTree>

const vectorCases: Case[] = (['init', 'pre', 'par', 'merge'] as const).flatMap((inject): Case[] =>
  (['gru', 'lstm, 2 layers'] as const).map((kind) => ({
    name: `VectorToSequence, ${inject}, ${kind}`,
    make: (options) =>
      general(
        new VectorToSequence<StateTree>({
          ...sizes,
          ...options,
          conditionSize: 2,
          inject,
          recurrent: (inputSize) => layer(kind, inputSize, options),
        }),
      ),
    condition: (rng, dtype) => rng.normal([3, 2], { dtype }),
    row: (condition, row) => slice(condition as Tensor, [[row, row + 1]]),
    tensors: (condition) => [condition as Tensor],
  })),
)

type Seen = Required<Pick<AttentionCondition<GruState>, 'memory'>> & { lengths: number[]; vector?: Tensor }

const attentionCases: Case[] = (
  [
    ['bahdanau, additive', { style: 'bahdanau' }, (rng, dtype) => new AdditiveAttention(3, 4, { rng, dtype })],
    [
      'bahdanau, multi-head',
      { style: 'bahdanau' },
      (rng, dtype) => new ScaledMultiHeadAttention(3, 4, { rng, dtype, size: 4, heads: 2 }),
    ],
    ['luong, general', { style: 'luong', readoutSize: 4 }, (rng, dtype) => new GeneralAttention(3, 4, { rng, dtype })],
    [
      'luong, general, input feeding',
      { style: 'luong', inputFeeding: true, readoutSize: 2 },
      (rng, dtype) => new GeneralAttention(3, 4, { rng, dtype }),
    ],
  ] as const satisfies readonly (readonly [string, object, (rng: Rng, dtype: FloatDType) => unknown])[]
).flatMap(([name, style, attention]): Case[] =>
  (['gru', 'lstm, 2 layers'] as const).map((kind) => ({
    name: `AttentionDecoder, ${name}, ${kind}`,
    make: (options) =>
      general(
        new AttentionDecoder<StateTree>({
          ...sizes,
          ...options,
          ...style,
          vectorSize: 2,
          attention: attention(options.rng, options.dtype),
          recurrent: (inputSize) => layer(kind, inputSize, options),
        }),
      ),
    condition: (rng, dtype): Seen => ({
      memory: rng.normal([3, 3, 4], { dtype }),
      lengths: [3, 0, 2],
      vector: rng.normal([3, 2], { dtype }),
    }),
    row: (condition, row): Seen => {
      const { memory, lengths, vector } = condition as Required<Seen>
      return {
        memory: slice(memory, [
          [row, row + 1],
          [0, lengths[row]],
        ]),
        lengths: [lengths[row]],
        vector: slice(vector, [[row, row + 1]]),
      }
    },
    tensors: (condition) => [
      (condition as Seen).memory,
      ...((condition as Seen).vector ? [(condition as Required<Seen>).vector] : []),
    ],
  })),
)

const cases = [...vectorCases, ...attentionCases]
const tokens = tensor(
  [
    [1, 4, 2],
    [1, 0, 0],
    [1, 3, 0],
  ],
  { dtype: 'int32' },
)
const lengths = [3, 0, 2]
const exact = { relative: 0, absolute: 0 }
const close = { relative: 1e-10, absolute: 1e-12 }

describe.each(cases)('$name', ({ name, make, condition: given, row: rowOf, tensors }) => {
  const fresh = (options: Variation = {}) => {
    const rng = new Rng(1)
    const { dtype = 'float64' } = options
    return { decoder: make({ rng, ...options, dtype }), condition: given(rng, dtype) }
  }

  test('steps give the logits of forward', () => {
    const { decoder, condition } = fresh()
    let state = decoder.start(condition)
    const stepped = unstack(tokens, { axis: 1 }).map((column) => {
      const result = decoder.step(column, state)
      state = result.state
      return result.logits
    })
    expectClose(stack(stepped, { axis: 1 }), decoder.forward(tokens, condition), close)
  })

  test('a row alone and unpadded gives what it gives in a batch; logits past its length are zero', () => {
    const { decoder, condition } = fresh()
    const logits = decoder.forward(tokens, condition, { lengths })
    for (const row of [0, 2]) {
      const alone = decoder.forward(
        slice(tokens, [
          [row, row + 1],
          [0, lengths[row]],
        ]),
        rowOf(condition, row),
      )
      expectClose(slice(logits, [row, [0, lengths[row]]]), slice(alone, [0]), close)
    }
    expect(slice(logits, [1]).data.every((value) => value === 0)).toBe(true)
    expect(slice(logits, [2, [2]]).data.every((value) => value === 0)).toBe(true)
  })

  test.runIf(name.endsWith('gru') || name.includes('init'))('gradients equal central differences', () => {
    const { decoder, condition } = fresh()
    const weights = sin(reshape(range(1, 3 * 3 * 5 + 1, { dtype: 'float64' }), [3, 3, 5]))
    const targets = [...tensors(condition), ...decoder.parameters()] as Tensor<'float64'>[]
    checkGradients(() => sum(multiply(decoder.forward(tokens, condition, { lengths }), weights)), targets)
  })

  test('weights loaded into another give the same logits, tied ones too', () => {
    const { decoder, condition } = fresh({ tieWeights: true, dtype: 'float32' })
    const other = make({ rng: new Rng(2), dtype: 'float32', tieWeights: true })
    expect(decoder.forward(tokens, condition).data).not.toEqual(other.forward(tokens, condition).data)
    other.loadState(decoder.state())
    expectClose(other.forward(tokens, condition), decoder.forward(tokens, condition), exact)
    expect([...decoder.state().keys()]).not.toContain('head.weight')
  })

  test('dropout acts in training alone', () => {
    const plain = fresh().decoder.forward(tokens, fresh().condition)
    const { decoder, condition } = fresh({ embeddingDropout: 0.5, outputDropout: 0.5 })
    decoder.loadState(fresh().decoder.state())
    const same = fresh().condition
    expectClose(decoder.forward(tokens, same), plain, exact)
    expect(withTraining(true, () => decoder.forward(tokens, condition)).data).not.toEqual(plain.data)
  })

  test('no steps, no rows and no valid steps are fine', () => {
    const { decoder, condition } = fresh()
    expect(decoder.forward(slice(tokens, [undefined, [0, 0]]), condition).shape).toEqual([3, 0, 5])
    const none = decoder.forward(tokens, condition, { lengths: [0, 0, 0] })
    expect(none.shape).toEqual([3, 3, 5])
    expect(none.data.every((value) => value === 0)).toBe(true)
  })

  test('a search takes its step', () => {
    const { decoder, condition } = fresh({ dtype: 'float32' })
    const found = greedySearch((ids, state: StateTree) => decoder.step(ids, state), {
      state: decoder.start(condition),
      start: 1,
      end: 0,
      maxLength: 5,
    })
    expect(found).toHaveLength(3)
  })

  test('names what does not fit', () => {
    const { decoder, condition } = fresh()
    expect(() => decoder.forward(slice(tokens, [[0, 2]]), condition)).toThrow(
      /tokens: expected \[batch=3, time\], got \[2, 3\]: axis 0 'batch' is 2/,
    )
    expect(() => decoder.forward(tokens, condition, { lengths: [5, 0, 0] })).toThrow(
      /lengths from 0 to 3, got 5 in row 0/,
    )
    expect(() => decoder.forward(tensor([[5], [1], [1]], { dtype: 'int32' }), condition)).toThrow(RangeError)
    expect(() => decoder.step(tensor([1], { dtype: 'int32' }), decoder.start(condition))).toThrow(
      /tokens: expected \[rows=3\], got \[1\]/,
    )
  })
})
