// The public face of `@ostinato/autograd`.
export { valueAndGrad } from './value-and-grad.ts'
export type { Gradients, HasParameters, Targets, ValueAndGradients, WithAuxiliary } from './value-and-grad.ts'
