// A sequence to a vector and to a vector for each step.
import { checkGradients } from '@ostinato/autograd'
import { gru, lstm, maxOverTime, meanOverTime, SequenceTagger, SequenceToVector, type Pooling } from '@ostinato/rnn'
import {
  concat,
  multiply,
  range,
  reshape,
  Rng,
  sin,
  slice,
  sum,
  tensor,
  withTraining,
  type Tensor,
} from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import { describe, expect, test } from 'vitest'

const dtype = 'float64'
const rng = new Rng(1)
const x = rng.normal([3, 4, 2], { dtype })
const lengths = [4, 0, 2]
const close = { relative: 1e-10, absolute: 1e-12 }
const encoder = gru(2, 3, { bidirectional: true, rng, dtype })
const weighed = (y: Tensor) => sum(multiply(y, sin(reshape(range(1, y.size + 1, { dtype }), y.shape))))

describe('SequenceToVector', () => {
  test.each(['last', 'mean', 'max', 'attention'] as const)('%s: rows alone, gradients, an empty row', (pooling) => {
    const model = new SequenceToVector({ encoder, outputSize: 2, pooling, rng, dtype })
    const y = model.forward(x, { lengths })
    for (const row of [0, 2]) {
      expectClose(
        slice(y, [[row, row + 1]]),
        model.forward(
          slice(x, [
            [row, row + 1],
            [0, lengths[row]],
          ]),
        ),
        close,
      )
    }
    expectClose(slice(y, [1]), model.head.bias ?? [], close)
    checkGradients(() => weighed(model.forward(x, { lengths })), [x, ...model.parameters()] as Tensor<'float64'>[])
  })

  test('several ways are put side by side', () => {
    const model = new SequenceToVector({ encoder, outputSize: 2, pooling: ['last', 'mean', 'max'], rng, dtype })
    const { output, state } = encoder.forward(x, { lengths })
    const parts = [
      state.forward.hidden,
      state.backward.hidden,
      meanOverTime(output, { lengths }),
      maxOverTime(output, { lengths }),
    ]
    expectClose(model.forward(x, { lengths }), model.head.forward(concat(parts, { axis: 1 })), close)
  })

  test('attention weighs steps by their definition', () => {
    const model = new SequenceToVector({
      encoder: gru(2, 2, { rng, dtype }),
      outputSize: 2,
      pooling: 'attention',
      rng,
      dtype,
    })
    const steps = slice(model.encoder.forward(x).output, [0]).toArray() as number[][]
    const compare = model.compare?.weight.toArray() as number[][]
    const [v, bias] = [model.score?.weight.data ?? [], model.compare?.bias?.data ?? []]
    const scores = steps.map((h) =>
      compare.reduce((total, row, i) => total + v[i] * Math.tanh(row[0] * h[0] + row[1] * h[1] + bias[i]), 0),
    )
    const total = scores.reduce((all, score) => all + Math.exp(score), 0)
    const context = [0, 1].map((f) => steps.reduce((all, h, t) => all + (Math.exp(scores[t]) / total) * h[f], 0))
    expectClose(slice(model.forward(x), [0]), model.head.forward(tensor(context, { dtype })), close)
  })

  test('last is the hidden state of the last layer', () => {
    const deep = lstm(2, 3, { layers: 2, rng, dtype })
    const model = new SequenceToVector({ encoder: deep, outputSize: 2, rng, dtype })
    expectClose(model.forward(x, { lengths }), model.head.forward(deep.forward(x, { lengths }).state[1].hidden), close)
  })

  test('dropout in training alone, and what does not fit', () => {
    const model = new SequenceToVector({ encoder, outputSize: 2, pooling: 'mean', dropout: 0.5, rng, dtype })
    expect(model.forward(x).data).toEqual(model.forward(x).data)
    expect(withTraining(true, () => model.forward(x)).data).not.toEqual(model.forward(x).data)
    const pooling = ['mean', 'median'] as unknown as Pooling[]
    expect(() => new SequenceToVector({ encoder, outputSize: 0, pooling, rng })).toThrow(
      /2 faults[^]*outputSize[^]*got median/,
    )
    expect(() => new SequenceToVector({ encoder, outputSize: 1, pooling: [], rng })).toThrow(/at least one pooling/)
  })
})

describe('SequenceTagger', () => {
  const tagger = new SequenceTagger({ encoder, outputSize: 5, rng, dtype })

  test('is the head at each valid step, zero past the length', () => {
    const y = tagger.forward(x, { lengths })
    const expected = tagger.head.forward(encoder.forward(x, { lengths }).output)
    expectClose(slice(y, [0]), slice(expected, [0]), close)
    expectClose(slice(y, [2, [0, 2]]), slice(expected, [2, [0, 2]]), close)
    expect([...slice(y, [1]).data, ...slice(y, [2, [2]]).data].every((value) => value === 0)).toBe(true)
  })

  test('gradients equal central differences', () => {
    checkGradients(() => weighed(tagger.forward(x, { lengths })), [x, ...tagger.parameters()] as Tensor<'float64'>[])
  })
})
