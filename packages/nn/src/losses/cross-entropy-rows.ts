// The cross-entropy of each row of scores with its target distribution, as one operation. With thousands of classes
// most of a step's memory traffic is here, so its derivative is one pass over the scores. Checks nothing.
import {
  allocate, expandAxis, isTracked, multiply, recordCustom, softmax, subtract, Tensor, withRecorder,
} from '@ostinato/tensor'

/** A probability whose logarithm is still exact to float32; those below may have lost digits. */
const SMALL = 1e-30

/**
 * What each row should be: `q[c] = (1 - ε) w[target] [c = target] + ε / classes w[c]`, ε the label smoothing, w the
 * weights (absent: 1); 0 everywhere where the target is `ignoreId`.
 */
export interface TargetDistribution {
  readonly targets: Tensor<'int32'>
  readonly classes: number
  readonly ignoreId: number | undefined
  readonly labelSmoothing: number
  readonly weights: ArrayLike<number> | undefined
}

/** `-Σ_c q[c] log softmax(logits)[c]` for each row; its gradient is `softmax(logits) Σ_c q[c] - q`. */
export function crossEntropyRows(logits: Tensor, distribution: TargetDistribution): Tensor {
  const { targets: { shape, size }, classes } = distribution
  const { dtype, data } = logits
  const { even } = evenShares(distribution)
  const probabilities = withRecorder(null, () => softmax(logits, { axis: -1 }))
  const losses = new Tensor(allocate(dtype, size), shape, dtype)
  forEachRow(distribution, (row, target, share) => {
    const start = row * classes
    const normaliser = logSumExp(data, probabilities.data, start, start + classes, start + target)
    let loss = share * (normaliser - data[start + target])
    if (even !== undefined) for (let c = 0; c < classes; c++) loss += even[c] * (normaliser - data[start + c])
    losses.data[row] = loss
  })
  recordCustom({
    name: 'crossEntropy',
    inputs: [logits],
    outputs: [losses],
    derivative: ([gradient]) => {
      if (gradient === undefined) return [undefined]
      // By operations that a tape around this one hears; else in place.
      return [isTracked([logits, gradient])
        ? multiply(expandAxis(gradient, -1), slope(logits, distribution))
        : gradientOf(probabilities, gradient, distribution)]
    },
  })
  return losses
}

/** What a mean divides by: the weights of the targets that count. */
export function totalWeight({ targets, ignoreId, weights }: TargetDistribution): number {
  return targets.data.reduce((total, id) => total + (id === ignoreId ? 0 : weights?.[id] ?? 1), 0)
}

/**
 * `log Σ_c exp(logits[c])` of the row from `start` to `end`, whose softmax is known, so that no more of them are
 * computed: any class tells it, as log p[c] is its score less this. `at` is one of them.
 */
function logSumExp(
  logits: Tensor['data'], probabilities: Tensor['data'], start: number, end: number, at: number,
): number {
  if (probabilities[at] < SMALL) for (let c = start; c < end; c++) if (probabilities[c] > probabilities[at]) at = c
  return logits[at] - Math.log(probabilities[at])
}

function gradientOf(probabilities: Tensor, gradient: Tensor, distribution: TargetDistribution): Tensor {
  const { data: p, shape, size, dtype } = probabilities
  const { classes } = distribution
  const out = new Tensor(allocate(dtype, size), shape, dtype)
  const { data } = out
  const { even, total } = evenShares(distribution)
  forEachRow(distribution, (row, target, share) => {
    const factor = gradient.data[row]
    const scale = factor * (share + total)
    const start = row * classes
    const end = start + classes
    let i = start
    // Four at a time: a turn of a loop costs as much as a product.
    for (; i + 4 <= end; i += 4) {
      data[i] = p[i] * scale
      data[i + 1] = p[i + 1] * scale
      data[i + 2] = p[i + 2] * scale
      data[i + 3] = p[i + 3] * scale
    }
    for (; i < end; i++) data[i] = p[i] * scale
    if (even !== undefined) for (let c = 0; c < classes; c++) data[start + c] -= even[c] * factor
    data[start + target] -= factor * share
  })
  return out
}

/** `softmax(logits) Σ_c q[c] - q` by operations. */
function slope(logits: Tensor, distribution: TargetDistribution): Tensor {
  const { targets, classes } = distribution
  const { shape, dtype } = logits
  const q = new Tensor(allocate(dtype, logits.size), shape, dtype)
  const totals = new Tensor(allocate(dtype, targets.size), [...targets.shape, 1], dtype)
  const { even, total } = evenShares(distribution)
  forEachRow(distribution, (row, target, share) => {
    if (even !== undefined) q.data.set(even, row * classes)
    q.data[row * classes + target] += share
    totals.data[row] = share + total
  })
  return subtract(multiply(softmax(logits, { axis: -1 }), totals), q)
}

/** What all classes have of every row: `q` without the target's own share; its sum. */
function evenShares(
  { classes, labelSmoothing, weights }: TargetDistribution,
): { readonly even: Float64Array | undefined; readonly total: number } {
  if (labelSmoothing === 0) return { even: undefined, total: 0 }
  const even = Float64Array.from({ length: classes }, (_, c) => (labelSmoothing / classes) * (weights?.[c] ?? 1))
  return { even, total: even.reduce((sum, share) => sum + share, 0) }
}

/** Calls `visit` for every row that counts, with its target and the share that only the target has. */
function forEachRow(
  { targets: { data: ids }, ignoreId, labelSmoothing, weights }: TargetDistribution,
  visit: (row: number, target: number, share: number) => void,
): void {
  for (let row = 0; row < ids.length; row++) {
    const target = ids[row]
    if (target !== ignoreId) visit(row, target, (1 - labelSmoothing) * (weights?.[target] ?? 1))
  }
}
