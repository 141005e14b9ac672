// Long streams in chunks: state in, state out, and gradients that end where the chunk begins.
import { valueAndGrad } from '@ostinato/autograd'
import { crossEntropy } from '@ostinato/nn'
import { Adam } from '@ostinato/optim'
import { detachState, gru, lstm, RecurrentDecoder } from '@ostinato/rnn'
import { add, concat, Rng, slice, sum, tensor } from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import { expect, test } from 'vitest'

const chunks = [0, 4, 9, 12]

test('a stream in chunks with the state carried on equals the whole', () => {
  const rng = new Rng(1)
  const layer = lstm(2, 3, { layers: 2, rng, dtype: 'float64' })
  const stream = rng.normal([2, 12, 2], { dtype: 'float64' })
  let state = layer.initialState(2)
  const outputs = chunks.slice(1).map((stop, i) => {
    const result = layer.forward(slice(stream, [undefined, [chunks[i], stop]]), { initialState: state })
    state = detachState(result.state)
    return result.output
  })
  const whole = layer.forward(stream)
  expectClose(concat(outputs, { axis: 1 }), whole.output, { relative: 1e-12, absolute: 1e-14 })
  expectClose(state[1].cell, whole.state[1].cell, { relative: 1e-12, absolute: 1e-14 })
})

test('gradients end at the boundary of a chunk where the state is detached', () => {
  const rng = new Rng(2)
  const layer = gru(2, 3, { bidirectional: false, rng })
  const [first, second] = [rng.normal([2, 5, 2]), rng.normal([2, 5, 2])]
  const gradients = (carry: typeof detachState) =>
    valueAndGrad([first, second], () => {
      const before = layer.forward(first)
      const after = layer.forward(second, { initialState: carry(before.state) })
      return add(sum(after.output), sum(slice(before.output, [undefined, 0])))
    }).grads
  const through = gradients((state) => state)
  const cut = gradients(detachState)
  expectClose(cut.get(second) ?? first, through.get(second) ?? second, { relative: 0, absolute: 0 })
  expect(cut.get(first)?.data.some((value) => value !== 0)).toBe(true)
  expect(slice(cut.get(first) ?? first, [undefined, [1]]).data.every((value) => value === 0)).toBe(true)
  expect(slice(through.get(first) ?? first, [undefined, [1]]).data.some((value) => value !== 0)).toBe(true)
})

test('a single step is a sequence of one step', () => {
  const rng = new Rng(3)
  const layer = gru(2, 3, { rng, dtype: 'float64' })
  const x = rng.normal([2, 4, 2], { dtype: 'float64' })
  let state = layer.initialState(2)
  for (let t = 0; t < 4; t++) state = layer.cell.step(slice(x, [undefined, t]), state).state
  expectClose(state.hidden, layer.forward(x).state.hidden, { relative: 1e-12, absolute: 1e-14 })
})

test('ids of every kind of state are kept', () => {
  const steps = tensor([3, 4], { dtype: 'int32' })
  expect(detachState({ steps }).steps).toBe(steps)
})

test('truncated backpropagation learns what only the carried state can tell', { timeout: 120_000 }, () => {
  // A stream repeats one of two tokens for 24 steps, of which a chunk shows 4. The token is written at the first step
  // of all; later inputs are blank, and the target is the token all along.
  const rng = new Rng(4)
  const model = new RecurrentDecoder({
    vocabularySize: 3,
    embeddingSize: 4,
    recurrent: (inputSize) => gru(inputSize, 8, { rng }),
    rng,
  })
  const optimizer = new Adam(model.parameters(), { learningRate: 1e-2 })
  const [rows, length, chunk] = [32, 24, 4]
  let last = 0
  for (let episode = 0; episode < 60; episode++) {
    const written = Int32Array.from({ length: rows }, () => 1 + rng.integer(0, 2))
    const targets = tensor(
      written.reduce(
        (all, token, row) => all.fill(token, row * chunk, (row + 1) * chunk),
        new Int32Array(rows * chunk),
      ),
      { shape: [rows, chunk] },
    )
    let state = model.recurrent.initialState(rows)
    for (let at = 0; at < length; at += chunk) {
      const inputs = new Int32Array(rows * chunk)
      if (at === 0) written.forEach((token, row) => (inputs[row * chunk] = token))
      const { value, grads, auxiliary } = valueAndGrad(model, () => {
        const vectors = model.embedding.forward(tensor(inputs, { shape: [rows, chunk] }))
        const result = model.recurrent.forward(vectors, { initialState: state })
        return { value: crossEntropy(model.head.forward(result.output), targets), auxiliary: result.state }
      })
      optimizer.step(grads)
      state = detachState(auxiliary)
      last = value.item()
    }
  }
  // Without the state carried on, nothing tells the two apart: log 2 = 0.69.
  expect(last).toBeLessThan(0.1)
})
