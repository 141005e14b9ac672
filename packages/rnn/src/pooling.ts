// From a sequence to one vector a row, over the valid steps only. A row of length 0 gives zeros.
import { matmul, reshape, squeeze, takeAlongAxis, tensor, where, zeros, type Tensor } from '@ostinato/tensor'
import type { Lengths } from '@ostinato/nn'
import { checkLengths, checkSteps, type LengthsOption } from './lengths.ts'

/**
 * The weighted sum over time with weights that depend on the row's length: `[batch, 1, time] x [batch, time,
 * features]`.
 */
function weightedSum(
  name: string,
  x: Tensor,
  { lengths, weigh }: { lengths: Lengths | undefined; weigh: (row: Tensor['data'], length: number) => void },
): Tensor {
  checkSteps(name, x)
  const rows = checkLengths(name, lengths, x)
  const [batch, time] = x.shape
  const weights = x.dtype === 'float64' ? new Float64Array(batch * time) : new Float32Array(batch * time)
  for (let row = 0; row < batch; row++) weigh(weights.subarray(row * time, (row + 1) * time), rows?.[row] ?? time)
  return squeeze(matmul(tensor(weights, { shape: [batch, 1, time], dtype: x.dtype }), x), 1)
}

/**
 * The output at each row's last valid step.
 *
 * @param x `[batch, time, features]`
 * @returns `[batch, features]`
 * @throws ShapeError when `x` or the lengths do not fit
 */
export function lastStep(x: Tensor, { lengths }: LengthsOption = {}): Tensor {
  return weightedSum('lastStep', x, {
    lengths,
    weigh: (row, length) => {
      if (length > 0) row[length - 1] = 1
    },
  })
}

/**
 * The mean over each row's valid steps.
 *
 * @param x `[batch, time, features]`
 * @returns `[batch, features]`
 * @throws ShapeError when `x` or the lengths do not fit
 * @example
 * ```ts
 * import { tensor } from '@ostinato/tensor'
 * import { meanOverTime } from '@ostinato/rnn'
 * console.assert(meanOverTime(tensor([[[1], [3], [99]]]), { lengths: [2] }).item() === 2)
 * ```
 */
export function meanOverTime(x: Tensor, { lengths }: LengthsOption = {}): Tensor {
  return weightedSum('meanOverTime', x, { lengths, weigh: (row, length) => row.fill(1 / length, 0, length) })
}

/**
 * The largest value of each feature over each row's valid steps; the gradient goes to the first step that has it.
 *
 * @param x `[batch, time, features]`
 * @returns `[batch, features]`
 * @throws ShapeError when `x` or the lengths do not fit
 */
export function maxOverTime(x: Tensor, { lengths }: LengthsOption = {}): Tensor {
  checkSteps('maxOverTime', x)
  const rows = checkLengths('maxOverTime', lengths, x)
  const [batch, time, features] = x.shape
  if (time === 0) return weightedSum('maxOverTime', x, { lengths, weigh: () => undefined })
  const steps = new Int32Array(batch * features)
  for (let row = 0; row < batch; row++) {
    const best = steps.subarray(row * features, (row + 1) * features)
    const start = row * time * features
    for (let t = 1; t < (rows?.[row] ?? time); t++) {
      for (let f = 0; f < features; f++) {
        const value = x.data[start + t * features + f]
        // NaN wins, so that it is not hidden.
        if (value > x.data[start + best[f] * features + f] || value !== value) best[f] = t
      }
    }
  }
  const largest = reshape(takeAlongAxis(x, tensor(steps, { shape: [batch, 1, features] }), { axis: 1 }), [
    batch,
    features,
  ])
  if (rows === undefined || rows.every((length) => length > 0)) return largest
  const filled = tensor(rows, { shape: [batch, 1], dtype: 'bool' })
  return where(filled, largest, zeros([], { dtype: x.dtype }))
}
