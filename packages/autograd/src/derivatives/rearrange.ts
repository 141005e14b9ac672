// Derivatives of operations that reorder, cut and join, and of running sums: each is linear, and its adjoint is
// another of them.
import { cumulativeSum, flip, place, slice, transpose, type Operations } from '@ostinato/tensor'
import type { Derivatives } from './derivative.ts'

type Names = 'transpose' | 'slice' | 'place' | 'flip' | 'concat' | 'cumulativeSum'

export const rearrange: Derivatives<Pick<Operations, Names>> = {
  transpose: ({ gradient, attributes: { axes } }) => [() => transpose(gradient, axes.map((_, i) => axes.indexOf(i)))],
  slice: ({ gradient, inputs: [x], attributes: { ranges } }) => [() => place(gradient, ranges, x.shape)],
  place: ({ gradient, attributes: { ranges } }) => [() => slice(gradient, ranges)],
  flip: ({ gradient, attributes: { axes } }) => [() => flip(gradient, axes)],
  concat: ({ gradient, inputs, attributes: { axis } }) => {
    let stop = 0
    return inputs.map(({ shape }) => {
      const start = stop
      stop += shape[axis]
      const range = [start, stop] as const
      return () => slice(gradient, shape.map((_, i) => (i === axis ? range : undefined)))
    })
  },
  cumulativeSum: ({ gradient, attributes: { axis, reverse } }) => [
    () => cumulativeSum(gradient, { axis, reverse: !reverse }),
  ],
}
