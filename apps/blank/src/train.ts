// Training: what is minimised, how, and when it stops.
import { binaryCrossEntropyWithLogits } from '@ostinato/nn'
import { Adam } from '@ostinato/optim'
import { showProgress } from '@ostinato/report/terminal'
import { fit } from '@ostinato/train'
import { batches, loadRows } from './data.ts'
import { Memory } from './model.ts'
import { accuracy } from './predict.ts'

/** A trained network, and how often it is right on rows that it did not see. */
export interface Trained {
  readonly model: Memory
  readonly testAccuracy: number
}

/** Trains a network from a seed. */
export async function train({ seed, epochs = 20 }: { seed: number; epochs?: number }): Promise<Trained> {
  const rows = loadRows({ seed })
  const model = new Memory({ seed })
  const run = fit({
    model,
    optimizer: new Adam(model.parameters(), { learningRate: 0.02 }),
    train: batches(rows.train, { seed }),
    validation: batches(rows.validation, { seed }),
    step: ({ x, y }) => ({ loss: binaryCrossEntropyWithLogits(model.forward(x), y), count: y.size }),
    epochs,
    clipNorm: 1,
  })
  // A run is a stream of events, and progress is one of its readers.
  for await (const event of showProgress(run)) if (event.type === 'stop') break
  return { model, testAccuracy: accuracy(model, rows.test) }
}
