// Derivatives of arithmetic element by element.
import { divide, multiply, subtract, sumTo, type Operations } from '@ostinato/tensor'
import type { Derivatives } from './derivative.ts'

export const elementwise: Derivatives<Pick<Operations, 'add' | 'subtract' | 'multiply' | 'divide'>> = {
  add: ({ gradient: g, inputs: [a, b] }) => [() => sumTo(g, a.shape), () => sumTo(g, b.shape)],
  subtract: ({ gradient: g, inputs: [a, b] }) => [() => sumTo(g, a.shape), () => sumTo(subtract(0, g), b.shape)],
  multiply: ({ gradient: g, inputs: [a, b] }) => [() => sumTo(multiply(g, b), a.shape), () => sumTo(multiply(g, a), b.shape)],
  divide: ({ gradient: g, inputs: [a, b], output: y }) => [
    () => sumTo(divide(g, b), a.shape),
    () => sumTo(subtract(0, divide(multiply(g, y), b)), b.shape),
  ],
}
