// What every attention over a memory has in common: the memory made ready once a sequence, weights that are 0 where
// there is nothing to attend to, and the context. How a query scores a position is the business of the subclasses.
import { Module } from '@ostinato/nn'
import {
  expandAxis,
  less,
  matmul,
  range,
  reshape,
  softmax,
  squeeze,
  tensor,
  where,
  type FloatDType,
  type Rng,
  type Tensor,
} from '@ostinato/tensor'
import { tensorFaults, throwFaults, type Axis } from '../checks.ts'
import { checkLengths, type LengthsOption } from '../lengths.ts'

/** What an attention draws its weights from, and their element type. */
export interface AttentionLayerOptions {
  /** Draws the initial weights. */
  readonly rng: Rng
  /** Element type of the parameters. Default float32. */
  readonly dtype?: FloatDType
}

/** A memory made ready to be attended to: its keys are projected once and serve every step. A state tree. */
export type AttentionMemory = {
  /** What queries are compared with; rows first, the form is the attention's own. */
  readonly keys: Tensor
  /** What the context is made of; zero where there is nothing to attend to. */
  readonly values: Tensor
  /** `[batch, 1, positions]`, true where there is something to attend to. Absent: everywhere. */
  readonly mask?: Tensor<'bool'>
}

/** What attention gives; without `steps` when the query has none. */
export interface Attended {
  /** `[batch, steps, contextSize]`: the values, weighted and added up. */
  readonly context: Tensor
  /** `[batch, steps, positions]`: from 0 to 1; they add up to 1, or to 0 in a row of length 0. */
  readonly weights: Tensor
}

/**
 * Attention of a query over the positions of a memory: `context = Σ_j weights_j value_j`, with
 * `weights = softmax_j score(query, key_j)` over the valid positions and exactly 0 elsewhere. A row of length 0 has
 * weights and context 0.
 *
 * `forward` does it in one go; a decoder calls `prepare` once for a sequence and `attend` at each step.
 */
export abstract class Attention extends Module {
  /** The number of features of a query. */
  abstract readonly querySize: number
  /** The number of features of a memory's position. */
  abstract readonly memorySize: number
  /** The number of features of the context. */
  abstract readonly contextSize: number

  /** The element type of the parameters; undefined where there are none. */
  protected abstract readonly dtype: FloatDType | undefined

  /** Keys and values of a memory whose padding is zero. */
  protected abstract project(memory: Tensor): Omit<AttentionMemory, 'mask'>

  /** Attention of queries `[batch, steps, querySize]`. */
  protected abstract attendSteps(query: Tensor, memory: AttentionMemory): Attended

  /**
   * @param query `[batch, querySize]` or `[batch, steps, querySize]`
   * @param memory `[batch, positions, memorySize]`, padded on the right
   * @returns context `[batch, contextSize]` and weights `[batch, positions]`, or with `steps` after `batch`
   * @throws ShapeError when shapes, element types or lengths do not fit
   */
  forward(query: Tensor, memory: Tensor, options: LengthsOption = {}): Attended {
    return this.attend(query, this.prepare(memory, options))
  }

  /**
   * Makes a memory ready for any number of queries.
   *
   * @param memory `[batch, positions, memorySize]`, padded on the right
   * @throws ShapeError when the shape, the element type or the lengths do not fit
   */
  prepare(memory: Tensor, { lengths }: LengthsOption = {}): AttentionMemory {
    const where = `${this.constructor.name}.prepare`
    const axes: Axis[] = ['batch', 'positions', ['features', this.memorySize]]
    throwFaults(where, tensorFaults('memory', memory, axes, this.dtype ?? memory.dtype))
    const ready = prepareMemory(where, memory, lengths === undefined ? {} : { lengths })
    return { ...this.project(ready.memory), ...(ready.mask && { mask: ready.mask }) }
  }

  /**
   * @param query `[batch, querySize]` or `[batch, steps, querySize]`
   * @param memory what `prepare` gave
   * @throws ShapeError when the query does not fit
   */
  attend(query: Tensor, memory: AttentionMemory): Attended {
    const { keys } = memory
    const axes: Axis[] = [
      ['batch', keys.shape[0]],
      ['features', this.querySize],
    ]
    const stepped = query.rank === 3
    if (stepped) axes.splice(1, 0, 'steps')
    throwFaults(`${this.constructor.name}.attend`, tensorFaults('query', query, axes, this.dtype ?? keys.dtype))
    if (stepped) return this.attendSteps(query, memory)
    const { context, weights } = this.attendSteps(expandAxis(query, 1), memory)
    return { context: squeeze(context, 1), weights: squeeze(weights, 1) }
  }
}

/** Weights from scores `[batch, steps, positions]`, and the values `[batch, positions, size]` by them. */
export function weigh(scores: Tensor, { values, mask }: AttentionMemory): Attended {
  const weights = maskedSoftmax(scores, mask)
  return { context: matmul(weights, values), weights }
}

/** Softmax over the last axis where `mask` is true; 0 elsewhere, and everywhere where it is true nowhere. */
export function maskedSoftmax(scores: Tensor, mask: Tensor<'bool'> | undefined): Tensor {
  if (mask === undefined) return softmax(scores, { axis: -1 })
  // Not -Infinity: a row of it alone has no softmax. The exponential of the difference to any real score is 0.
  return where(mask, softmax(where(mask, scores, -1e30), { axis: -1 }), 0)
}

/**
 * A memory `[batch, positions, size]` with zeros in its padding, and the mask `[batch, 1, positions]` of the rest; none
 * where every row is full. The padding is left out before anything is computed from it: not even NaN passes.
 */
export function prepareMemory(
  name: string,
  memory: Tensor,
  { lengths }: LengthsOption,
): { readonly memory: Tensor; readonly mask: Tensor<'bool'> | undefined } {
  const rows = checkLengths(name, lengths, memory)
  const [batch, positions] = memory.shape
  if (rows === undefined || rows.every((length) => length === positions)) return { memory, mask: undefined }
  const mask = less(range(0, positions, { dtype: 'int32' }), tensor(rows, { shape: [batch, 1, 1] }))
  return { memory: where(reshape(mask, [batch, positions, 1]), memory, 0), mask }
}
