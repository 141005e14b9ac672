// Derivatives of operations that only move values, and of sums: each is the other's adjoint.
import { broadcastTo, reshape, sumTo, type Operations } from '@ostinato/tensor'
import type { Derivatives } from './derivative.ts'

export const layout: Derivatives<Pick<Operations, 'reshape' | 'broadcastTo' | 'sumTo'>> = {
  reshape: ({ gradient, inputs: [x] }) => [() => reshape(gradient, x.shape)],
  broadcastTo: ({ gradient, inputs: [x] }) => [() => sumTo(gradient, x.shape)],
  sumTo: ({ gradient, inputs: [x] }) => [() => broadcastTo(gradient, x.shape)],
}
