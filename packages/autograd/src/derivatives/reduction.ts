// Derivatives of reductions. Their outputs keep the reduced axes with size 1, so that they broadcast against the input.
import { broadcastTo, cast, divide, equal, multiply, sum, type Tensor } from '@ostinato/tensor'
import type { Derivative, DerivativeTable } from './derivative.ts'
import type { Operations } from '@ostinato/tensor'

/** Elements that tie share the gradient equally. */
const shared: Derivative<Operations['max']> = ({ gradient: g, inputs: [x], output: y, attributes: { axes } }) => [
  () => {
    const hit = cast(equal(x, y), x.dtype)
    return multiply(divide(g, sum(hit, { axis: axes, keepAxes: true })), hit)
  },
]

const countOver = (x: Tensor, y: Tensor) => x.size / y.size

export const reduction = {
  mean: ({ gradient: g, inputs: [x], output: y }) => [() => broadcastTo(divide(g, countOver(x, y)), x.shape)],
  max: shared,
  min: shared,
} satisfies Partial<DerivativeTable>
