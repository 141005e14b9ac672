// The public change by stochastic gradient descent: checks its arguments and hands them to a backend. Not here:
// options, schedules, and who keeps the velocity.
import { runLocal } from './backend.ts'
import { Faults, isFloatArray } from './faults.ts'
import { sgdInto } from './javascript/sgd.ts'
import type { FloatArray } from './types.ts'
import { sgdWasm } from './wasm/sgd.ts'

/** What a change by SGD reads and writes; all of one length and dtype, none of which shares memory with another. */
export interface SgdArrays<A extends FloatArray> {
  /** θ, changed in place. */
  readonly values: A
  /** ∇θ, only read. */
  readonly gradient: A
  /** v, changed in place; absent: no momentum. */
  readonly velocity?: A | undefined
}

/** How far and by what rule. */
export interface SgdChange {
  /** η */
  readonly learningRate: number
  /** This times θ is added to ∇θ. Default 0. */
  readonly penalty?: number | undefined
  /** μ: what stays of the velocity. Default 0. */
  readonly momentum?: number | undefined
  /** τ: how much less of the gradient enters it. Default 0. */
  readonly dampening?: number | undefined
  /** Move along g + μ v, by Nesterov. Default false: along v. */
  readonly nesterov?: boolean | undefined
  /** Which change it is: 1 the first time, when v = g. Matters to a velocity alone. Default 1. */
  readonly step?: number | undefined
}

/** The constants of one change. */
export interface SgdConstants {
  readonly penalty: number
  readonly kept: number
  readonly entering: number
  /** What θ loses of g, and of v. */
  readonly ofGradient: number
  readonly ofVelocity: number
}

/**
 * One change of parameters by stochastic gradient descent, in place: with g = ∇θ + penalty θ,
 *
 *     v' = μ v + (1 - τ) g   (v' = g the first time),   θ' = θ - η v',
 *
 * with Nesterov's momentum θ' = θ - η (g + μ v'), without a velocity θ' = θ - η g (Sutskever et al. 2013, "On the
 * importance of initialization and momentum in deep learning").
 *
 * @throws RangeError when a length or dtype does not fit.
 *
 * @example
 * ```ts
 * import { sgd } from '@ostinato/kernels'
 *
 * const values = Float32Array.of(1)
 * sgd({ values, gradient: Float32Array.of(1) }, { learningRate: 0.5 })
 * values // 0.5
 * ```
 */
export function sgd<A extends FloatArray>(arrays: SgdArrays<A>, options: SgdChange): void {
  check(arrays)
  const { learningRate, penalty = 0, momentum = 0, dampening = 0, nesterov = false, step = 1 } = options
  const constants = {
    penalty,
    kept: step === 1 ? 0 : momentum,
    entering: step === 1 ? 1 : 1 - dampening,
    ofGradient: nesterov || arrays.velocity === undefined ? learningRate : 0,
    ofVelocity: nesterov ? learningRate * momentum : learningRate,
  }
  const single = arrays as SgdArrays<FloatArray> as SgdArrays<Float32Array>
  runLocal(
    arrays.values,
    (native) => { native.sgd(single, constants) },
    (machine) => { sgdWasm(machine, single, constants) },
    () => { sgdInto(arrays, constants) },
  )
}

function check<A extends FloatArray>({ values, gradient, velocity }: SgdArrays<A>): void {
  const faults = new Faults('sgd')
  const length = isFloatArray(values) ? values.length : 0
  const likeValues = `as values: ${length}`
  faults.array('values', values, values, length, likeValues)
  faults.throwIfAny()
  faults.array('gradient', gradient, values, length, likeValues)
  if (velocity !== undefined) faults.array('velocity', velocity, values, length, likeValues)
  faults.throwIfAny()
}
