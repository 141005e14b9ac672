// Derivatives of convolution and pooling. Convolution is linear in each operand: with the pairing <dy, y> = <dx, x> =
// <dw, w> each of its three forms differentiates into the other two. The records bring them, so that this table imports
// none.
import type { Operations } from '@ostinato/tensor'
import type { Derivative, Derivatives } from './derivative.ts'

type Convolutions = 'convolution' | 'convolutionInputGradient' | 'convolutionWeightGradient'
type Pools = 'averagePool' | 'averagePoolInputGradient'

const pool: Derivative<Operations[Pools]> = ({ gradient, attributes: { geometry, adjoint } }) => [
  () => adjoint(gradient, geometry),
]

export const convolutions: Derivatives<Pick<Operations, Convolutions | Pools>> = {
  convolution: ({ gradient: g, inputs: [x, weight], attributes: { geometry, forms } }) => [
    () => forms.inputGradient(g, weight, geometry),
    () => forms.weightGradient(x, g, geometry),
  ],
  convolutionInputGradient: ({ gradient: g, inputs: [y, weight], attributes: { geometry, forms } }) => [
    () => forms.convolution(g, weight, geometry),
    () => forms.weightGradient(g, y, geometry),
  ],
  convolutionWeightGradient: ({ gradient: g, inputs: [x, y], attributes: { geometry, forms } }) => [
    () => forms.inputGradient(y, g, geometry),
    () => forms.convolution(x, g, geometry),
  ],
  averagePool: pool,
  averagePoolInputGradient: pool,
}
