// Derivatives of reductions. Their outputs keep the reduced axes with size 1, so that they broadcast against the input.
import {
  broadcastTo,
  cast,
  divide,
  equal,
  exp,
  mean,
  multiply,
  subtract,
  sum,
  where,
  type Operations,
  type Tensor,
} from '@ostinato/tensor'
import type { Derivative, DerivativeTable } from './derivative.ts'

/** The number of elements that fall on one result. */
const countOver = (x: Tensor, y: Tensor) => x.size / y.size

/** Elements that tie share the gradient equally. */
const shared: Derivative<Operations['max']> = ({ gradient: g, inputs: [x], output: y, attributes: { axes } }) => [
  () => {
    const hit = cast(equal(x, y), x.dtype)
    return multiply(divide(g, sum(hit, { axis: axes, keepAxes: true })), hit)
  },
]

export const reduction = {
  mean: ({ gradient: g, inputs: [x], output: y }) => [() => broadcastTo(divide(g, countOver(x, y)), x.shape)],
  variance: ({ gradient: g, inputs: [x], output: y, attributes: { axes, correction } }) => [
    () => {
      const deviation = subtract(x, mean(x, { axis: axes, keepAxes: true }))
      return multiply(multiply(g, 2 / (countOver(x, y) - correction)), deviation)
    },
  ],
  max: shared,
  min: shared,
  // Where the norm is 0, so is x.
  norm: ({ gradient: g, inputs: [x], output: y }) => [() => multiply(divide(g, where(equal(y, 0), 1, y)), x)],
  logSumExp: ({ gradient: g, inputs: [x], output: y }) => [() => multiply(g, exp(subtract(x, y)))],
} satisfies Partial<DerivativeTable>
