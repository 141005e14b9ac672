// Derivatives of arithmetic of two operands, of the choice between two, and of conversions.
import {
  cast,
  divide,
  equal,
  greaterEqual,
  isFloat,
  less,
  log,
  logicalAnd,
  multiply,
  negate,
  power,
  subtract,
  sumTo,
  where,
  type Tensor,
} from '@ostinato/tensor'
import type { DerivativeTable } from './derivative.ts'

/** The gradient of the operand that wins where it wins, half of it where both are equal. */
const winning = (gradient: Tensor, loser: Tensor, winner: Tensor) => {
  const shared = where(equal(loser, winner), multiply(gradient, 0.5), gradient)
  return sumTo(where(less(winner, loser), 0, shared), winner.shape)
}

export const arithmetic = {
  add: ({ gradient: g, inputs: [a, b] }) => [() => sumTo(g, a.shape), () => sumTo(g, b.shape)],
  subtract: ({ gradient: g, inputs: [a, b] }) => [() => sumTo(g, a.shape), () => sumTo(negate(g), b.shape)],
  multiply: ({ gradient: g, inputs: [a, b] }) => [
    () => sumTo(multiply(g, b), a.shape),
    () => sumTo(multiply(g, a), b.shape),
  ],
  divide: ({ gradient: g, inputs: [a, b], output: y }) => [
    () => sumTo(divide(g, b), a.shape),
    () => sumTo(divide(multiply(negate(g), y), b), b.shape),
  ],
  // At an exponent of 0 the first is 0 also where the base is 0; at a base of 0 the second is 0 unless the exponent is
  // below 0.
  power: ({ gradient: g, inputs: [a, b], output: y }) => [
    () => sumTo(where(equal(b, 0), 0, multiply(g, multiply(b, power(a, subtract(b, 1))))), a.shape),
    () => sumTo(where(logicalAnd(equal(a, 0), greaterEqual(b, 0)), 0, multiply(g, multiply(y, log(a)))), b.shape),
  ],
  maximum: ({ gradient: g, inputs: [a, b] }) => [() => winning(g, b, a), () => winning(g, a, b)],
  minimum: ({ gradient: g, inputs: [a, b] }) => [
    () => winning(g, negate(b), negate(a)),
    () => winning(g, negate(a), negate(b)),
  ],
  where: ({ gradient: g, inputs: [condition, a, b] }) => {
    const taken = condition as Tensor<never> as Tensor<'bool'>
    return [undefined, () => sumTo(where(taken, g, 0), a.shape), () => sumTo(where(taken, 0, g), b.shape)]
  },
  cast: ({ gradient, inputs: [x] }) => [isFloat(x.dtype) ? () => cast(gradient, x.dtype) : undefined],
} satisfies Partial<DerivativeTable>
