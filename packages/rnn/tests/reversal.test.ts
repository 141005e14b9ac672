// Reversed sequences: attention finds the place to copy from; one vector for all of the source is not enough as soon.
import { valueAndGrad } from '@ostinato/autograd'
import { crossEntropy, Embedding } from '@ostinato/nn'
import { Adam, clipGradNorm } from '@ostinato/optim'
import {
  AttentionDecoder,
  EncoderDecoder,
  GeneralAttention,
  greedySearch,
  gru,
  RecurrentDecoder,
  type SequenceDecoder,
  type Source,
  type StateTree,
} from '@ostinato/rnn'
import { Rng, tensor } from '@ostinato/tensor'
import { expect, test } from 'vitest'

const [end, start, firstSymbol, vocabularySize] = [0, 1, 2, 12]
const [hiddenSize, embeddingSize, longest] = [48, 16, 10]

type Model = SequenceDecoder<Source, StateTree>

const draw = (rng: Rng) =>
  Array.from({ length: rng.integer(6, longest + 1) }, () => rng.integer(firstSymbol, vocabularySize))

const padded = (rows: readonly (readonly number[])[], width: number, fill: number) =>
  tensor(Int32Array.from(rows.flatMap((row) => Array.from({ length: width }, (_, t) => row[t] ?? fill))), {
    shape: [rows.length, width],
  })

/** Rows of symbols, and the same turned round as inputs and targets of a decoder. */
function batchOf(rows: readonly (readonly number[])[]) {
  const turned = rows.map((row) => row.toReversed())
  return {
    source: padded(rows, longest, 0),
    sourceLengths: rows.map((row) => row.length),
    inputs: padded(
      turned.map((row) => [start, ...row]),
      longest + 1,
      end,
    ),
    targets: padded(
      turned.map((row) => [...row, end]),
      longest + 1,
      -1,
    ),
    lengths: rows.map((row) => row.length + 1),
  }
}

function train(model: Model, steps: number): Set<string> {
  const rng = new Rng(2)
  const optimizer = new Adam(model.parameters(), { learningRate: (step) => 6e-3 * Math.min(1, 2 - (2 * step) / steps) })
  const seen = new Set<string>()
  for (let step = 0; step < steps; step++) {
    const rows = Array.from({ length: 64 }, () => draw(rng))
    rows.forEach((row) => seen.add(row.join()))
    const { source, sourceLengths, inputs, targets, lengths } = batchOf(rows)
    const { grads } = valueAndGrad(model, () => {
      const logits = model.forward(inputs, { source, lengths: sourceLengths }, { lengths })
      return crossEntropy(logits, targets, { ignoreId: -1 })
    })
    clipGradNorm(grads, 1)
    optimizer.step(grads)
  }
  return seen
}

/** The share of unseen rows that a model turns round without a fault. */
function exactMatch(model: Model, seen: ReadonlySet<string>): number {
  const rng = new Rng(3)
  const rows: number[][] = []
  while (rows.length < 200) {
    const row = draw(rng)
    if (!seen.has(row.join())) rows.push(row)
  }
  const { source, sourceLengths } = batchOf(rows)
  const found = greedySearch((tokens, state: StateTree) => model.step(tokens, state), {
    state: model.start({ source, lengths: sourceLengths }),
    start,
    end,
    maxLength: longest + 2,
  })
  return found.filter(({ tokens }, i) => tokens.join() === rows[i].toReversed().join()).length / rows.length
}

const options = (rng: Rng) => ({
  vocabularySize,
  embeddingSize,
  recurrent: (inputSize: number) => gru(inputSize, hiddenSize, { rng }),
  rng,
})

const source = (rng: Rng) => ({
  embedding: new Embedding(vocabularySize, embeddingSize, { rng }),
  encoder: gru(embeddingSize, hiddenSize, { rng }),
  rng,
})

test('attention reverses unseen sequences, the same without it does not yet', { timeout: 240_000 }, () => {
  const rng = new Rng(1)
  const attention = new GeneralAttention(hiddenSize, hiddenSize, { rng })
  const attending: Model = new EncoderDecoder({
    ...source(rng),
    decoder: new AttentionDecoder({ ...options(rng), attention, style: 'luong' }),
  })
  const plain: Model = new EncoderDecoder({ ...source(rng), decoder: new RecurrentDecoder(options(rng)) })
  const scores = [attending, plain].map((model) => exactMatch(model, train(model, 500)))
  expect(scores[0]).toBeGreaterThan(0.95)
  expect(scores[1]).toBeLessThan(0.7)
})
