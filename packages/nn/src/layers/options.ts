// What the constructors of layers with weights have in common.
import { Parameter, type FloatDType, type Rng, type Shape } from '@ostinato/tensor'
import { fanInUniform, fans, type Initialiser } from '../initialisers.ts'

/** How a layer with weights starts. */
export interface WeightOptions {
  /** Where the starting values come from. */
  readonly rng: Rng
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean
  /** How the weight starts. Default `fanInUniform`, as PyTorch. */
  readonly initialiser?: Initialiser
  /** The element type of parameters and inputs. Default float32. */
  readonly dtype?: FloatDType
}

/**
 * The weight and the bias of a linear layer or a convolution. The bias starts as `U(-1/sqrt(fanIn), 1/sqrt(fanIn))`,
 * whatever the weight starts as: PyTorch's default.
 */
export function weightAndBias(
  shape: Shape,
  biasSize: number,
  { rng, bias = true, initialiser = fanInUniform, dtype = 'float32' }: WeightOptions,
): { readonly weight: Parameter; readonly bias: Parameter | null } {
  const weight = new Parameter(initialiser(shape, { rng, dtype }))
  if (!bias) return { weight, bias: null }
  const bound = 1 / Math.sqrt(fans('weightAndBias', shape).fanIn)
  return { weight, bias: new Parameter(rng.uniform([biasSize], { low: -bound, high: bound, dtype })) }
}
