// What peepholes and residual connections are for. Every seed is fixed.
import { binaryCrossEntropyWithLogits, meanSquaredError } from '@ostinato/nn'
import { lstm, LstmCell, Rnn } from '@ostinato/rnn'
import { concat, Rng, slice, tensor, zeros } from '@ostinato/tensor'
import { expect, test, vi } from 'vitest'
import { Reader, train } from './training.ts'

/** A busy machine takes its time. */
vi.setConfig({ testTimeout: 240_000 })

/**
 * Gers & Schmidhuber 2000, "Recurrent nets that time and count": a spike after every five steps, told only where the
 * first one begins. An LSTM without peepholes learns a period this short as well, and not later: on two seeds each had
 * it after 100 to 300 steps of training.
 */
test('an LSTM with peepholes keeps time by itself', () => {
  const [period, steps] = [5, 30]
  const spikes = Array.from({ length: steps }, (_, t) => Number(t % period === period - 1))
  const x = tensor([Array.from({ length: steps }, (_, t) => [Number(t === 0)])])
  const target = tensor([spikes.map((spike) => [spike])])
  const rng = new Rng(1)
  const model = new Reader(new Rnn(new LstmCell(1, 8, { rng, peepholes: true })), 1, rng)
  train(model, () => binaryCrossEntropyWithLogits(model.forward(x), target), { steps: 400, learningRate: 0.02 })
  expect(Array.from(model.forward(x).data, (logit) => Number(logit > 0))).toEqual(spikes)
})

/** On two seeds 0.036 and 0.021 plain, 0.005 and 0.003 residual; by step 150 both are near 0.002. */
test('a residual stack of six LSTM layers learns sooner than a plain one', () => {
  const steps = 10
  // To say what came two steps before.
  const loss = (model: Reader, count: number, rng: Rng) => {
    const x = rng.uniform([count, steps, 1], { low: -1 })
    const target = concat([zeros([count, 2, 1]), slice(x, [undefined, [0, steps - 2]])], { axis: 1 })
    return meanSquaredError(model.forward(x), target)
  }
  const [plain, residual] = [false, true].map((added) => {
    const rng = new Rng(1)
    const model = new Reader(lstm(1, 12, { layers: 6, residual: added, rng }), 1, rng)
    train(model, (draws) => loss(model, 32, draws), { steps: 90, learningRate: 0.01 })
    return loss(model, 200, new Rng(99)).item()
  })
  expect(residual).toBeLessThan(plain / 2)
})
