// One pass over data without training: the loss and the metrics, averaged.
import { withTraining } from '@ostinato/tensor'
import { breather } from './breather.ts'
import type { BatchSource } from './options.ts'
import { Averages, type Outcome, type Scores } from './outcome.ts'

/** What `evaluate` needs. */
export interface EvaluateOptions<B> {
  readonly data: BatchSource<B>
  /** Runs the model on one batch, as for `fit`. */
  readonly step: (batch: B) => Outcome
  /** Ends the pass after the current batch. */
  readonly signal?: AbortSignal
}

/**
 * Averages the loss and metrics over one pass of `data`, with dropout and its like switched off and no gradients.
 *
 * @throws the signal's reason when it ends the pass early: averages of a part are not given out as those of the whole
 * @example
 * ```ts
 * import { Linear, meanSquaredError } from '@ostinato/nn'
 * import { Rng, tensor } from '@ostinato/tensor'
 * import { evaluate } from '@ostinato/train'
 * const model = new Linear(1, 1, { rng: new Rng(0) })
 * model.weight.update((data) => data.fill(2))
 * model.bias?.update((data) => data.fill(0))
 * const batches = [{ x: tensor([[1], [2]]), y: tensor([[2], [4]]) }, { x: tensor([[3]]), y: tensor([[9]]) }]
 * const scores = await evaluate({
 *   data: { length: 2, epoch: () => batches },
 *   step: ({ x, y }) => ({ loss: meanSquaredError(model.forward(x), y), count: x.shape[0] }),
 * })
 * console.assert(scores.loss === (2 * 0 + 1 * 9) / 3)
 * ```
 */
export async function evaluate<B>({ data, step, signal }: EvaluateOptions<B>): Promise<Scores> {
  const averages = new Averages()
  const breathe = breather()
  signal?.throwIfAborted()
  for await (const batch of data.epoch({ epoch: 0, batch: 0 })) {
    signal?.throwIfAborted()
    averages.add(withTraining(false, () => step(batch)))
    await breathe()
  }
  return averages.scores()
}
