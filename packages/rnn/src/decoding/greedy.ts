// Greedy search: always the most probable token.
import { highest } from './best.ts'
import { readOptions, type DecodingOptions } from './options.ts'
import { RowSearch } from './row-search.ts'
import type { StateTree } from './state-tree.ts'
import type { DecodingStep, Generated } from './step.ts'

/**
 * Gives every row the most probable token at each step, `y_t = argmax_w P(w | y_1 … y_{t-1})`, until its end token; of
 * equal ones that with the lower id. Rows that have ended are dropped from the batch. Nothing is recorded for
 * gradients, inside `valueAndGrad` too, and layers behave as in use.
 *
 * @param step runs one step: see `DecodingStep`
 * @returns the tokens of each row, in the order of the rows
 * @throws ShapeError when the state's tensors differ in their rows, or logits are not `[rows, vocabulary]` of floats
 * @throws RangeError when an option is impossible, or a logit is NaN or Infinity: it names the row and the step
 * @example
 * ```ts
 * import { greedySearch } from '@ostinato/rnn'
 * import { gather, tensor } from '@ostinato/tensor'
 * // Which token follows which: 0 is the start, 3 the end. There is no state.
 * const table = tensor([[0, 3, 1, 0], [0, 0, 1, 2], [0, 2, 0, 1], [0, 0, 0, 0]])
 * const [row] = greedySearch((tokens, state) => ({ logits: gather(table, tokens), state }), {
 *   state: [],
 *   rows: 1,
 *   start: 0,
 *   end: 3,
 *   maxLength: 10,
 * })
 * console.assert(row.tokens.join() === '1' && row.finished)
 * ```
 */
export function greedySearch<S extends StateTree>(step: DecodingStep<S>, options: DecodingOptions<S>): Generated[] {
  const plan = readOptions('greedySearch', options)
  const search = new RowSearch(plan, { step, state: options.state, choose: highest })
  while (search.advance());
  return [...search.rows]
}
