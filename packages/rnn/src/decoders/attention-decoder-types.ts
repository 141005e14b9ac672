// What a decoder with attention is built from, conditioned on, and gives.
import type { Tensor } from '@ostinato/tensor'
import type { Attention, AttentionMemory } from '../attention/attention.ts'
import type { StateTree } from '../decoding/state-tree.ts'
import type { DecodingResult } from '../decoding/step.ts'
import type { LengthsOption } from '../lengths.ts'
import type { DecoderLayerOptions } from './parts.ts'

/** When a decoder attends: with the state before its step, or with the one after it. */
export type AttentionStyle = 'bahdanau' | 'luong'

/** How a decoder with attention is built. */
export interface AttentionDecoderOptions<S extends StateTree> extends DecoderLayerOptions<S> {
  /** Compares the recurrent layer's output with the memory; its `querySize` is that layer's output size. */
  readonly attention: Attention
  /** Default `bahdanau`. */
  readonly style?: AttentionStyle
  /**
   * With style `luong`: the attentional vector is joined to the next step's input (Luong et al. 2015, §3.3). Default
   * false: then the recurrent layer runs over the whole sequence at once.
   */
  readonly inputFeeding?: boolean
  /** The size of the readout, the attentional vector. Default: the recurrent layer's output size. */
  readonly readoutSize?: number
  /** The number of features of a vector that the initial state is made of. Absent: no such vector. */
  readonly vectorSize?: number
}

/** What a decoder with attention is conditioned on. */
export interface AttentionCondition<S extends StateTree> extends LengthsOption {
  /** `[batch, positions, memorySize]`, padded on the right; `lengths` are those of its rows. */
  readonly memory: Tensor
  /** The recurrent layer's state before the first step. Absent: made of `vector`, or the layer's own. */
  readonly state?: S
  /** `[batch, vectorSize]`: the initial state is `tanh(W vector + b)`. Needs `vectorSize`, and no `state`. */
  readonly vector?: Tensor
}

/** The state of the recurrent layer, the memory made ready, and the attentional vector where it is fed back. */
export type AttentionDecoderState<S extends StateTree> = {
  readonly recurrent: S
  readonly memory: AttentionMemory
  readonly fed?: Tensor
}

/** A step of a decoder with attention: where it looked, too. */
export interface AttentionDecoderStep<S extends StateTree> extends DecodingResult<AttentionDecoderState<S>> {
  /** `[rows, positions]` */
  readonly weights: Tensor
}

/** The logits of all steps, and where each looked. */
export interface AttendedLogits {
  /** `[batch, time, vocabulary]` */
  readonly logits: Tensor
  /** `[batch, time, positions]`; zero past a row's length */
  readonly weights: Tensor
}
