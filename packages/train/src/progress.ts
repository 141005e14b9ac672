// Where a run stands: all that, beside the tensors, is needed to go on exactly.
import type { AveragesState, Scores } from './outcome.ts'

/** What one finished epoch gave. */
export interface EpochRecord {
  readonly epoch: number
  readonly train: Scores
  readonly validation?: Scores
  readonly seconds: number
}

/** The position of a run; plain JSON. */
export interface Progress {
  /** Finished epochs. */
  epoch: number
  /** Finished steps of the current epoch. */
  step: number
  totalSteps: number
  /** Averages of the current epoch. */
  averages: AveragesState
  /** Seconds spent on the current epoch so far. */
  seconds: number
  /** The best monitored score and its epoch (0: none). */
  best: { score: number; epoch: number }
  /** Finished epochs since the best. */
  epochsWithoutImprovement: number
  history: EpochRecord[]
}

export function newProgress(): Progress {
  return {
    epoch: 0,
    step: 0,
    totalSteps: 0,
    averages: { count: 0, totals: {} },
    seconds: 0,
    // JSON knows no Infinity: the largest number stands for "none yet".
    best: { score: Number.MAX_VALUE, epoch: 0 },
    epochsWithoutImprovement: 0,
    history: [],
  }
}
