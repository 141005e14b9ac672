// What every generator of token ids has in common: a start, a step, and teacher forcing over whole sequences. What it
// is conditioned on, and how it computes, is the business of the subclasses; searching is that of `src/decoding`.
import { Module } from '@ostinato/nn'
import {
  argmax,
  less,
  range,
  softmax,
  stack,
  tensor,
  unstack,
  where,
  withRecorder,
  zeros,
  type Rng,
  type Tensor,
} from '@ostinato/tensor'
import { tensorFaults, throwFaults, throwRangeFaults } from '../checks.ts'
import type { StateTree } from '../decoding/state-tree.ts'
import type { DecodingResult } from '../decoding/step.ts'
import { checkLengths, type LengthsOption } from '../lengths.ts'

/** How often a decoder is fed with its own predictions while it is trained. */
export interface ScheduledSampling {
  /** The probability, from 0 to 1, that a step's input is the given token and not the model's own last prediction. */
  readonly teacher: number
  /** Decides token by token; moves on with every call. */
  readonly rng: Rng
  /** The model's own prediction: its most probable token, or one drawn from its distribution. Default `argmax`. */
  readonly prediction?: 'argmax' | 'sample'
}

/** How a call of `forward` may differ from the plain one. */
export interface DecoderOptions extends LengthsOption {
  /**
   * Scheduled sampling (Bengio et al. 2015, "Scheduled sampling for sequence prediction with recurrent neural
   * networks", §2.4): each input after the first is the given token with probability `teacher` and otherwise the
   * model's own last prediction, through which no gradient flows. Runs step by step. Absent: teacher forcing.
   */
  readonly sampling?: ScheduledSampling
}

/**
 * A generator of token ids on a condition: `start` gives the state before the first token, `step` takes a token and
 * gives the logits of the next one, `forward` is teacher forcing. `step` is what the searches take:
 *
 *     greedySearch((tokens, state) => decoder.step(tokens, state), { state: decoder.start(condition), … })
 */
export abstract class SequenceDecoder<Condition, S extends StateTree> extends Module {
  /** The number of tokens there are. */
  abstract readonly vocabularySize: number

  /**
   * The state before the first token.
   * @throws ShapeError when the condition does not fit
   */
  abstract start(condition: Condition): S

  /**
   * One step for every row.
   * @param tokens `[rows]`: the last token of each
   * @throws ShapeError when the tokens do not fit
   * @throws RangeError when a token is not in the vocabulary
   */
  abstract step(tokens: Tensor<'int32'>, state: S): DecodingResult<S>

  /**
   * The logits of every next token with the given tokens as inputs (teacher forcing: Williams & Zipser 1989, "A
   * learning algorithm for continually running fully recurrent neural networks").
   *
   * @param tokens `[batch, time]`: the inputs, with the start token first; what lies past a row's length does not
   * matter but must be in the vocabulary
   * @returns logits `[batch, time, vocabulary]`: at step t, those of the token after input t; zero past a row's length
   * @throws ShapeError when tokens, condition or lengths do not fit
   * @throws RangeError when a token is not in the vocabulary, or `teacher` is no probability
   */
  abstract forward(tokens: Tensor<'int32'>, condition: Condition, options?: DecoderOptions): Tensor
}

/** The batch, the steps and the checked lengths of teacher-forced tokens. */
export interface TokenBatch {
  readonly batch: number
  readonly time: number
  /** Undefined where every row is full. */
  readonly lengths: Int32Array | undefined
}

/** Checks the arguments of a decoder's `forward`; `rows` is what the condition has. */
export function checkTokens(
  where: string,
  tokens: Tensor<'int32'>,
  { rows, lengths, sampling }: DecoderOptions & { readonly rows: number },
): TokenBatch {
  throwFaults(where, tensorFaults('tokens', tokens, [['batch', rows], 'time'], 'int32'))
  const { teacher = 1 } = sampling ?? {}
  if (!(teacher >= 0 && teacher <= 1)) {
    throwRangeFaults(where, [`expected sampling.teacher, a probability from 0 to 1, got ${teacher}`])
  }
  const [batch, time] = tokens.shape
  const checked = checkLengths(where, lengths, tokens)
  return { batch, time, lengths: checked?.some((length) => length < time) === true ? checked : undefined }
}

/** Checks the tokens of a single step. */
export function checkStep(where: string, tokens: Tensor<'int32'>, rows: number): void {
  throwFaults(where, tensorFaults('tokens', tokens, [['rows', rows]], 'int32'))
}

/** What `sampledForward` runs. */
export interface SampledRun<S extends StateTree> extends TokenBatch {
  readonly decoder: SequenceDecoder<never, S>
  readonly state: S
  readonly sampling: ScheduledSampling
}

/** `forward` with scheduled sampling: step by step, each input decided anew. */
export function sampledForward<S extends StateTree>(
  tokens: Tensor<'int32'>,
  { decoder, state: first, sampling, batch, time, lengths }: SampledRun<S>,
): Tensor {
  const steps = lengths === undefined ? time : lengths.reduce((a, b) => Math.max(a, b), 0)
  const given = unstack(tokens, { axis: 1 })
  const all: Tensor[] = []
  let state = first
  for (let t = 0; t < steps; t++) {
    const input = t === 0 ? given[0] : chooseInput(given[t], all[t - 1], sampling)
    const result = decoder.step(input, state)
    all.push(result.logits)
    state = result.state
  }
  while (all.length < time) all.push(zeros([batch, decoder.vocabularySize], { dtype: all[0]?.dtype ?? 'float32' }))
  if (time === 0) return zeros([batch, 0, decoder.vocabularySize])
  return zeroPast(stack(all, { axis: 1 }), lengths)
}

/** For each row the given token, or the one that the model predicts by `logits` `[rows, vocabulary]`. */
function chooseInput(given: Tensor<'int32'>, logits: Tensor, { teacher, rng, prediction }: ScheduledSampling) {
  const own = withRecorder(null, () =>
    prediction === 'sample' ? sampleRows(logits, rng) : argmax(logits, { axis: 1 }),
  ).data
  return tensor(given.data.map((token, row) => (rng.next() < teacher ? token : own[row])))
}

function sampleRows(logits: Tensor, rng: Rng): Tensor<'int32'> {
  const [rows, vocabulary] = logits.shape
  const { data } = softmax(logits)
  const draw = (_: unknown, row: number) => rng.categorical(data.subarray(row * vocabulary, (row + 1) * vocabulary))
  return tensor(Int32Array.from({ length: rows }, draw))
}

/** `x` `[batch, time, features]` with zeros past each row's length. */
export function zeroPast(x: Tensor, lengths: Int32Array | undefined): Tensor {
  if (lengths === undefined) return x
  const [batch, time] = x.shape
  const ends = tensor(lengths, { shape: [batch, 1, 1] })
  return where(less(tensor(range(0, time, { dtype: 'int32' }).data, { shape: [1, time, 1] }), ends), x, 0)
}
