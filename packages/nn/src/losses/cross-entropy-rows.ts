// The cross-entropy of each row of scores with its target distribution, as one operation. With thousands of classes
// most of a step's memory traffic is here, so one pass over the scores gives the losses and their gradient. Checks
// nothing.
import { scaledSoftmax } from '@ostinato/kernels'
import {
  allocate, expandAxis, isTracked, multiply, recordCustom, softmax, subtract, Tensor, type DataOf, type FloatDType,
} from '@ostinato/tensor'

type Floats = DataOf<FloatDType>

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

/**
 * `-Σ_c q[c] log softmax(logits)[c]` for each row; its gradient is `softmax(logits) Σ_c q[c] - q`, times that of the
 * row, which is expected to be `factor`: then nothing is left to do for it.
 */
export function crossEntropyRows(logits: Tensor, distribution: TargetDistribution, factor: number): Tensor {
  const { targets: { shape, size, data: ids }, classes, ignoreId } = distribution
  const { dtype, data } = logits
  const { even, total } = evenShares(distribution)
  const [factors, tops, logSums] = [allocate(dtype, size), allocate(dtype, size), allocate(dtype, size)]
  forEachRow(distribution, (row, _, share) => { factors[row] = factor * (share + total) })
  const slope = new Tensor(allocate(dtype, logits.size), logits.shape, dtype)
  scaledSoftmax<Floats>({ out: slope.data, tops, logSums, x: data, factors })
  const losses = new Tensor(allocate(dtype, size), shape, dtype)
  forEachRow(distribution, (row, target, share) => {
    const start = row * classes
    const normaliser = tops[row] + logSums[row]
    let loss = share * (normaliser - data[start + target])
    slope.data[start + target] -= factor * share
    if (even !== undefined) {
      for (let c = 0; c < classes; c++) {
        loss += even[c] * (normaliser - data[start + c])
        slope.data[start + c] -= factor * even[c]
      }
    }
    losses.data[row] = loss
  })
  if (ignoreId !== undefined) clearRows(slope.data, ids, ignoreId)
  // It is given away once: it then belongs to who asked for it.
  let ready: Tensor | undefined = slope
  recordCustom({
    name: 'crossEntropy',
    inputs: [logits],
    outputs: [losses],
    derivative: ([gradient]) => {
      if (gradient === undefined) return [undefined]
      // By operations that a tape around this one hears; else what is there.
      if (ready === undefined || isTracked([logits, gradient])) {
        return [multiply(expandAxis(gradient, -1), slopeOf(logits, distribution))]
      }
      const given = ready
      ready = undefined
      // The factor as the arrays hold it.
      adjust(given.data, gradient.data, factors.fill(factor)[0])
      return [given]
    },
  })
  return losses
}

/** What a mean divides by: the weights of the targets that count. */
export function totalWeight({ targets, ignoreId, weights }: TargetDistribution): number {
  return targets.data.reduce((total, id) => total + (id === ignoreId ? 0 : weights?.[id] ?? 1), 0)
}

/** What is not a number would else stay so in rows that do not count. */
function clearRows(slope: Floats, ids: Int32Array, ignoreId: number): void {
  const classes = slope.length / ids.length
  ids.forEach((id, row) => { if (id === ignoreId) slope.fill(0, row * classes, (row + 1) * classes) })
}

/** Multiplies the rows of a slope that was made for `factor` by what their gradients are of it. */
function adjust(slope: Floats, gradients: Floats, factor: number): void {
  const classes = slope.length / gradients.length
  for (let row = 0; row < gradients.length; row++) {
    const ratio = gradients[row] / factor
    if (ratio !== 1) for (let i = row * classes; i < (row + 1) * classes; i++) slope[i] *= ratio
  }
}

/** `softmax(logits) Σ_c q[c] - q` by operations. */
function slopeOf(logits: Tensor, distribution: TargetDistribution): Tensor {
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
