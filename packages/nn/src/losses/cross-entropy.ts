// Cross-entropy between class scores and the ids of the right classes: its options, checks and reduction. The rows are
// worked out in cross-entropy-rows.ts.
import { divide, formatShape, sameShape, sum, type Tensor } from '@ostinato/tensor'
import { faultsOf, rangeFaults, throwFaults, throwRangeFaults } from '../check.ts'
import { crossEntropyRows, totalWeight } from './cross-entropy-rows.ts'
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
export function crossEntropy(
  logits: Tensor,
  targets: Tensor<'int32'>,
  options: CrossEntropyOptions = {},
): Tensor {
  const { ignoreId, labelSmoothing = 0, weights, reduction = 'mean' } = options
  const classes = check(logits, targets, options)
  checkIds(targets, classes, ignoreId)
  const distribution = { targets, classes, ignoreId, labelSmoothing, weights: weights?.data }
  if (reduction !== 'mean') return reduce(crossEntropyRows(logits, distribution, 1), reduction)
  const total = totalWeight(distribution)
  if (total === 0) {
    throwRangeFaults('crossEntropy', [
      `expected a target that counts, got none among ${targets.size}: take reduction 'sum'`,
    ])
  }
  return divide(sum(crossEntropyRows(logits, distribution, 1 / total)), total)
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

function checkIds({ data }: Tensor<'int32'>, classes: number, ignoreId: number | undefined): void {
  const bad = data.findIndex((id) => id !== ignoreId && (id < 0 || id >= classes))
  if (bad < 0) return
  const but = ignoreId === undefined ? '' : ` or ignoreId ${ignoreId}`
  throwRangeFaults('crossEntropy', [
    `expected class ids from 0 to ${classes - 1}${but}, got ${data[bad]} (element ${bad})`,
  ])
}
