// A small model with dropout, its data, and a store in memory.
import { DataLoader, dataset } from '@ostinato/datasets'
import { Dropout, Linear, meanSquaredError, Module } from '@ostinato/nn'
import { Adam } from '@ostinato/optim'
import { Rng, tanh, tensor, type Tensor } from '@ostinato/tensor'
import type { CheckpointStore, FitOptions, TrainingEvent } from '@ostinato/train'

export class Net extends Module {
  readonly hidden: Linear
  readonly head: Linear
  readonly dropout: Dropout

  constructor(seed: number) {
    super()
    const rng = new Rng(seed)
    this.hidden = new Linear(2, 8, { rng })
    this.head = new Linear(8, 1, { rng })
    this.dropout = new Dropout(0.2, { rng: rng.split() })
  }

  forward(x: Tensor): Tensor {
    return this.head.forward(this.dropout.forward(tanh(this.hidden.forward(x))))
  }
}

export interface Batch {
  readonly x: Tensor
  readonly y: Tensor
}

/** y = a b: not linear, so that the hidden layer has work to do. */
const rows = dataset(Array.from({ length: 40 }, (_, i) => {
  const [a, b] = [Math.sin(i), Math.cos(3 * i)]
  return { x: [a, b], y: [a * b] }
}))

export const loader = (batchSize = 8) =>
  new DataLoader(rows, {
    batchSize,
    seed: 5,
    collate: (items): Batch => ({ x: tensor(items.map(({ x }) => x)), y: tensor(items.map(({ y }) => y)) }),
  })

/** A run of a fresh model, everything of which can be replaced. */
export function run(changes: Partial<FitOptions<Batch>> & { readonly seed?: number } = {}): FitOptions<Batch> & { readonly model: Net } {
  const model = new Net(changes.seed ?? 1)
  return {
    optimizer: new Adam(model.parameters(), { learningRate: 0.02 }),
    train: loader(),
    step: ({ x, y }) => ({ loss: meanSquaredError(model.forward(x), y), count: x.shape[0] }),
    epochs: 4,
    ...changes,
    model,
  }
}

export class MemoryStore implements CheckpointStore {
  saved: Uint8Array | undefined
  saves = 0

  save(checkpoint: Uint8Array): Promise<void> {
    this.saved = checkpoint
    this.saves++
    return Promise.resolve()
  }

  load(): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.saved)
  }
}

export async function collect(events: AsyncIterable<TrainingEvent>): Promise<TrainingEvent[]> {
  const all: TrainingEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

/** All parameters in a row. */
export const weights = (model: Module) => [...model.parameters()].flatMap(({ data }) => [...data])
