// Clipping of gradients, in place, before the optimizer's step. By global norm or by value; nothing is recorded.
import { formatShape, type Tensor } from '@ostinato/tensor'
import { nonNegative, oneOf, readOptions, type Field } from './options.ts'
import { throwFaults } from './faults.ts'

/** Options of `clipGradNorm`. */
export interface ClipGradNormOptions {
  /** p of the p-norm, above 0, or Infinity for the largest magnitude; 2 by default. */
  readonly norm?: number
  /**
   * What to do when the norm is NaN or infinite: throw, by default, or return it and leave the gradients as they are.
   */
  readonly nonFinite?: 'throw' | 'return'
}

interface NormSettings extends ClipGradNormOptions {
  readonly maximumNorm: number
}

const norm: Field<number> = {
  byDefault: 2,
  expected: 'a number above 0, or Infinity',
  accepts: (value) => typeof value === 'number' && value > 0,
}

const fields = { maximumNorm: nonNegative(), norm, nonFinite: oneOf<'throw' | 'return'>('throw', ['return']) }

/**
 * Scales all gradients, in place, so that their norm, taken over all of them as one vector, is at most `maximumNorm`:
 * g ← g · min(1, maximumNorm / (‖g‖ + 1e-6)). The norm is computed in float64.
 *
 * Pascanu, Mikolov and Bengio 2013, "On the difficulty of training recurrent neural networks", §3.2.
 *
 * @returns the norm before clipping
 * @throws RangeError when an option is out of range, or the norm is not finite (unless `nonFinite` is 'return'); the
 * gradients are unchanged then
 * @example
 * ```ts
 * import { tensor } from '@ostinato/tensor'
 * import { clipGradNorm } from '@ostinato/optim'
 * const gradient = tensor([3, 4])
 * const norm = clipGradNorm(new Map([[tensor([0, 0]), gradient]]), 1)
 * console.assert(norm === 5 && Math.abs(gradient.data[0] - 0.6) < 1e-6)
 * ```
 */
export function clipGradNorm(
  grads: ReadonlyMap<Tensor, Tensor>,
  maximumNorm: number,
  options: ClipGradNormOptions = {},
): number {
  const settings = readOptions<NormSettings>('clipGradNorm', { ...options, maximumNorm }, fields)
  const total = normOf([...grads.values()], settings.norm)
  if (!Number.isFinite(total)) {
    if (settings.nonFinite === 'throw') refuseNonFinite(grads, total)
    return total
  }
  const factor = maximumNorm / (total + 1e-6)
  if (factor >= 1) return total
  for (const data of distinct(grads)) for (let i = 0; i < data.length; i++) data[i] *= factor
  return total
}

/**
 * Limits every element of every gradient, in place, to [-limit, limit]. NaN stays NaN.
 *
 * @throws RangeError when `limit` is negative or not finite
 * @example
 * ```ts
 * import { tensor } from '@ostinato/tensor'
 * import { clipGradValue } from '@ostinato/optim'
 * const gradient = tensor([-3, 0.5])
 * clipGradValue(new Map([[tensor([0, 0]), gradient]]), 1)
 * console.assert(gradient.data[0] === -1 && gradient.data[1] === 0.5)
 * ```
 */
export function clipGradValue(grads: ReadonlyMap<Tensor, Tensor>, limit: number): void {
  readOptions('clipGradValue', { limit }, { limit: nonNegative() })
  for (const data of distinct(grads)) {
    for (let i = 0; i < data.length; i++) {
      if (data[i] > limit) data[i] = limit
      else if (data[i] < -limit) data[i] = -limit
    }
  }
}

/** Each array once: two parameters may share one gradient (that of `a + b`), which must not be scaled twice. */
const distinct = (grads: ReadonlyMap<Tensor, Tensor>) => new Set([...grads.values()].map((gradient) => gradient.data))

function normOf(gradients: readonly Tensor[], p: number): number {
  if (p === Infinity) return gradients.reduce((largest, { data }) => Math.max(largest, largestOf(data)), 0)
  const powers = p === 2 ? squares : (data: Tensor['data']) => sumOfPowers(data, p)
  const total = gradients.reduce((sum, { data }) => sum + powers(data), 0)
  return p === 2 ? Math.sqrt(total) : total ** (1 / p)
}

/** The sum of squares, in four parts: one sum alone would wait for each of its additions. */
function squares(data: Tensor['data']): number {
  const whole = data.length - (data.length % 4)
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let i = 0; i < whole; i += 4) {
    a += data[i] * data[i]
    b += data[i + 1] * data[i + 1]
    c += data[i + 2] * data[i + 2]
    d += data[i + 3] * data[i + 3]
  }
  for (let i = whole; i < data.length; i++) a += data[i] * data[i]
  return a + b + (c + d)
}

function sumOfPowers(data: Tensor['data'], p: number): number {
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += Math.abs(data[i]) ** p
  return sum
}

function largestOf(data: Tensor['data']): number {
  let largest = 0
  for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]))
  return largest
}

/** Names the gradients that hold NaN or an infinity. */
function refuseNonFinite(grads: ReadonlyMap<Tensor, Tensor>, total: number): void {
  const faults: string[] = []
  let index = 0
  for (const { data, shape, dtype } of grads.values()) {
    const at = data.findIndex((value) => !Number.isFinite(value))
    if (at >= 0) {
      const place = `element ${at} of gradient ${index}, ${dtype}${formatShape(shape)}`
      faults.push(`expected finite gradients, got ${data[at]} at ${place}`)
    }
    index++
  }
  if (faults.length === 0) faults.push(`expected gradients with a finite norm, got ${total}: their powers overflow`)
  throwFaults('clipGradNorm', faults)
}
