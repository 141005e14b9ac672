// The table that turns ids into vectors.
import {
  equal, expandAxis, gather, Parameter, recordCustom, Rng, scatterAdd, Tensor, where, withRecorder, type FloatDType,
} from '@ostinato/tensor'
import { checkTensor, sizeFaults, throwRangeFaults } from '../check.ts'
import { normal, type Initialiser } from '../initialisers.ts'
import { Module } from '../module.ts'

/** How an embedding starts and what it leaves alone. */
export interface EmbeddingOptions {
  /** Where the starting values come from. */
  readonly rng: Rng
  /**
   * The id that fills up short sequences: its row starts at zero and gets no gradient. Absent: every row is trained.
   */
  readonly paddingId?: number
  /** Start with `weight.trainable = false`. `unfreeze()` changes that. Default false. */
  readonly frozen?: boolean
  /** How the table starts. Default `normal`, mean 0 and deviation 1, as PyTorch. */
  readonly initialiser?: Initialiser
  /** The element type of the table. Default float32. */
  readonly dtype?: FloatDType
}

/** What `Embedding.fromTable` needs: no random numbers. */
export type EmbeddingTableOptions = Pick<EmbeddingOptions, 'paddingId' | 'frozen'>

/**
 * A table of vectors: `y[...] = weight[ids[...]]`.
 *
 * Weight `[count, size]`, as `torch.nn.Embedding`. The gradient of the table is dense: of the table's shape, zero in
 * rows that were not used.
 *
 * @throws RangeError when a size is not an integer of 1 or more, or `paddingId` is no row
 * @example
 * ```ts
 * import { Embedding } from '@ostinato/nn'
 * import { Rng, tensor } from '@ostinato/tensor'
 * const embedding = new Embedding(100, 16, { rng: new Rng(0), paddingId: 0 })
 * const vectors = embedding.forward(tensor([[5, 8, 0], [7, 0, 0]], { dtype: 'int32' }))
 * console.assert(vectors.shape.join() === '2,3,16' && vectors.data[2 * 16] === 0)
 * ```
 */
export class Embedding extends Module {
  readonly count: number
  readonly size: number
  readonly paddingId: number | undefined
  readonly weight: Parameter

  constructor(count: number, size: number, options: EmbeddingOptions) {
    super()
    const { rng, paddingId, frozen = false, initialiser = normal, dtype = 'float32' } = options
    throwRangeFaults('Embedding', [...sizeFaults({ count, size }), ...paddingFaults(paddingId, count)])
    this.count = count
    this.size = size
    this.paddingId = paddingId
    this.weight = new Parameter(initialiser([count, size], { rng, dtype }), { trainable: !frozen })
    if (paddingId !== undefined) this.weight.data.fill(0, paddingId * size, (paddingId + 1) * size)
  }

  /**
   * An embedding of known vectors, such as trained ones. The values are copied.
   * @param table `[count, size]`; the row of `paddingId` starts at zero whatever it is
   * @throws ShapeError when `table` has not two axes
   */
  static fromTable(table: Tensor, options: EmbeddingTableOptions = {}): Embedding {
    checkTensor('Embedding.fromTable', table, { axes: ['count', 'size'], dtype: table.dtype })
    const { shape: [count, size], dtype } = table
    const initialiser = () => new Tensor(table.data.slice(), table.shape, dtype)
    return new Embedding(count, size, { ...options, rng: new Rng(0), dtype, initialiser })
  }

  /**
   * @param ids `[...]`, from 0 up to `count`
   * @returns `[..., size]`
   * @throws RangeError when an id is not a row of the table
   */
  forward(ids: Tensor<'int32'>): Tensor {
    const { weight, paddingId, count } = this
    checkTensor('Embedding.forward', ids, { axes: ['...'], dtype: 'int32' })
    const bad = ids.data.findIndex((id) => id < 0 || id >= count)
    if (bad >= 0) {
      throwRangeFaults('Embedding.forward', [
        `expected ids from 0 to ${count - 1}, got ${ids.data[bad]} (element ${bad}): the table has ${count} rows`,
      ])
    }
    if (paddingId === undefined) return gather(weight, ids)
    const vectors = withRecorder(null, () => gather(weight, ids))
    recordCustom({
      name: 'embedding',
      inputs: [weight],
      outputs: [vectors],
      derivative: ([gradient]) => [gradient && accumulate(gradient, ids, { weight, paddingId })],
    })
    return vectors
  }
}

/**
 * `scatterAdd` of `gradient`, without the padding row: that row is zeroed once it is there, which is cheaper than to
 * leave its part out of `gradient`. Linear, so its derivative is its adjoint; it does not depend on the weight, which
 * is named so that a tape around this one hears just that.
 */
function accumulate(
  gradient: Tensor,
  ids: Tensor<'int32'>,
  { weight, paddingId }: { readonly weight: Tensor; readonly paddingId: number },
): Tensor {
  const total = withRecorder(null, () => scatterAdd(weight.shape, ids, gradient))
  const { shape: [, size] } = weight
  total.data.fill(0, paddingId * size, (paddingId + 1) * size)
  const padded = () => expandAxis(equal(ids, paddingId), -1)
  recordCustom({
    name: 'embedding (backward)',
    inputs: [gradient, weight],
    outputs: [total],
    derivative: ([second]) => [second && where(padded(), 0, gather(second, ids)), undefined],
  })
  return total
}

const paddingFaults = (paddingId: number | undefined, count: number) =>
  paddingId === undefined || (Number.isInteger(paddingId) && paddingId >= 0 && paddingId < count)
    ? []
    : [`expected paddingId from 0 to ${count - 1}, got ${paddingId}`]
