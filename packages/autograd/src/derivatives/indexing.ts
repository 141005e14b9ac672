// Derivatives of taking elements by ids and of adding them back: each is the other's adjoint.
import { gather, scatterAdd, scatterAddAlongAxis, takeAlongAxis, type Operations } from '@ostinato/tensor'
import type { Derivatives } from './derivative.ts'

type Names = 'gather' | 'scatterAdd' | 'takeAlongAxis' | 'scatterAddAlongAxis'

export const indexing: Derivatives<Pick<Operations, Names>> = {
  gather: ({ gradient, inputs: [x], attributes: { indices, axis } }) => [
    () => scatterAdd(x.shape, indices, gradient, { axis }),
  ],
  scatterAdd: ({ gradient, attributes: { indices, axis } }) => [() => gather(gradient, indices, { axis })],
  takeAlongAxis: ({ gradient, inputs: [x], attributes: { indices, axis } }) => [
    () => scatterAddAlongAxis(x.shape, indices, gradient, { axis }),
  ],
  scatterAddAlongAxis: ({ gradient, attributes: { indices, axis } }) => [
    () => takeAlongAxis(gradient, indices, { axis }),
  ],
}
