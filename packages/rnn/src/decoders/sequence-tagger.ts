// A sequence to one vector for each of its steps, such as words to the logits of their tags.
import { Dropout, Linear, Module } from '@ostinato/nn'
import type { FloatDType, Rng, Tensor } from '@ostinato/tensor'
import { checkLengths, type LengthsOption } from '../lengths.ts'
import type { SequenceLayer } from '../sequence-layer.ts'
import { overValidSteps } from './token-head.ts'

/** How a tagger is built. */
export interface SequenceTaggerOptions {
  /** Any layer over time. */
  readonly encoder: SequenceLayer<unknown>
  /** The number of features of the result at each step. */
  readonly outputSize: number
  /** The probability that a feature given to the head is dropped in training. Default 0. */
  readonly dropout?: number
  /** Draws the initial weights, and dropout. */
  readonly rng: Rng
  /** Element type of the parameters; the encoder's too. Default float32. */
  readonly dtype?: FloatDType
}

/**
 * Synchronised sequence to sequence: `y_t = W h_t + b` at each step of an encoder (Graves 2012, "Supervised sequence
 * labelling with recurrent neural networks", §3.2). The head costs nothing past a row's length.
 *
 * @throws RangeError when `outputSize` is not an integer of 1 or more
 * @example
 * ```ts
 * import { Rng } from '@ostinato/tensor'
 * import { lstm, SequenceTagger } from '@ostinato/rnn'
 * const rng = new Rng(1)
 * const tagger = new SequenceTagger({ encoder: lstm(8, 16, { bidirectional: true, rng }), outputSize: 5, rng })
 * const logits = tagger.forward(rng.normal([2, 6, 8]), { lengths: [6, 4] })
 * console.assert(logits.shape.join() === '2,6,5')
 * ```
 */
export class SequenceTagger extends Module {
  readonly encoder: SequenceLayer<unknown>
  readonly dropout: Dropout | null
  readonly head: Linear

  constructor({ encoder, outputSize, dropout = 0, rng, dtype = 'float32' }: SequenceTaggerOptions) {
    super()
    this.encoder = encoder
    this.dropout = dropout === 0 ? null : new Dropout(dropout, { rng: rng.split() })
    this.head = new Linear(encoder.outputSize, outputSize, { rng, dtype })
  }

  /**
   * @param x `[batch, time, features]`, padded on the right
   * @returns `[batch, time, outputSize]`, zero past each row's length
   * @throws ShapeError when `x` or the lengths do not fit
   */
  forward(x: Tensor, { lengths }: LengthsOption = {}): Tensor {
    const { output } = this.encoder.forward(x, lengths === undefined ? {} : { lengths })
    return overValidSteps(output, checkLengths('SequenceTagger.forward', lengths, x), (valid) =>
      this.head.forward(this.dropout === null ? valid : this.dropout.forward(valid)),
    )
  }
}
