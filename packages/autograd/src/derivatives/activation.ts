// Derivatives of activations and of softmax.
import {
  add,
  erf,
  exp,
  greater,
  multiply,
  negate,
  reluInputGradient,
  sigmoid,
  square,
  subtract,
  sum,
  where,
  type Tensor,
} from '@ostinato/tensor'
import type { DerivativeTable } from './derivative.ts'

/** d/dx x Φ(x) = Φ(x) + x φ(x) */
const geluSlope = (x: Tensor) => {
  const distribution = multiply(add(erf(multiply(x, Math.SQRT1_2)), 1), 0.5)
  const density = multiply(exp(multiply(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
  return add(distribution, multiply(x, density))
}

/** d/dx x s = s + x s (1 - s) du/dx, where s = sigmoid(u) and u = 2 √(2/π) (x + 0.044715 x³) */
const geluTanhSlope = (x: Tensor) => {
  const scale = 2 * Math.sqrt(2 / Math.PI)
  const squared = square(x)
  const s = sigmoid(multiply(multiply(x, scale), add(multiply(squared, 0.044715), 1)))
  const slope = multiply(add(multiply(squared, 3 * 0.044715), 1), scale)
  return add(s, multiply(multiply(x, multiply(s, subtract(1, s))), slope))
}

export const activation = {
  relu: ({ gradient: g, output: y }) => [() => reluInputGradient(g, y)],
  // Flat in y wherever it is defined.
  reluInputGradient: ({ gradient: g, inputs: [, y] }) => [() => reluInputGradient(g, y), undefined],
  sigmoid: ({ gradient: g, output: y }) => [() => multiply(g, multiply(y, subtract(1, y)))],
  tanh: ({ gradient: g, output: y }) => [() => multiply(g, subtract(1, square(y)))],
  erf: ({ gradient: g, inputs: [x] }) => [() => multiply(multiply(g, 2 / Math.sqrt(Math.PI)), exp(negate(square(x))))],
  leakyRelu: ({ gradient: g, inputs: [x], attributes: { slope } }) => [
    () => where(greater(x, 0), g, multiply(g, slope)),
  ],
  elu: ({ gradient: g, inputs: [x], output: y, attributes: { alpha } }) => [
    () => where(greater(x, 0), g, multiply(g, add(y, alpha))),
  ],
  gelu: ({ gradient: g, inputs: [x], attributes: { approximate } }) => [
    () => multiply(g, approximate === 'tanh' ? geluTanhSlope(x) : geluSlope(x)),
  ],
  softplus: ({ gradient: g, inputs: [x], attributes: { beta, threshold } }) => [
    () => {
      const scaled = multiply(x, beta)
      return where(greater(scaled, threshold), g, multiply(g, sigmoid(scaled)))
    },
  ],
  softmax: ({ gradient: g, output: y, attributes: { axis } }) => [
    () => multiply(y, subtract(g, sum(multiply(g, y), { axis, keepAxes: true }))),
  ],
  logSoftmax: ({ gradient: g, output: y, attributes: { axis } }) => [
    () => subtract(g, multiply(exp(y), sum(g, { axis, keepAxes: true }))),
  ],
} satisfies Partial<DerivativeTable>
