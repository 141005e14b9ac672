// The events of a training run: plain data, so that they can be shown, logged or posted to another thread.
import type { LayerGradientFlow } from './gradient-flow.ts'
import type { Scores } from './outcome.ts'
import type { EpochRecord } from './progress.ts'

/** Before the first step. */
export interface StartEvent {
  readonly type: 'start'
  readonly epochs: number
  readonly stepsPerEpoch: number
  /** The number of trainable values. */
  readonly parameters: number
  /** Where an interrupted run goes on; absent in a new one. */
  readonly resumed?: { readonly epoch: number; readonly step: number }
  /** The epochs finished before an interruption; empty in a new run. */
  readonly history: readonly EpochRecord[]
}

/** After each optimizer step. */
export interface StepEvent {
  readonly type: 'step'
  /** Counted from 1. */
  readonly epoch: number
  /** Within the epoch, counted from 1. */
  readonly step: number
  readonly stepsPerEpoch: number
  /** Steps since the beginning of the whole run, interruptions included. */
  readonly totalSteps: number
  /** Of this batch. */
  readonly scores: Scores
  /** Averages over the epoch so far. */
  readonly average: Scores
  /** The norm of all gradients together, before clipping. */
  readonly gradientNorm: number
  readonly learningRate: number
  /** The examples of this batch. */
  readonly count: number
  /** The tokens of this batch; absent where `step` does not count them. */
  readonly tokens?: number
  /** Time that this step took, in seconds. */
  readonly seconds: number
}

/** Before the event of a step that was observed: what gradient reached the steps of recurrent layers. */
export interface GradientFlowEvent {
  readonly type: 'gradientFlow'
  /** The step's number in the whole run, counted from 1. */
  readonly totalSteps: number
  readonly layers: readonly LayerGradientFlow[]
}

/** After each epoch and its validation. */
export interface EpochEvent {
  readonly type: 'epoch'
  /** Counted from 1. */
  readonly epoch: number
  readonly train: Scores
  readonly validation?: Scores
  /** Whether the monitored score is the best so far. */
  readonly best: boolean
  /** Time for training and validation of this epoch, in seconds. */
  readonly seconds: number
}

/** After a checkpoint has been written whole. */
export interface CheckpointEvent {
  readonly type: 'checkpoint'
  readonly epoch: number
  readonly step: number
}

/** The last event. */
export interface StopEvent {
  readonly type: 'stop'
  /** `finished`: all epochs done; `early`: no improvement for `patience` epochs; `aborted`: the signal. */
  readonly reason: 'finished' | 'early' | 'aborted'
  /** Epochs that were completed. */
  readonly epochs: number
  /** The epoch with the best monitored score, counted from 1; 0 when none was completed. */
  readonly bestEpoch: number
}

/** Everything that `fit` tells. */
export type TrainingEvent = StartEvent | GradientFlowEvent | StepEvent | EpochEvent | CheckpointEvent | StopEvent
