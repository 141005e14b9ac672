// The CTC loss: sequences of labels that are shorter than their inputs and not aligned with them. The sum over
// alignments is in ctc-alignments.ts.
import { allocate, divide, formatShape, isTracked, multiply, recordCustom, reshape, Tensor } from '@ostinato/tensor'
import { faultsOf, throwFaults, throwRangeFaults } from '../check.ts'
import { readLengths, type Lengths } from '../lengths.ts'
import { ctcAlignments } from './ctc-alignments.ts'
import { reduce, reductionFaults, type ReductionOption } from './reduction.ts'

/** The options of `ctcLoss`. */
export interface CtcOptions extends ReductionOption {
  /** The valid steps of each row. Default: all. */
  readonly inputLengths?: Lengths
  /** The labels of each row. Default: all of a row; needed where targets are one after the other. */
  readonly targetLengths?: Lengths
  /** The class that stands for no label. Default 0. */
  readonly blank?: number
  /**
   * Whether a row whose labels do not fit into its steps counts 0, without gradient, instead of Infinity. Default
   * false.
   */
  readonly zeroInfinity?: boolean
}

/**
 * Connectionist temporal classification: `-log Σ_π Π_t p[t, π_t]` over all alignments π which give the target when
 * repeated classes are merged and blanks dropped. Graves et al. 2006, "Connectionist temporal classification: labelling
 * unsegmented sequence data with recurrent neural networks", eq. 3 and 8.
 *
 * As PyTorch, `mean` divides each row's loss by its number of labels (at least 1) before it averages over the rows. A
 * target of length 0 asks for blanks alone. A row without a possible alignment is Infinity, its gradient NaN, unless
 * `zeroInfinity`. There is no gradient of the gradient.
 *
 * @param logProbabilities `[time, batch, classes]`, from `logSoftmax`
 * @param targets `[batch, labels]`, padded on the right with anything, or `[sum of targetLengths]`, one row after the
 * other
 * @returns a scalar, or with `reduction: 'none'` `[batch]`
 * @throws ShapeError when shapes or lengths do not fit
 * @throws RangeError when a label is no class or the blank
 * @example
 * ```ts
 * import { ctcLoss } from '@ostinato/nn'
 * import { logSoftmax, tensor, zeros } from '@ostinato/tensor'
 * // Three classes, each equally likely at two steps: of 9 paths, (1 1), (1 blank) and (blank 1) read as label 1.
 * const loss = ctcLoss(logSoftmax(zeros([2, 1, 3])), tensor([[1]], { dtype: 'int32' }))
 * console.assert(Math.abs(loss.item() - Math.log(3)) < 1e-6)
 * ```
 */
export function ctcLoss(logProbabilities: Tensor, targets: Tensor<'int32'>, options: CtcOptions = {}): Tensor {
  const { blank = 0, zeroInfinity = false, reduction = 'mean' } = options
  const rows = readRows(logProbabilities, targets, options)
  const { shape: [, batch, classes], dtype, data } = logProbabilities
  const posterior = isTracked([logProbabilities]) ? allocate(dtype, data.length) : undefined
  const losses = new Tensor(allocate(dtype, batch), [batch], dtype)
  rows.forEach(({ steps, target }, row) => {
    const [start, stride] = [row * classes, batch * classes]
    const loss = ctcAlignments({ logProbabilities: data, start, stride, steps, target, blank }, posterior)
    const impossible = loss === Infinity
    losses.data[row] = impossible && zeroInfinity ? 0 : loss
    if (posterior === undefined || !impossible || zeroInfinity) return
    for (let t = 0, at = start; t < steps; t++, at += stride) posterior.fill(NaN, at, at + classes)
  })
  if (posterior !== undefined) {
    recordGradient(logProbabilities, losses, new Tensor(posterior, logProbabilities.shape, dtype))
  }
  if (reduction !== 'mean') return reduce(losses, reduction)
  const counts = new Tensor(allocate(dtype, batch), [batch], dtype)
  rows.forEach(({ target }, row) => (counts.data[row] = Math.max(1, target.length)))
  return reduce(divide(losses, counts), 'mean')
}

/** `d loss[row] / d logProbabilities[t, row, c] = -posterior[t, row, c]`. */
function recordGradient(logProbabilities: Tensor, losses: Tensor, posterior: Tensor): void {
  recordCustom({
    name: 'ctcLoss',
    inputs: [logProbabilities],
    outputs: [losses],
    derivative: ([gradient]) => {
      if (gradient === undefined) return [undefined]
      if (isTracked([logProbabilities, gradient])) throw new Error('ctcLoss: there is no gradient of its gradient')
      return [multiply(posterior, reshape(multiply(gradient, -1), [1, gradient.size, 1]))]
    },
  })
}

interface Row {
  readonly steps: number
  readonly target: Int32Array
}

/** The steps and labels of each row of the batch, checked. */
function readRows(logProbabilities: Tensor, targets: Tensor<'int32'>, options: CtcOptions): Row[] {
  const { inputLengths, targetLengths, blank = 0, reduction = 'mean' } = options
  throwFaults('ctcLoss', [
    ...faultsOf(logProbabilities, { axes: ['time', 'batch', 'classes'], dtype: logProbabilities.dtype }, 'logProbabilities'),
    ...faultsOf(targets, { axes: ['...'], dtype: 'int32' }, 'targets'),
  ])
  throwRangeFaults('ctcLoss', reductionFaults(reduction))
  const [time, batch, classes] = logProbabilities.shape
  const flat = targets.rank === 1
  const inputs = readLengths('inputLengths', inputLengths, { rows: batch, limit: time })
  const labels = readLengths('targetLengths', targetLengths, { rows: batch, limit: flat ? targets.size : targets.shape[1] })
  const faults = [...inputs.faults, ...labels.faults]
  if (!(Number.isInteger(blank) && blank >= 0 && blank < classes)) {
    faults.push(`expected blank from 0 to ${classes - 1}, got ${blank}`)
  }
  if (flat ? targetLengths === undefined : targets.rank !== 2 || targets.shape[0] !== batch) {
    faults.push(`targets: expected [batch=${batch}, labels], or [labels] with targetLengths, got ${formatShape(targets.shape)}`)
  }
  throwFaults('ctcLoss', faults)
  const total = labels.values.reduce((sum, length) => sum + length, 0)
  if (flat && total !== targets.size) {
    throwFaults('ctcLoss', [`targets: expected as many as targetLengths add up to, ${total}, got ${targets.size}`])
  }
  let start = 0
  const rows = Array.from(labels.values, (length, row): Row => {
    const from = flat ? start : row * targets.shape[1]
    start += length
    return { steps: inputs.values[row], target: targets.data.subarray(from, from + length) }
  })
  throwRangeFaults('ctcLoss', rows.flatMap(({ target }, row) => {
    const bad = target.find((label) => label < 0 || label >= classes || label === blank)
    return bad === undefined ? [] : [`expected labels from 0 to ${classes - 1} other than blank=${blank}, got ${bad} in row ${row}`]
  }))
  return rows
}
