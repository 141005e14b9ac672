// What dropout and zoneout are for: a layer that could learn few noisy rows by heart does so less, and does better on
// rows that it has not seen. Every seed is fixed. The numbers beside a limit are what came out on three seeds.
import { binaryCrossEntropyWithLogits } from '@ostinato/nn'
import { LstmCell, RecurrentDropoutCell, Rnn, ZoneoutCell, type Cell } from '@ostinato/rnn'
import { greater, mean, multiply, onesLike, reshape, Rng, slice, where, zerosLike, type Tensor } from '@ostinato/tensor'
import { expect, test, vi } from 'vitest'
import { Reader, train } from './training.ts'

/** A busy machine takes its time. */
vi.setConfig({ testTimeout: 240_000 })

const [steps, features] = [8, 6]
type LstmState = { readonly hidden: Tensor; readonly cell: Tensor }

/** Whether the first of six features is positive on average; of the answers a part is wrong. */
function rowsOf(count: number, wrong: number, rng: Rng): { readonly x: Tensor; readonly y: Tensor } {
  const x = rng.normal([count, steps, features])
  const average = mean(reshape(slice(x, [undefined, undefined, [0, 1]]), [count, steps]), { axis: 1 })
  const turned = where(rng.bernoulli([count], wrong), multiply(average, -1), average)
  return { x, y: where(greater(turned, 0), onesLike(average), zerosLike(average)) }
}

/** Cross-entropy on the rows of training and on others. */
function learn(wrap: (cell: Cell<LstmState>, rng: Rng) => Cell<LstmState>): { seen: number; unseen: number } {
  const rng = new Rng(1)
  const model = new Reader(new Rnn(wrap(new LstmCell(features, 24, { rng }), rng.split())), 1, rng)
  const [known, others] = [rowsOf(60, 0.1, new Rng(101)), rowsOf(500, 0, new Rng(201))]
  const loss = ({ x, y }: typeof known) => binaryCrossEntropyWithLogits(reshape(model.atEnd(x), [-1]), y)
  train(model, () => loss(known), { steps: 120, learningRate: 0.01 })
  return { seen: loss(known).item(), unseen: loss(others).item() }
}

test('an LSTM with dropout or zoneout learns less by heart, and more that holds for other rows', () => {
  const plain = learn((cell) => cell)
  const dropped = learn((cell, rng) => new RecurrentDropoutCell(cell, { input: 0.5, recurrent: 0.5, rng }))
  const zoned = learn((cell, rng) => new ZoneoutCell(cell, { probability: 0.5, rng }))
  // 0.0004 to 0.001, then 0.14 to 0.18 and 0.01 to 0.05.
  expect(plain.seen).toBeLessThan(0.005)
  expect(dropped.seen).toBeGreaterThan(10 * plain.seen)
  expect(zoned.seen).toBeGreaterThan(5 * plain.seen)
  // 1.8 to 2.2, then 0.41 to 0.49 and 0.80 to 0.83; always answering 1/2 costs 0.69.
  expect(dropped.unseen).toBeLessThan(0.4 * plain.unseen)
  expect(zoned.unseen).toBeLessThan(0.6 * plain.unseen)
})
