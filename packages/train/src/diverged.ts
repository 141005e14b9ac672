// The error of a run whose numbers stopped being numbers, and the search for the place where that began.
import { findNonFinite } from '@ostinato/autograd'
import type { Module } from '@ostinato/nn'
import type { Tensor } from '@ostinato/tensor'

/** Training met a loss or gradient that is NaN or infinite. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError'

  constructor(
    message: string,
    /** The epoch, counted from 1. */
    readonly epoch: number,
    /** The step of the epoch, counted from 1. */
    readonly step: number,
    /** The first parameter or operation that is not finite. */
    readonly culprit: string,
  ) {
    super(message)
  }
}

/** Names the first parameter, or else the first operation of `run`, whose values are not all finite. */
export function findCulprit(model: Module, run: () => unknown): string {
  for (const [name, parameter] of model.namedParameters()) {
    const bad = firstNonFinite(parameter)
    if (bad >= 0) return `parameter ${name} is ${parameter.data[bad]} at position ${bad}`
  }
  return findNonFinite([], run)?.message ?? 'every operation is finite when the step is run again'
}

/** Names the first parameter whose gradient is not finite. */
export function findBadGradient(model: Module, grads: ReadonlyMap<Tensor, Tensor>): string {
  for (const [name, parameter] of model.namedParameters()) {
    const gradient = grads.get(parameter)
    const bad = gradient === undefined ? -1 : firstNonFinite(gradient)
    if (gradient !== undefined && bad >= 0) return `the gradient of parameter ${name} is ${gradient.data[bad]} at position ${bad}`
  }
  return 'the norm of all gradients overflows'
}

function firstNonFinite({ data }: Tensor): number {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i
  return -1
}
