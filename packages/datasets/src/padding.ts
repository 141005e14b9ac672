// Sequences of ids of different lengths -> one int32 tensor padded on the right, and the lengths. Not for sequences of
// feature vectors, and it makes no masks: recurrent layers take the lengths.
import { Tensor } from '@ostinato/tensor'
import { failIfAny, isCount, show } from './errors.ts'

/** How `padSequences` fills and cuts. */
export interface PaddingOptions {
  /** Stands behind the end of every sequence that is shorter than the longest. */
  readonly paddingId: number
  /** Longer sequences are cut to this length. Default: none are. */
  readonly maximumLength?: number
  /**
   * Which part of a sequence that is too long is cut away. `'middle'` keeps the first and the last half (the first is
   * one longer where they differ). Default `'end'`.
   */
  readonly truncate?: 'start' | 'end' | 'middle'
}

/** Padded sequences. */
export interface PaddedSequences {
  /** `[batch, time]`; time is the length of the longest sequence after cutting. */
  readonly ids: Tensor<'int32'>
  /** `[batch]`: how many ids of each row are not padding. */
  readonly lengths: Int32Array
}

/**
 * One tensor of sequences of ids, padded on the right.
 *
 * @throws DatasetError when an id or `paddingId` is no int32, or `maximumLength` is no whole number from 1
 * @example
 * ```ts
 * import { padSequences } from '@ostinato/datasets'
 * const { ids, lengths } = padSequences([[5, 6, 7, 8], [9]], { paddingId: 0, maximumLength: 3 })
 * console.assert(ids.data.join() === '5,6,7,9,0,0' && lengths.join() === '3,1')
 * ```
 */
export function padSequences(sequences: readonly ArrayLike<number>[], options: PaddingOptions): PaddedSequences {
  const { paddingId, maximumLength, truncate = 'end' } = options
  checkOptions(options)
  const lengths = Int32Array.from(sequences, (sequence) => Math.min(sequence.length, maximumLength ?? Infinity))
  const time = lengths.reduce((longest, length) => Math.max(longest, length), 0)
  const data = new Int32Array(sequences.length * time).fill(paddingId)
  const faults: string[] = []
  sequences.forEach((sequence, row) => {
    const length = lengths[row]
    const cut = sequence.length - length
    const cutAt = truncate === 'start' ? 0 : truncate === 'end' ? length : Math.ceil(length / 2)
    for (let i = 0; i < length; i++) {
      const at = i < cutAt ? i : i + cut
      const id = sequence[at]
      if (!isInt32(id)) faults.push(`expected whole ids, got ${show(id)} in row ${row}, place ${at}`)
      data[row * time + i] = id
    }
  })
  failIfAny('padSequences', faults.length > 5 ? [...faults.slice(0, 5), `and ${faults.length - 5} more`] : faults)
  return { ids: new Tensor(data, [sequences.length, time], 'int32'), lengths }
}

const isInt32 = (value: unknown) => typeof value === 'number' && (value | 0) === value

function checkOptions({ paddingId, maximumLength, truncate = 'end' }: PaddingOptions): void {
  const faults: string[] = []
  if (!isInt32(paddingId)) faults.push(`expected a whole paddingId, got ${show(paddingId)}`)
  if (maximumLength !== undefined && !isCount(maximumLength, 1)) {
    faults.push(`expected a maximumLength of a whole number from 1, got ${show(maximumLength)}`)
  }
  if (!['start', 'end', 'middle'].includes(truncate)) {
    faults.push(`expected truncate 'start', 'end' or 'middle', got ${show(truncate)}`)
  }
  failIfAny('padSequences', faults)
}
