// A small model with dropout, its data, and a store in memory.
import { DataLoader, dataset } from '@ostinato/datasets'
import { Dropout, Linear, meanSquaredError, Module } from '@ostinato/nn'
import { Adam } from '@ostinato/optim'
import { Rng, tanh, tensor, type Tensor } from '@ostinato/tensor'
import type { CheckpointStore, FitOptions, TrainingEvent } from '@ostinato/train'

class Net extends Module {
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

/** Five batches an epoch, unless told otherwise. */
export const loader = (batchSize = 8): DataLoader<{ readonly x: number[]; readonly y: number[] }, Batch> =>
  new DataLoader(rows, {
    batchSize,
    seed: 5,
    collate: (items): Batch => ({ x: tensor(items.map(({ x }) => x)), y: tensor(items.map(({ y }) => y)) }),
  })

export interface Run extends FitOptions<Batch> {
  readonly model: Net
}

/** A run of a fresh model, everything of which can be replaced. */
export function run(changes: Partial<FitOptions<Batch>> & { readonly seed?: number } = {}): Run {
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

  /** The saved bytes, which there must be. */
  get bytes(): Uint8Array {
    if (this.saved === undefined) throw new Error('MemoryStore: expected a checkpoint, got none')
    return this.saved
  }
}

export async function collect(events: AsyncIterable<TrainingEvent>): Promise<TrainingEvent[]> {
  const all: TrainingEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

export const ofType = <T extends TrainingEvent['type']>(
  events: readonly TrainingEvent[],
  type: T,
): Extract<TrainingEvent, { type: T }>[] =>
  events.filter((event): event is Extract<TrainingEvent, { type: T }> => event.type === type)

/** The events without the times, which no two runs share. */
export const timeless = (events: readonly TrainingEvent[]): unknown[] =>
  events.map((event) => ('seconds' in event ? { ...event, seconds: 0 } : event))

/** All parameters in a row. */
export const weights = (model: Module): number[] => [...model.parameters()].flatMap(({ data }) => [...data])
