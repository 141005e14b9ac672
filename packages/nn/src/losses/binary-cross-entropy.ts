// Cross-entropy of independent yes-or-no questions.
import {
  abs, add, exp, log1p, maximum, multiply, negate, recordCustom, sigmoid, stopGradient, subtract, withRecorder,
  formatShape, type Tensor,
} from '@ostinato/tensor'
import { throwFaults, throwRangeFaults } from '../check.ts'
import { checkPair, reduce, reductionFaults, type ReductionOption } from './reduction.ts'

/** The options of `binaryCrossEntropyWithLogits`. */
export interface BinaryCrossEntropyOptions extends ReductionOption {
  /**
   * How much each element counts, of a shape that broadcasts to that of the logits. The mean still divides by their
   * number.
   */
  readonly weights?: Tensor
  /**
   * How much the term of a positive target counts, of a shape that broadcasts to that of the logits: above 1 for rare
   * positives.
   */
  readonly positiveWeight?: Tensor
}

/**
 * With p the positive weight, σ the logistic function and t the target: `-(p t log σ(x) + (1 - t) log(1 - σ(x)))`,
 * reduced; computed without overflow for any x.
 *
 * @param logits any shape, unnormalised
 * @param targets the same shape and type, from 0 to 1
 * @returns a scalar, or with `reduction: 'none'` the shape of `logits`
 * @throws ShapeError when shapes or types do not fit (targets are not broadcast)
 * @throws RangeError when a target lies outside 0 to 1
 * @example
 * ```ts
 * import { binaryCrossEntropyWithLogits } from '@ostinato/nn'
 * import { tensor } from '@ostinato/tensor'
 * const loss = binaryCrossEntropyWithLogits(tensor([0, 500]), tensor([1, 1]))
 * console.assert(Math.abs(loss.item() - Math.LN2 / 2) < 1e-6)
 * ```
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  targets: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  const { weights, positiveWeight, reduction = 'mean' } = options
  const where = 'binaryCrossEntropyWithLogits'
  throwRangeFaults(where, reductionFaults(reduction))
  throwFaults(where, [
    ...weightFaults('weights', weights, logits),
    ...weightFaults('positiveWeight', positiveWeight, logits),
  ])
  checkPair(where, logits, targets)
  const bad = targets.data.findIndex((target) => !(target >= 0 && target <= 1))
  if (bad >= 0) throwRangeFaults(where, [`expected targets from 0 to 1, got ${targets.data[bad]} (element ${bad})`])
  // -log(1 - σ(x)) = x + l and -log σ(x) = l, where l = log(1 + e^-x).
  const factor = positiveWeight === undefined
    ? undefined
    : add(multiply(subtract(stopGradient(positiveWeight), 1), targets), 1)
  const positive = negativeLogSigmoid(logits)
  const weighed = factor === undefined ? positive : multiply(factor, positive)
  const losses = add(multiply(subtract(1, targets), logits), weighed)
  return reduce(weights === undefined ? losses : multiply(losses, stopGradient(weights)), reduction)
}

/**
 * `-log σ(x) = log(1 + e^-x)`, as `max(-x, 0) + log(1 + e^-|x|)`. Its derivative `-σ(-x)` is given by hand: that of the
 * parts is undefined at 0, where an untrained model stands.
 */
function negativeLogSigmoid(x: Tensor): Tensor {
  const value = withRecorder(null, () => add(maximum(negate(x), 0), log1p(exp(negate(abs(x))))))
  const derivative = ([gradient]: readonly (Tensor | undefined)[]) =>
    [gradient === undefined ? undefined : multiply(gradient, negate(sigmoid(negate(x))))]
  recordCustom({ name: 'negativeLogSigmoid', inputs: [x], outputs: [value], derivative })
  return value
}

function weightFaults(name: string, weights: Tensor | undefined, { shape, dtype }: Tensor): string[] {
  if (weights === undefined) return []
  const faults: string[] = []
  if (weights.dtype !== dtype) faults.push(`expected ${name} of type ${dtype}, got ${weights.dtype}`)
  const start = shape.length - weights.rank
  const fits = start >= 0 && weights.shape.every((n, i) => n === 1 || n === shape[start + i])
  if (!fits) faults.push(`expected ${name} that broadcast to ${formatShape(shape)}, got ${formatShape(weights.shape)}`)
  return faults
}
