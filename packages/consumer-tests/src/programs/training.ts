// Full training: data, model, loop, checkpoint. It learns whether the first of twelve numbers was positive.
import { DataLoader, dataset } from '@ostinato/datasets'
import { binaryCrossEntropyWithLogits, Linear, Module } from '@ostinato/nn'
import { Adam } from '@ostinato/optim'
import { gru, lastStep } from '@ostinato/rnn'
import { reshape, Rng, tensor, type Tensor } from '@ostinato/tensor'
import { fit } from '@ostinato/train'

class Memory extends Module {
  readonly encoder = gru(1, 8, { rng: new Rng(1) })
  readonly head = new Linear(8, 1, { rng: new Rng(2) })
  forward(x: Tensor): Tensor {
    return reshape(this.head.forward(lastStep(this.encoder.forward(x).output)), [-1])
  }
}

const model = new Memory()
const noise = new Rng(3).normal([128, 12])
const rows = dataset({ length: 128, get: index => Array.from(noise.data.subarray(12 * index, 12 * index + 12)) })
const train = new DataLoader(rows, {
  batchSize: 32,
  seed: 4,
  collate: items => ({
    x: tensor(items, { shape: [items.length, 12, 1] }),
    y: tensor(items.map(([first]) => Number(first !== undefined && first > 0))),
  }),
})
const losses: number[] = []
for await (const event of fit({
  model,
  optimizer: new Adam(model.parameters(), { learningRate: 0.02 }),
  train,
  step: ({ x, y }) => ({ loss: binaryCrossEntropyWithLogits(model.forward(x), y), count: y.size }),
  clipNorm: 1,
  epochs: 30,
})) {
  if (event.type === 'epoch') losses.push(event.train.loss)
}
const [first] = losses
const last = losses.at(-1) ?? 1

/** Whether it learned. */
export const result: string = last < first / 2 ? 'learned' : `not learned: ${first} -> ${last}`
