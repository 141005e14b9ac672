// What a search decodes: a step from token to token, and what comes out. How tokens are chosen is the searches'
// business.
import type { Tensor } from '@ostinato/tensor'
import type { StateTree } from './state-tree.ts'

/** What a step gives: the next token's `logits` `[rows, vocabulary]` and the state after it. */
export interface DecodingResult<S extends StateTree> {
  readonly logits: Tensor
  readonly state: S
}

/**
 * One step of a generator: from the last token of every row, `tokens` `[rows]`, and the state, to the logits of the
 * next token and the state after it. A search calls it with fewer rows as rows end, and with rows in another order as a
 * beam is sorted, so whatever differs from row to row has to be in the state. A logit of -Infinity forbids its token.
 */
export type DecodingStep<S extends StateTree> = (tokens: Tensor<'int32'>, state: S) => DecodingResult<S>

/** What a search made of a row. */
export interface Generated {
  /** The tokens, without the start token and the end token. */
  readonly tokens: readonly number[]
  /**
   * The sum of the step's own log-probabilities of the tokens, and of the end token where the row has one: log softmax
   * of the logits as they came, before temperature, truncation or a ban.
   */
  readonly logProbability: number
  /** Whether the row ended by its end token; false: it was cut at `maxLength`, or every token was forbidden to it. */
  readonly finished: boolean
}

/** A result of a beam search. */
export interface Hypothesis extends Generated {
  /** The log-probability over the length penalty: what results are ranked by. */
  readonly score: number
}
