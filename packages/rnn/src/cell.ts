// A cell: what happens at one step. Running it over time is the business of `Rnn`.
import { Module } from '@ostinato/nn'
import type { Tensor } from '@ostinato/tensor'

/** What a cell carries from step to step: named tensors, each `[batch, …]`. */
export type State = Readonly<Record<string, Tensor>>

/** The state with some of its tensors replaced. */
export function changeState<S extends State>(state: S, change: (value: Tensor, name: string) => Tensor): S {
  // The result has the same names with tensors of the same kind.
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, change(value, name)])) as S
}

/** A step's output `[batch, …]` and the state after it. */
export interface StepResult<S> {
  readonly output: Tensor
  readonly state: S
}

/**
 * The outputs of all steps `[batch, time, …]`, zero past each row's length, and the state after each row's last valid
 * step.
 */
export interface SequenceResult<S> {
  readonly output: Tensor
  readonly state: S
}

/** What a fused sequence starts from and how it runs. */
export interface FusedOptions<S> {
  readonly state: S
  readonly lengths?: Int32Array
  readonly reverse: boolean
  /**
   * There where a `GradientFlow` observes: a fused form tells, when it goes backwards, for each state the norm of its
   * total gradient by row and step of the output, `[batch, time]`, zero past each row's length.
   */
  readonly tellStateNorms?: (state: string, norms: Float64Array) => void
}

/**
 * A step of a sequence under way. `read` is what the recurrent weights read in place of `state` (the state with units
 * dropped, say); where a cell passes its state on by another way too, that way keeps `state`.
 */
export type CellStep<S> = (x: Tensor, state: S, read?: S) => StepResult<S>

/**
 * One step of a recurrent network. A subclass gives the sizes, the first state and `step`; any cell then runs over
 * time with
 * `new Rnn(cell)`.
 *
 * @example
 * ```ts
 * import { add, multiply, zeros, type Tensor } from '@ostinato/tensor'
 * import { Cell, Rnn } from '@ostinato/rnn'
 *
 * // A leaky integrator: h' = 0.9 h + x.
 * class LeakyCell extends Cell<{ readonly hidden: Tensor }> {
 *   constructor(readonly inputSize: number) {
 *     super()
 *   }
 *   get outputSize() {
 *     return this.inputSize
 *   }
 *   initialState(batch: number) {
 *     return { hidden: zeros([batch, this.inputSize]) }
 *   }
 *   step(x: Tensor, state: { readonly hidden: Tensor }) {
 *     const hidden = add(multiply(state.hidden, 0.9), x)
 *     return { output: hidden, state: { hidden } }
 *   }
 * }
 * const { output } = new Rnn(new LeakyCell(2)).forward(zeros([4, 7, 2]))
 * console.assert(output.shape.join() === '4,7,2')
 * ```
 */
export abstract class Cell<S extends State> extends Module {
  /** The number of features of a step's input. */
  abstract readonly inputSize: number
  /** The number of features of a step's output. */
  abstract readonly outputSize: number

  /** The state before the first step, usually zeros. */
  abstract initialState(batch: number): S

  /** One step: `x` is `[batch, inputSize]`. */
  abstract step(x: Tensor, state: S): StepResult<S>

  /**
   * The step function of one new sequence. A cell that draws something once a sequence (a dropout mask) draws it for
   * this function and keeps none of it. Whoever steps through a sequence himself begins it so; `step` alone is a
   * sequence of one step.
   *
   * The default is `step`, from `read` where that is given: right for a cell whose state enters through weights alone.
   */
  begin(): CellStep<S> {
    return (x, state, read = state) => this.step(x, read)
  }

  /**
   * All steps at once as one operation that equals running `step` over time, for a cell that has such a form.
   * @returns undefined when it has none: then `Rnn` steps
   */
  sequence(_x: Tensor, _options: FusedOptions<S>): SequenceResult<S> | undefined {
    return undefined
  }
}
