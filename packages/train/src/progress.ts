// Where a run stands: all that, beside the tensors, is needed to go on exactly. Reading it from a file is the business
// of `read-progress.ts`.
import { Averages, type AveragesState, type Scores } from './outcome.ts'

/** What one finished epoch gave. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number
  readonly train: Scores
  readonly validation?: Scores
  /** Time for training and validation, in seconds. */
  readonly seconds: number
}

/** The position of a run. */
export interface Progress {
  /** Finished epochs. */
  epoch: number
  /** Finished steps of the current epoch. */
  step: number
  /** Of the whole run. */
  totalSteps: number
  readonly stepsPerEpoch: number
  /** Averages of the current epoch. */
  averages: AveragesState
  /** Seconds spent on the current epoch so far. */
  seconds: number
  /** The best monitored score (Infinity: none yet) and its epoch (0: none). */
  best: { readonly score: number; readonly epoch: number }
  /** Finished epochs since the best. */
  epochsWithoutImprovement: number
  readonly history: EpochRecord[]
}

/**
 * The position of a run that has not begun.
 *
 * @example
 * ```ts
 * import { newProgress } from '@ostinato/train'
 * const progress = newProgress({ stepsPerEpoch: 100 })
 * console.assert(progress.totalSteps === 0 && progress.best.epoch === 0)
 * ```
 */
export function newProgress({ stepsPerEpoch }: Pick<Progress, 'stepsPerEpoch'>): Progress {
  return {
    epoch: 0,
    step: 0,
    totalSteps: 0,
    stepsPerEpoch,
    averages: new Averages().state(),
    seconds: 0,
    best: { score: Infinity, epoch: 0 },
    epochsWithoutImprovement: 0,
    history: [],
  }
}
