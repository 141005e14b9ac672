// The error of a run whose numbers stopped being numbers, and the search for the place where that began.
import { findNonFinite } from '@ostinato/autograd'
import type { Module } from '@ostinato/nn'
import type { Tensor } from '@ostinato/tensor'

/** Where a run diverged. */
export interface DivergedPlace {
  /** The epoch, counted from 1. */
  readonly epoch: number
  /** The step of the epoch, counted from 1. */
  readonly step: number
  /** The first parameter, operation or gradient that is not finite. */
  readonly culprit: string
}

/**
 * Training met a loss or gradient that is NaN or infinite, or a validation loss that is NaN. The
 * optimizer has not been asked to step; the last checkpoint is as it was.
 *
 * @example
 * ```ts
 * import { Linear } from '@ostinato/nn'
 * import { SGD } from '@ostinato/optim'
 * import { log, Rng, sum, tensor } from '@ostinato/tensor'
 * import { DivergedError, fit } from '@ostinato/train'
 * const model = new Linear(1, 1, { rng: new Rng(0) })
 * const run = fit({
 *   model,
 *   optimizer: new SGD(model.parameters(), { learningRate: 0.1 }),
 *   train: { length: 1, epoch: () => [tensor([[0]])] },
 *   step: (x) => ({ loss: sum(log(x)), count: 1 }),
 *   epochs: 1,
 * })
 * try {
 *   for await (const event of run) console.assert(event.type === 'start')
 * } catch (error) {
 *   console.assert(error instanceof DivergedError && error.step === 1 && error.culprit.includes('log'))
 * }
 * ```
 */
export class DivergedError extends Error implements DivergedPlace {
  override readonly name = 'DivergedError'
  readonly epoch: number
  readonly step: number
  readonly culprit: string

  /** @param what such as `the loss is NaN` */
  constructor(what: string, { epoch, step, culprit }: DivergedPlace) {
    const remedy = 'lower the learning rate, clip gradients (clipNorm) or look at this batch'
    super(`fit: ${what} in epoch ${epoch}, step ${step}: ${culprit}: ${remedy}`)
    this.epoch = epoch
    this.step = step
    this.culprit = culprit
  }
}

/** Names the first parameter, or else the first operation of `run`, whose values are not all finite. */
export function findCulprit(model: Module, run: () => unknown): string {
  return findBadParameter(model) ?? findNonFinite([], run)?.message
    ?? 'every operation is finite when the step is run again'
}

/** Names the first parameter whose values are not all finite. */
export function findBadParameter(model: Module): string | undefined {
  for (const [name, parameter] of model.namedParameters()) {
    const bad = firstNonFinite(parameter)
    if (bad >= 0) return `parameter ${name} is ${parameter.data[bad]} at position ${bad}`
  }
  return undefined
}

/** Names the first parameter whose gradient is not finite. */
export function findBadGradient(model: Module, grads: ReadonlyMap<Tensor, Tensor>): string {
  for (const [name, parameter] of model.namedParameters()) {
    const gradient = grads.get(parameter)
    const bad = gradient === undefined ? -1 : firstNonFinite(gradient)
    if (gradient !== undefined && bad >= 0) {
      return `the gradient of parameter ${name} is ${gradient.data[bad]} at position ${bad}`
    }
  }
  return 'the norm of all gradients overflows'
}

function firstNonFinite({ data }: Tensor): number {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i
  return -1
}
