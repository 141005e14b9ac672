// The public change by Adam: checks its arguments, folds the step's corrections into constants and hands all to a
// backend. Not here: options, schedules, and who keeps the moments.
import { runLocal } from './backend.ts'
import { Faults, isFloatArray } from './faults.ts'
import { adamInto } from './javascript/adam.ts'
import type { FloatArray } from './types.ts'
import { adamWasm } from './wasm/adam.ts'

/** What a change by Adam reads and writes; all of one length and dtype, none of which shares memory with another. */
export interface AdamArrays<A extends FloatArray> {
  /** θ, changed in place. */
  readonly values: A
  /** ∇θ, only read. */
  readonly gradient: A
  /** m, changed in place. */
  readonly firstMoment: A
  /** v, changed in place. */
  readonly secondMoment: A
  /** The largest v so far, changed in place; there for AMSGrad. */
  readonly largestSecondMoment?: A | undefined
}

/** How far and by what rule. */
export interface AdamChange {
  /** η */
  readonly learningRate: number
  /** β₁ and β₂, each from 0 to below 1. */
  readonly betas: readonly [number, number]
  /** ε, above 0. */
  readonly epsilon: number
  /** t: which change it is, 1 the first time. */
  readonly step: number
  /** This times θ is added to ∇θ. Default 0. */
  readonly penalty?: number | undefined
  /** This fraction of θ is taken away first. Default 0. */
  readonly shrink?: number | undefined
}

/** The constants of one change, with the corrections of its step in them. */
export interface AdamConstants {
  readonly penalty: number
  /** 1 - shrink */
  readonly kept: number
  /** 1 - β₁ */
  readonly entering1: number
  /** β₂ */
  readonly kept2: number
  /** 1 - β₂ */
  readonly entering2: number
  /** η / (1 - β₁ᵗ) */
  readonly size: number
  /** 1 / √(1 - β₂ᵗ) */
  readonly scale: number
  readonly epsilon: number
}

/** The smallest normal float32: an epsilon below it would be lost there. */
const LEAST = 2 ** -126

/**
 * One change of parameters by Adam (Kingma & Ba 2015, algorithm 1), in place: with g = ∇θ + penalty θ,
 *
 * - m' = β₁ m + (1 - β₁) g, v' = β₂ v + (1 - β₂) g²
 * - θ' = (1 - shrink) θ - η (m' / (1 - β₁ᵗ)) / (√(v' / (1 - β₂ᵗ)) + ε)
 *
 * With `largestSecondMoment`, that takes the place of v' in the last line (Reddi, Kale & Kumar 2018). An element whose
 * gradient and moments are zero does not move, but for `shrink`.
 *
 * @throws RangeError when a length or dtype does not fit.
 *
 * @example
 * ```ts
 * import { adam } from '@ostinato/kernels'
 *
 * const values = Float32Array.of(1)
 * const [firstMoment, secondMoment] = [new Float32Array(1), new Float32Array(1)]
 * adam(
 *   { values, gradient: Float32Array.of(8), firstMoment, secondMoment },
 *   { learningRate: 0.5, betas: [0.9, 0.999], epsilon: 1e-8, step: 1 },
 * )
 * values // 0.5: the first step is as long as the learning rate
 * ```
 */
export function adam<A extends FloatArray>(arrays: AdamArrays<A>, options: AdamChange): void {
  check(arrays)
  const { learningRate, betas: [beta1, beta2], epsilon, step, penalty = 0, shrink = 0 } = options
  const constants = {
    penalty,
    kept: 1 - shrink,
    entering1: 1 - beta1,
    kept2: beta2,
    entering2: 1 - beta2,
    size: learningRate / (1 - beta1 ** step),
    scale: 1 / Math.sqrt(1 - beta2 ** step),
    epsilon: Math.max(epsilon, LEAST),
  }
  const single = arrays as AdamArrays<FloatArray> as AdamArrays<Float32Array>
  runLocal(
    arrays.values,
    (native) => { native.adam(single, constants) },
    (machine) => { adamWasm(machine, single, constants) },
    () => { adamInto(arrays, constants) },
  )
}

function check<A extends FloatArray>({
  values, gradient, firstMoment, secondMoment, largestSecondMoment,
}: AdamArrays<A>): void {
  const faults = new Faults('adam')
  const length = isFloatArray(values) ? values.length : 0
  const likeValues = `as values: ${length}`
  faults.array('values', values, values, length, likeValues)
  faults.throwIfAny()
  const others = Object.entries({ gradient, firstMoment, secondMoment })
  for (const [name, array] of others) faults.array(name, array, values, length, likeValues)
  if (largestSecondMoment !== undefined) {
    faults.array('largestSecondMoment', largestSecondMoment, values, length, likeValues)
  }
  faults.throwIfAny()
}
