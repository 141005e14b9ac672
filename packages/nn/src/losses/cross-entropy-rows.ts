// The cross-entropy of each row of scores with its target distribution, as one operation. With thousands of classes
// most of a step's memory traffic is here, so its derivative is one pass over the scores. Checks nothing.
import {
  allocate, exp, expandAxis, isTracked, logSoftmax, multiply, recordCustom, softmax, subtract, Tensor, withRecorder,
} from '@ostinato/tensor'

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
  const { targets: { shape, size } } = distribution
  const { dtype } = logits
  const logProbabilities = withRecorder(null, () => logSoftmax(logits, { axis: -1 }))
  const losses = new Tensor(allocate(dtype, size), shape, dtype)
  forEachRow(distribution, ({ row, start, target, share, even }) => {
    const { data } = logProbabilities
    losses.data[row] = -share * data[start + target] - (even === undefined ? 0 : product(even, data, start))
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
        : gradientOf(logProbabilities, gradient, distribution)]
    },
  })
  return losses
}

/** What a mean divides by: the weights of the targets that count. */
export function totalWeight({ targets, ignoreId, weights }: TargetDistribution): number {
  return targets.data.reduce((total, id) => total + (id === ignoreId ? 0 : weights?.[id] ?? 1), 0)
}

function gradientOf(logProbabilities: Tensor, gradient: Tensor, distribution: TargetDistribution): Tensor {
  const { classes } = distribution
  const out = withRecorder(null, () => exp(logProbabilities))
  const { data } = out
  let next = 0
  forEachRow(distribution, ({ row, start, target, share, even, total }) => {
    data.fill(0, next, start)
    next = start + classes
    const factor = gradient.data[row]
    const scale = factor * total
    if (even === undefined) scaleRun(data, start, next, scale)
    else for (let c = 0; c < classes; c++) data[start + c] = data[start + c] * scale - even[c] * factor
    data[start + target] -= factor * share
  })
  data.fill(0, next)
  return out
}

/** Multiplies the elements from `first` to `last`, four at a time: a turn of a loop costs as much as a product. */
function scaleRun(data: Tensor['data'], first: number, last: number, factor: number): void {
  let i = first
  for (; i + 4 <= last; i += 4) {
    data[i] *= factor
    data[i + 1] *= factor
    data[i + 2] *= factor
    data[i + 3] *= factor
  }
  for (; i < last; i++) data[i] *= factor
}

/** The sum of products with a row, in four parts: one sum alone would wait for each of its additions. */
function product(weights: Float64Array, data: Tensor['data'], start: number): number {
  const { length } = weights
  let [a, b, c, d] = [0, 0, 0, 0]
  let i = 0
  for (; i + 4 <= length; i += 4) {
    a += weights[i] * data[start + i]
    b += weights[i + 1] * data[start + i + 1]
    c += weights[i + 2] * data[start + i + 2]
    d += weights[i + 3] * data[start + i + 3]
  }
  for (; i < length; i++) a += weights[i] * data[start + i]
  return a + b + (c + d)
}

/** `softmax(logits) Σ_c q[c] - q` by operations. */
function slope(logits: Tensor, distribution: TargetDistribution): Tensor {
  const { targets, classes } = distribution
  const { shape, dtype } = logits
  const q = new Tensor(allocate(dtype, logits.size), shape, dtype)
  const totals = new Tensor(allocate(dtype, targets.size), [...targets.shape, 1], dtype)
  forEachRow(distribution, ({ row, start, target, share, even, total }) => {
    if (even !== undefined) for (let c = 0; c < classes; c++) q.data[start + c] = even[c]
    q.data[start + target] += share
    totals.data[row] = total
  })
  return subtract(multiply(softmax(logits, { axis: -1 }), totals), q)
}

/** One row that counts: where it starts, and its q as a share of the target, shares of all classes, and their sum. */
interface Row {
  readonly row: number
  readonly start: number
  readonly target: number
  readonly share: number
  readonly even: Float64Array | undefined
  readonly total: number
}

function forEachRow(distribution: TargetDistribution, visit: (row: Row) => void): void {
  const { targets, classes, ignoreId, labelSmoothing, weights } = distribution
  const even = labelSmoothing === 0
    ? undefined
    : Float64Array.from({ length: classes }, (_, c) => (labelSmoothing / classes) * (weights?.[c] ?? 1))
  const evenTotal = even === undefined ? 0 : even.reduce((sum, share) => sum + share, 0)
  targets.data.forEach((target, row) => {
    if (target === ignoreId) return
    const share = (1 - labelSmoothing) * (weights?.[target] ?? 1)
    visit({ row, start: row * classes, target, share, even, total: share + evenTotal })
  })
}
