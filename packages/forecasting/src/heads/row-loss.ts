// A loss of rows of numbers as one operation with its own derivative: the kernel says both for a row. Which losses
// there are is the business of the heads.
import type { ReductionOption } from '@ostinato/nn'
import {
  allocate, expandAxis, formatShape, isTracked, mean, multiply, recordCustom, sameShape, ShapeError, sum, Tensor,
} from '@ostinato/tensor'

/** The loss of one row; writes its derivative with respect to each of `outputs` into `slopes`. */
export type RowLoss = (outputs: Tensor['data'], target: number, slopes: Tensor['data']) => number

/**
 * Applies a loss to each row. The gradient reaches the outputs alone: a target is data.
 *
 * @param outputs `[..., size]`
 * @param target `[...]`
 */
export function rowLoss(
  { name, size, loss }: { readonly name: string; readonly size: number; readonly loss: RowLoss },
  outputs: Tensor,
  target: Tensor,
  { reduction = 'mean' }: ReductionOption = {},
): Tensor {
  const expected = [...target.shape, size]
  if (!sameShape(outputs.shape, expected) || outputs.dtype !== target.dtype) {
    const [wanted, got] = [[expected, target.dtype], [outputs.shape, outputs.dtype]] as const
    throw new ShapeError(name, [`expected outputs ${formatShape(wanted[0])} of ${wanted[1]} for these targets, got ${formatShape(got[0])} of ${got[1]}`])
  }
  const { dtype } = outputs
  const losses = new Tensor(allocate(dtype, target.size), target.shape, dtype)
  const slopes = new Tensor(allocate(dtype, outputs.size), outputs.shape, dtype)
  for (let row = 0; row < target.size; row++) {
    const [from, to] = [row * size, (row + 1) * size]
    losses.data[row] = loss(outputs.data.subarray(from, to), target.data[row], slopes.data.subarray(from, to))
  }
  recordCustom({
    name,
    inputs: [outputs],
    outputs: [losses],
    derivative: ([gradient]) => {
      if (gradient === undefined) return [undefined]
      if (isTracked([outputs, gradient])) throw new Error(`${name}: there is no gradient of its gradient`)
      return [multiply(slopes, expandAxis(gradient, -1))]
    },
  })
  if (reduction === 'none') return losses
  return reduction === 'sum' ? sum(losses) : mean(losses)
}

/** `ln(1 + e^x)` without overflow. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

/** The derivative of `softplus`. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
