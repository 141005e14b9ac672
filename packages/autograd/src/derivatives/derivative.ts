// The form of an entry in the table of derivatives.
import type { Operations, Tensor } from '@ostinato/tensor'

/** What the derivative of one call may use. Integer and bool inputs stand among `inputs` too; they get no gradient. */
export interface Call<Attributes> {
  /** The gradient of the loss with respect to the output, of the output's shape. */
  readonly gradient: Tensor
  readonly inputs: readonly Tensor[]
  readonly output: Tensor
  readonly attributes: Attributes
}

/**
 * The vector-Jacobian product of an operation: for each input a function that computes its gradient (absent or
 * undefined: the operation is not differentiable in it). Only the functions that are needed are called. They are
 * written in terms of tensor operations, which is why gradients of gradients exist.
 */
export type Derivative<Attributes> = (call: Call<Attributes>) => readonly ((() => Tensor) | undefined)[]

/** One entry for each operation of a family; a missing one does not compile. */
export type Derivatives<Family> = { readonly [Name in keyof Family]: Derivative<Family[Name]> }

/** The whole table. */
export type DerivativeTable = Derivatives<Operations>
