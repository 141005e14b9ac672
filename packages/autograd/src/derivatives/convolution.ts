// Derivatives of convolution and pooling. Convolution is linear in each operand: with the pairing <dy, y> = <dx, x> =
// <dw, w> each of its three forms differentiates into the other two.
import {
  averagePool,
  averagePoolInputGradient,
  convolution,
  convolutionInputGradient as inputGradient,
  convolutionWeightGradient as weightGradient,
  type Operations,
} from '@ostinato/tensor'
import type { Derivatives } from './derivative.ts'

type Convolutions = 'convolution' | 'convolutionInputGradient' | 'convolutionWeightGradient'
type Pools = 'averagePool' | 'averagePoolInputGradient'

export const convolutions: Derivatives<Pick<Operations, Convolutions | Pools>> = {
  convolution: ({ gradient: g, inputs: [x, weight], attributes: geometry }) => [
    () => inputGradient(g, weight, geometry),
    () => weightGradient(x, g, geometry),
  ],
  convolutionInputGradient: ({ gradient: g, inputs: [y, weight], attributes: geometry }) => [
    () => convolution(g, weight, geometry),
    () => weightGradient(g, y, geometry),
  ],
  convolutionWeightGradient: ({ gradient: g, inputs: [x, y], attributes: geometry }) => [
    () => inputGradient(y, g, geometry),
    () => convolution(x, g, geometry),
  ],
  averagePool: ({ gradient, attributes: geometry }) => [() => averagePoolInputGradient(gradient, geometry)],
  averagePoolInputGradient: ({ gradient, attributes: geometry }) => [() => averagePool(gradient, geometry)],
}
