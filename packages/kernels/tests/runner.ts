// Runs a test case through the public functions in a given dtype.
import {
  elmanBackward, elmanForward, gruBackward, gruForward, lstmBackward, lstmForward,
} from '../src/index.ts'
import type { FloatArray } from '../src/index.ts'
import type { AnyGradients, Case } from './support.ts'

export interface Cotangents {
  readonly output?: Float64Array
  readonly hidden?: Float64Array
  readonly cell?: Float64Array
}

export interface Run<A extends FloatArray> {
  readonly output: A
  readonly hidden: A
  readonly cell?: A
  readonly backward: (cotangents: Cotangents, options?: { readonly stateNorms?: boolean }) => AnyGradients<A>
}

/** Forward with `keep`, and a function that goes back. `as` turns the case's arrays into those of the dtype. */
export function runCase<A extends FloatArray>(c: Case, as: (values: Float64Array) => A): Run<A> {
  const optional = (values: Float64Array | undefined): A | undefined => (values === undefined ? undefined : as(values))
  const common = {
    layout: { batch: c.batch, time: c.time, lengths: c.lengths, reverse: c.reverse },
    inputSize: c.inputSize, hiddenSize: c.hiddenSize, keep: true,
    input: as(c.input), initialHidden: as(c.initialHidden),
    weightIh: as(c.weightIh), weightHh: as(c.weightHh),
    biasIh: optional(c.biasIh), biasHh: optional(c.biasHh),
  } as const
  const gradients = (g: Cotangents): { output?: A | undefined; hidden?: A | undefined } => ({
    output: optional(g.output), hidden: optional(g.hidden),
  })
  if (c.kind === 'elman') {
    const { saved, ...rest } = elmanForward<A>({ ...common, nonlinearity: c.nonlinearity })
    return { ...rest, backward: (g, options) => elmanBackward(saved, gradients(g), options) }
  }
  if (c.kind === 'gru') {
    const { saved, ...rest } = gruForward<A>(common)
    return { ...rest, backward: (g, options) => gruBackward(saved, gradients(g), options) }
  }
  const { saved, ...rest } = lstmForward<A>({ ...common, initialCell: as(c.initialCell) })
  const all = (g: Cotangents) => ({ ...gradients(g), cell: optional(g.cell) })
  return { ...rest, backward: (g, options) => lstmBackward(saved, all(g), options) }
}
