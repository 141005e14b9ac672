// The one slot through which operations are overheard. `@ostinato/autograd` puts a tape here; without a listener,
// nothing is kept. This file knows no derivative.
import type { Operations } from './operations.ts'
import type { AnyTensor, Tensor } from './tensor.ts'

/** The name of an operation that `tensor` itself offers. */
export type OperationName = keyof Operations

/** One call of an operation of this package; its derivative stands in the table of `@ostinato/autograd`. */
export interface PrimitiveRecord<K extends OperationName = OperationName> {
  readonly name: K
  readonly inputs: readonly AnyTensor[]
  readonly outputs: readonly [AnyTensor]
  readonly attributes: Operations[K]
}

/** One call of an operation made elsewhere (a fused LSTM, say), which brings its own derivative. */
export interface CustomRecord {
  readonly name: string
  readonly inputs: readonly AnyTensor[]
  readonly outputs: readonly AnyTensor[]
  /**
   * The vector-Jacobian product: from the gradient of each output (absent: zero) to the gradient of each input (absent:
   * none). It may be called more than once.
   */
  readonly derivative: (gradients: readonly (Tensor | undefined)[]) => readonly (Tensor | undefined)[]
  /**
   * Whether `derivative` is made of recorded operations wherever what it computes from is tracked, so that it has a
   * derivative in turn. Default false: what it computed unheard refuses a second derivative.
   */
  readonly differentiable?: boolean
}

/** What a listener hears. */
export type OperationRecord = PrimitiveRecord | CustomRecord

/** A listener to operations. */
export interface Recorder {
  /** Called after each operation that ran while the recorder was set. */
  record(operation: OperationRecord): void
  /**
   * Whether results computed from `tensor` matter to this listener; an operation need not keep anything for a tensor
   * that does not.
   */
  tracks(tensor: AnyTensor): boolean
  /** See `watchGradient`. A listener that computes no gradients has no such method. */
  watch?(tensor: Tensor, hear: (gradient: Tensor) => void): void
}

let current: Recorder | null = null

/** The listener in place, or null. */
export function currentRecorder(): Recorder | null {
  return current
}

/**
 * Runs `run` with `recorder` (or none) in the slot and puts the previous one back, whatever happens. `run` must be
 * synchronous.
 */
export function withRecorder<T>(recorder: Recorder | null, run: () => T): T {
  const previous = current
  current = recorder
  try {
    return run()
  } finally {
    current = previous
  }
}

/** Whether any of `inputs` is tracked: then an operation with a derivative of its own has to keep what that needs. */
export function isTracked(inputs: readonly AnyTensor[]): boolean {
  if (current === null) return false
  for (const input of inputs) if (current.tracks(input)) return true
  return false
}

/**
 * Calls `hear` with the total gradient of an intermediate result, as soon as a walk backwards has it whole: what came
 * to it by every way that the result was used. Changes no gradient. Of a tensor that is not tracked, or on which the
 * value does not depend, nothing is heard; nor without a listener that computes gradients.
 *
 * @example
 * ```ts
 * import { multiply, tensor, watchGradient, type Tensor } from '@ostinato/tensor'
 * const normed = (x: Tensor): Tensor => {
 *   const y = multiply(x, 2)
 *   watchGradient(y, ({ data }) => { console.log(`the gradient of y is ${data.join()}`) })
 *   return y
 * }
 * console.assert(normed(tensor([3])).item() === 6) // nothing is heard: no gradient is computed here
 * ```
 */
export function watchGradient(tensor: Tensor, hear: (gradient: Tensor) => void): void {
  current?.watch?.(tensor, hear)
}

/** Reports a primitive operation and returns its output. */
export function record<K extends OperationName, T extends AnyTensor>(
  name: K,
  inputs: readonly AnyTensor[],
  output: T,
  attributes: Operations[K],
): T {
  // The object is a PrimitiveRecord<K>; TypeScript cannot see that K is one of the union's members.
  if (current !== null) current.record({ name, inputs, outputs: [output], attributes } as unknown as PrimitiveRecord)
  return output
}

/**
 * Reports an operation made elsewhere, which brings its own derivative. What computed its outputs is not to be recorded
 * as well. An operation that has to keep something for its derivative asks `isTracked` first.
 *
 * @example
 * ```ts
 * import { multiply, recordCustom, tensor, withRecorder, type Tensor } from '@ostinato/tensor'
 * const doubled = (x: Tensor): Tensor => {
 *   const output = withRecorder(null, () => multiply(x, 2))
 *   recordCustom({ name: 'doubled', inputs: [x], outputs: [output], derivative: ([g]) => [g && multiply(g, 2)] })
 *   return output
 * }
 * console.assert(doubled(tensor([3])).item() === 6)
 * ```
 */
export function recordCustom(operation: CustomRecord): void {
  if (current !== null) current.record(operation)
}

let trainingOverride: boolean | null = null

/**
 * Whether layers that differ between training and use (dropout, batch normalisation) should train: true while gradients
 * are being recorded, unless `withTraining` says otherwise. There is no mode to forget.
 */
export function isTraining(): boolean {
  return trainingOverride ?? current !== null
}

/**
 * Runs `run` with training behaviour switched on or off, whether or not gradients are recorded.
 * @example
 * ```ts
 * import { isTraining, withTraining } from '@ostinato/tensor'
 * console.assert(!isTraining() && withTraining(true, isTraining))
 * ```
 */
export function withTraining<T>(training: boolean, run: () => T): T {
  const previous = trainingOverride
  trainingOverride = training
  try {
    return run()
  } finally {
    trainingOverride = previous
  }
}
