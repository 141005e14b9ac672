// The public face of `@ostinato/autograd`.
export { checkGradients, GradientError } from './check-gradients.ts'
export type { CheckGradientsOptions, GradientMismatch } from './check-gradients.ts'
export { findNonFinite } from './find-non-finite.ts'
export type { NonFinite } from './find-non-finite.ts'
export { grad } from './grad.ts'
export type { HasParameters, Targets } from './targets.ts'
export { valueAndGrad } from './value-and-grad.ts'
export type { Gradients, ValueAndGradients, WithAuxiliary } from './value-and-grad.ts'
