// What `fit` is told: the types and the checks of its options. It trains nothing.
import type { Module } from '@ostinato/nn'
import type { Optimizer } from '@ostinato/optim'
import type { CheckpointStore } from './checkpoint.ts'
import type { EpochEvent } from './events.ts'
import type { GradientFlowOptions } from './gradient-flow.ts'
import type { Outcome } from './outcome.ts'

/**
 * Batches, epoch by epoch. A `DataLoader` of `@ostinato/datasets` is one as it is; so is an object with two fields.
 *
 * An epoch must give `length` batches, and the same ones in the same order whenever it is asked for again: then a run
 * that was interrupted can go on exactly.
 */
export interface BatchSource<B> {
  /** The number of batches of an epoch. */
  readonly length: number
  /** The batches of an epoch, counted from 0, from number `batch` on. */
  epoch(at: { readonly epoch: number; readonly batch: number }): Iterable<B> | AsyncIterable<B>
}

/** When to stop before all epochs are done. */
export interface EarlyStopping {
  /** Stop after this many epochs in a row without a better score. */
  readonly patience: number
  /** A score must be better by more than this to count. Default 0. */
  readonly minimumImprovement?: number
}

/** Where checkpoints go, and when. */
export interface CheckpointOptions {
  readonly store: CheckpointStore
  /** Within an epoch, save after every so many steps too. Absent: after each epoch, and when the run is stopped. */
  readonly everySteps?: number
}

/** What `fit` trains, and how. */
export interface FitOptions<B> {
  readonly model: Module
  /** Made from the parameters of `model`. */
  readonly optimizer: Optimizer
  readonly train: BatchSource<B>
  /**
   * Runs the model on one batch; called for training and for validation alike. Synchronous, as gradients are recorded
   * while it runs.
   */
  readonly step: (batch: B) => Outcome
  /** Absent: there is no validation. */
  readonly validation?: BatchSource<B>
  readonly epochs: number
  /** Scales the gradients down to this norm together (Pascanu et al. 2013, §3.2). Absent: no clipping. */
  readonly clipNorm?: number
  /**
   * The score of an epoch; smaller is better, so put a minus before an accuracy. Default: the validation loss, or the
   * training loss where there is no validation.
   */
  readonly monitor?: (epoch: Pick<EpochEvent, 'train' | 'validation'>) => number
  /** Absent: all epochs are done. */
  readonly earlyStopping?: EarlyStopping
  /** At the end, unless it came by the signal or a `break`, put the parameters of the best epoch back. Default true. */
  readonly restoreBest?: boolean
  /**
   * Tell how much gradient reaches the steps of recurrent layers, in `gradientFlow` events. Changes nothing of the
   * training. Absent: nothing is observed.
   */
  readonly gradientFlow?: GradientFlowOptions
  /** Absent: nothing is saved. */
  readonly checkpoint?: CheckpointOptions
  /** Go on from the last checkpoint if there is one. Default false: a new run, which overwrites it. */
  readonly resume?: boolean
  /** Ends the run after the current step, with a checkpoint. */
  readonly signal?: AbortSignal
}

/** @throws RangeError naming every option that does not fit */
export function checkOptions<B>(options: FitOptions<B>): void {
  const { epochs, train, validation, clipNorm, gradientFlow, checkpoint, resume, earlyStopping } = options
  const faults: string[] = []
  const whole = (name: string, value: number | undefined) => {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return
    faults.push(`${name}: expected an integer of 1 or more, got ${value}`)
  }
  whole('epochs', epochs)
  whole('train.length', train.length)
  whole('validation.length', validation?.length)
  whole('gradientFlow.everySteps', gradientFlow?.everySteps)
  whole('checkpoint.everySteps', checkpoint?.everySteps)
  whole('earlyStopping.patience', earlyStopping?.patience)
  const { minimumImprovement = 0 } = earlyStopping ?? {}
  if (!(minimumImprovement >= 0 && minimumImprovement < Infinity)) {
    faults.push(`earlyStopping.minimumImprovement: expected a finite number of 0 or more, got ${minimumImprovement}`)
  }
  if (clipNorm !== undefined && !(clipNorm > 0 && clipNorm < Infinity)) {
    faults.push(`clipNorm: expected a finite number above 0, got ${clipNorm}`)
  }
  if (resume === true && checkpoint === undefined) {
    faults.push('resume: expected a checkpoint store to resume from, got none')
  }
  if (faults.length > 0) throw new RangeError(`fit: ${faults.join('; ')}`)
}
