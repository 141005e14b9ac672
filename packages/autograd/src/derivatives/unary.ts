// Derivatives of functions of one argument.
import { add, cos, divide, equal, multiply, negate, sign, sin, where } from '@ostinato/tensor'
import type { DerivativeTable } from './derivative.ts'

/** Flat wherever it is defined: no gradient. */
const flat = () => []

export const unary = {
  negate: ({ gradient: g }) => [() => negate(g)],
  abs: ({ gradient: g, inputs: [x] }) => [() => multiply(g, sign(x))],
  sign: flat,
  square: ({ gradient: g, inputs: [x] }) => [() => multiply(multiply(g, 2), x)],
  sqrt: ({ gradient: g, output: y }) => [() => divide(g, multiply(y, 2))],
  exp: ({ gradient: g, output: y }) => [() => multiply(g, y)],
  expm1: ({ gradient: g, output: y }) => [() => multiply(g, add(y, 1))],
  log: ({ gradient: g, inputs: [x] }) => [() => divide(g, x)],
  log1p: ({ gradient: g, inputs: [x] }) => [() => divide(g, add(x, 1))],
  sin: ({ gradient: g, inputs: [x] }) => [() => multiply(g, cos(x))],
  cos: ({ gradient: g, inputs: [x] }) => [() => multiply(negate(g), sin(x))],
  floor: flat,
  ceil: flat,
  round: flat,
  clip: ({ gradient: g, inputs: [x], output: y }) => [() => where(equal(x, y), g, 0)],
} satisfies Partial<DerivativeTable>
