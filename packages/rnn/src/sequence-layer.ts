// What all layers over time share: `Rnn`, `Bidirectional` and `Stacked` are such layers, and take each other as parts.
import { Module } from '@ostinato/nn'
import { formatShape, ShapeError, type Tensor } from '@ostinato/tensor'
import type { SequenceResult } from './cell.ts'
import type { LengthsOption } from './lengths.ts'

/** How a call of a sequence layer may differ from the plain one. */
export interface SequenceOptions<S> extends LengthsOption {
  /** The state before the first step; absent: the layer's initial state. */
  readonly initialState?: S
}

/** A layer that turns `[batch, time, inputSize]` into `[batch, time, outputSize]` and a state. */
export abstract class SequenceLayer<S> extends Module {
  abstract readonly inputSize: number
  abstract readonly outputSize: number

  /** The state before the first step. */
  abstract initialState(batch: number): S

  /**
   * @param x `[batch, time, inputSize]`
   * @returns output `[batch, time, outputSize]`, zero past each row's length, and the state after each row's last
   * valid step
   * @throws ShapeError when `x`, the lengths or the state do not fit
   */
  abstract forward(x: Tensor, options?: SequenceOptions<S>): SequenceResult<S>
}

/** Throws unless `x` is `[batch, time, inputSize, …]`. */
export function checkSequence(where: string, x: Tensor, inputSize: number): void {
  const expected = `expected [batch, time, features=${inputSize}], got ${formatShape(x.shape)}`
  if (x.rank < 3) throw new ShapeError(where, [`${expected}: ${x.rank} axes instead of 3`])
  if (x.shape[2] !== inputSize) throw new ShapeError(where, [`${expected}: axis 2 'features' is ${x.shape[2]}`])
}
