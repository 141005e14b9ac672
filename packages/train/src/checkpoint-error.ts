// The one error of reading a checkpoint.

const most = 10

/**
 * The bytes are no checkpoint, or one of another run. Nothing has been changed.
 *
 * @example
 * ```ts
 * import { Linear } from '@ostinato/nn'
 * import { SGD } from '@ostinato/optim'
 * import { Rng } from '@ostinato/tensor'
 * import { CheckpointError, restoreCheckpoint } from '@ostinato/train'
 * const model = new Linear(1, 1, { rng: new Rng(0) })
 * const optimizer = new SGD(model.parameters(), { learningRate: 0.1 })
 * try {
 *   restoreCheckpoint(new Uint8Array(100), { model, optimizer })
 * } catch (error) {
 *   console.assert(error instanceof CheckpointError && error.faults.length === 1)
 * }
 * ```
 */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError'

  /** @param faults every fault found, each a sentence `…: expected …, got …` */
  constructor(readonly faults: readonly string[], options?: ErrorOptions) {
    const shown = faults.slice(0, most).map((fault, i) => `\n  ${i + 1}. ${fault}`)
    const rest = faults.length > most ? `\n  and ${faults.length - most} more` : ''
    const list = faults.length === 1 ? faults[0] : `${faults.length} faults${shown.join('')}${rest}`
    super(`restoreCheckpoint: the checkpoint does not fit, nothing was restored: ${list}`, options)
  }
}
