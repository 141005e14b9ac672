// Cross-entropy between class scores and the ids of the right classes.
import {
  add, allocate, divide, expandAxis, formatShape, logSoftmax, multiply, sameShape, squeeze, stopGradient, sum,
  takeAlongAxis, Tensor, where,
} from '@ostinato/tensor'
import { faultsOf, rangeFaults, throwFaults, throwRangeFaults } from '../check.ts'
import { reduce, reductionFaults, type ReductionOption } from './reduction.ts'

/** The options of `crossEntropy`. */
export interface CrossEntropyOptions extends ReductionOption {
  /** The target that counts nowhere, neither in the sum nor in the mean: padding. It need not be a class. */
  readonly ignoreId?: number
  /** The share, from 0 to 1, of the target distribution that is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number
  /** `[classes]`: how much a target of each class counts. The mean is a weighted one. */
  readonly weights?: Tensor
}

/**
 * `-log softmax(logits)[target]`, reduced.
 *
 * With label smoothing ε, `(1 - ε) (-log p[target]) + ε / classes Σ_c -log p[c]` (Szegedy et al. 2016, "Rethinking the
 * Inception architecture", §7). With weights w, each element counts `w[target]`, the terms of the smoothed sum `w[c]`,
 * and the mean divides by `Σ w[target]`, as PyTorch.
 *
 * @param logits `[..., classes]`, unnormalised
 * @param targets `[...]`, class ids
 * @returns a scalar, or with `reduction: 'none'` the shape of `targets`, 0 where ignored
 * @throws ShapeError when shapes or types do not fit
 * @throws RangeError when a target is no class, or the mean is over nothing (all ignored or of weight 0)
 * @example
 * ```ts
 * import { crossEntropy } from '@ostinato/nn'
 * import { tensor, zeros } from '@ostinato/tensor'
 * const targets = tensor([1, 3, -1], { dtype: 'int32' })
 * const loss = crossEntropy(zeros([3, 4]), targets, { ignoreId: -1 })
 * console.assert(Math.abs(loss.item() - Math.log(4)) < 1e-6)
 * ```
 */
export function crossEntropy(logits: Tensor, targets: Tensor<'int32'>, options: CrossEntropyOptions = {}): Tensor {
  const { ignoreId, labelSmoothing = 0, weights, reduction = 'mean' } = options
  const classes = check(logits, targets, options)
  const { ids, shares, ignored } = readTargets(targets, { classes, ignoreId, weights, dtype: logits.dtype })
  const logProbabilities = logSoftmax(logits, { axis: -1 })
  const picked = squeeze(takeAlongAxis(logProbabilities, expandAxis(ids, -1), { axis: -1 }), -1)
  const hard = multiply(picked, shares)
  const losses = labelSmoothing === 0 ? hard : smooth(hard, logProbabilities, labelSmoothing, weights)
  // A choice, not a product with 0: where a target is ignored the scores may be infinite.
  const counted = ignored === null ? losses : where(ignored, 0, losses)
  if (reduction !== 'mean') return reduce(counted, reduction)
  const total = -sum(ignored === null ? shares : where(ignored, 0, shares)).item()
  if (total === 0) {
    throwRangeFaults('crossEntropy', [`expected a target that counts, got none among ${targets.size}: take reduction 'sum'`])
  }
  return divide(sum(counted), total)
}

function smooth(hard: Tensor, logProbabilities: Tensor, share: number, weights: Tensor | undefined): Tensor {
  const { shape } = logProbabilities
  const terms = weights === undefined ? logProbabilities : multiply(logProbabilities, stopGradient(weights))
  const even = multiply(sum(terms, { axis: -1 }), -share / shape[shape.length - 1])
  return add(multiply(hard, 1 - share), even)
}

function check(logits: Tensor, targets: Tensor<'int32'>, options: CrossEntropyOptions): number {
  const { labelSmoothing = 0, weights, reduction = 'mean' } = options
  const faults = [
    ...faultsOf(logits, { axes: ['...', 'classes'], dtype: logits.dtype }, 'logits'),
    ...faultsOf(targets, { axes: ['...'], dtype: 'int32' }, 'targets'),
  ]
  throwRangeFaults('crossEntropy', [...rangeFaults('labelSmoothing', labelSmoothing, [0, 1]), ...reductionFaults(reduction)])
  throwFaults('crossEntropy', faults)
  const rows = logits.shape.slice(0, -1)
  const classes = logits.shape[rows.length]
  if (!sameShape(rows, targets.shape)) {
    const shapes = `got targets ${formatShape(targets.shape)} for logits ${formatShape(logits.shape)}`
    faults.push(`expected targets ${formatShape(rows)}, ${shapes}: one class id for each row of logits`)
  }
  if (weights !== undefined) faults.push(...faultsOf(weights, { axes: [['classes', classes]], dtype: logits.dtype }, 'weights'))
  throwFaults('crossEntropy', faults)
  return classes
}

interface TargetOptions {
  readonly classes: number
  readonly ignoreId: number | undefined
  readonly weights: Tensor | undefined
  readonly dtype: Tensor['dtype']
}

/**
 * The ids with class 0 where they are ignored, the factor of each log-probability (minus its weight), and what is
 * ignored.
 */
function readTargets(targets: Tensor<'int32'>, { classes, ignoreId, weights, dtype }: TargetOptions): {
  readonly ids: Tensor<'int32'>
  readonly shares: Tensor
  readonly ignored: Tensor<'bool'> | null
} {
  const { shape, size, data } = targets
  const ids = allocate('int32', size)
  const shares = allocate(dtype, size)
  const ignored = allocate('bool', size)
  let anyIgnored = false
  for (let i = 0; i < size; i++) {
    const id = data[i]
    if (id === ignoreId) {
      ignored[i] = 1
      anyIgnored = true
    } else if (id < 0 || id >= classes) {
      const but = ignoreId === undefined ? '' : ` or ignoreId ${ignoreId}`
      throwRangeFaults('crossEntropy', [`expected class ids from 0 to ${classes - 1}${but}, got ${id} (element ${i})`])
    } else ids[i] = id
    shares[i] = -(weights === undefined ? 1 : weights.data[ids[i]])
  }
  return {
    ids: new Tensor(ids, shape, 'int32'),
    shares: new Tensor(shares, shape, dtype),
    ignored: anyIgnored ? new Tensor(ignored, shape, 'bool') : null,
  }
}
