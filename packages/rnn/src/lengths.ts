// True lengths of the rows of a padded batch: reading them, and turning rows around without moving the padding.
import { readLengths, type Lengths } from '@ostinato/nn'
import { formatShape, gather, reshape, ShapeError, tensor, type AnyTensor, type Tensor } from '@ostinato/tensor'

/** Which steps of a right-padded batch count. */
export interface LengthsOption {
  /** The valid steps of each row (right padding); absent: all. */
  readonly lengths?: Lengths
}

/**
 * Checks lengths against `[batch, time]` and returns them as an array; undefined stays so (every row is full).
 * @throws ShapeError naming the rows whose length is not an integer from 0 to `time`
 */
export function checkLengths(where: string, lengths: Lengths | undefined, x: AnyTensor): Int32Array | undefined {
  if (lengths === undefined) return undefined
  const [rows, limit] = x.shape
  const { values, faults } = readLengths('lengths', lengths, { rows, limit })
  if (faults.length > 0) throw new ShapeError(where, faults)
  return values
}

/**
 * Each row read from its own last valid step to its first; what lies past a row's length stays where it is.
 *
 * @param x `[batch, time, ...features]`
 * @returns the same shape
 * @throws ShapeError when `x` has fewer than two axes or a length does not fit
 * @example
 * ```ts
 * import { tensor } from '@ostinato/tensor'
 * import { reverseSequence } from '@ostinato/rnn'
 * const x = tensor([[[1], [2], [3]], [[4], [5], [0]]])
 * console.assert(reverseSequence(x, { lengths: [3, 2] }).data.join() === '3,2,1,5,4,0')
 * ```
 */
export function reverseSequence(x: Tensor, { lengths }: LengthsOption = {}): Tensor {
  const where = 'reverseSequence'
  if (x.rank < 2) throw new ShapeError(where, [`expected [batch, time, ...features], got ${formatShape(x.shape)}`])
  const rows = checkLengths(where, lengths, x)
  const [batch, time, ...features] = x.shape
  const order = new Int32Array(batch * time)
  for (let row = 0; row < batch; row++) {
    const length = rows?.[row] ?? time
    for (let t = 0; t < time; t++) order[row * time + t] = row * time + (t < length ? length - 1 - t : t)
  }
  return reshape(gather(reshape(x, [batch * time, ...features]), tensor(order), { axis: 0 }), x.shape)
}

/** Throws unless `x` is `[batch, time, features]`. */
export function checkSteps(where: string, x: Tensor): void {
  if (x.rank !== 3) throw new ShapeError(where, [`expected [batch, time, features], got ${formatShape(x.shape)}`])
}
