// What a layer of a case is made into, whichever kind it is.
import type { FloatDType, Parameter, Rng, Tensor } from '@ostinato/tensor'
import type { Fixture } from '@ostinato/test-utils'
import type { Output } from './case.ts'
import type { Config } from './config.ts'

/** A layer made ready: its parameters under PyTorch's names, and how it is called. */
export interface Made {
  readonly parameters: readonly (readonly [string, Parameter | null])[]
  /** What the layer measures, under PyTorch's names; a case may leave it out, or have it among its inputs. */
  readonly statistics?: readonly (readonly [string, Parameter])[]
  /** Whether its inputs are ids, which its call reads itself. */
  readonly ids?: boolean
  /** The output `y`, or all outputs. */
  readonly call: (inputs: readonly Tensor[], fixture: Fixture, dtype: FloatDType) => Tensor | readonly Output[]
  /** Looks at a case further, after it was run. */
  readonly after?: (fixture: Fixture) => void
}

export type Make = (config: Config, options: { readonly rng: Rng; readonly dtype: FloatDType }) => Made
