// Beam search: what it takes and gives. The search itself is in `beam-rows.ts`.
import { withRecorder } from '@ostinato/tensor'
import { BeamRows } from './beam-rows.ts'
import { integerFault, readOptions, type DecodingOptions } from './options.ts'
import type { StateTree } from './state-tree.ts'
import type { DecodingStep, Hypothesis } from './step.ts'

/** How a beam search runs. */
export interface BeamOptions<S extends StateTree> extends DecodingOptions<S> {
  /** How many hypotheses a row keeps. */
  readonly width: number
  /** The exponent alpha of the length penalty, 0 or more: the higher, the longer the results. Default 0: no penalty. */
  readonly lengthPenalty?: number
  /** How many results a row gives, at most `width`. Default 1. */
  readonly results?: number
}

/**
 * Beam search (Graves 2012, "Sequence transduction with recurrent neural networks", §2.5; Sutskever et al. 2014,
 * "Sequence to sequence learning with neural networks", §3.2). At each step the `width` most probable of all
 * continuations of a row's hypotheses are kept; those that end are put aside. Results are ranked by
 *
 *     score(Y) = log P(Y) / lp(Y)       lp(Y) = ((5 + |Y|) / 6)^alpha
 *
 * where |Y| counts the tokens and the end token (Wu et al. 2016, "Google's neural machine translation system", eq. 14,
 * with alpha from 0.6 to 0.7 there; 0 ranks by probability alone, which favours short results). Finished hypotheses
 * come before those that were cut at `maxLength`, which only fill what places are left.
 *
 * A row stops as soon as no open hypothesis can change its results: log P only falls and lp only grows, so what
 * continues Y scores at most log P(Y) / lp(maxLength). Stopping there gives exactly what going on would give. Width 1
 * is greedy search. Of equal continuations that of the better hypothesis is kept, then that with the lower token.
 *
 * The step runs on the open hypotheses of all rows at once, each row's in order, and on one a row at first. Nothing is
 * recorded for gradients, inside `valueAndGrad` too.
 *
 * @returns for each row its best `results`, best first (fewer when there are not so many hypotheses)
 * @throws ShapeError when the state's tensors differ in their rows, or logits are not `[rows, vocabulary]` of floats
 * @throws RangeError when an option is impossible, or a logit is NaN or Infinity: it names the row and the step
 * @example
 * ```ts
 * import { beamSearch } from '@ostinato/rnn'
 * import { gather, log, tensor } from '@ostinato/tensor'
 * // 0 is the start, 3 the end. Token 1 looks better at first, but only 2 leads to a sure end.
 * const table = log(tensor([[0, 0.6, 0.4, 0], [0, 0.35, 0.35, 0.3], [0, 0, 0, 1], [0, 0, 0, 1]]))
 * const [row] = beamSearch((tokens, state) => ({ logits: gather(table, tokens), state }), {
 *   state: [],
 *   rows: 1,
 *   start: 0,
 *   end: 3,
 *   maxLength: 10,
 *   width: 2,
 * })
 * console.assert(row[0].tokens.join() === '2')
 * ```
 */
export function beamSearch<S extends StateTree>(step: DecodingStep<S>, options: BeamOptions<S>): Hypothesis[][] {
  const { width, lengthPenalty = 0, results = 1 } = options
  const own = [...integerFault('width', width, 1), ...integerFault('results', results, 1)]
  if (results > width) own.push(`expected results of at most width ${width}, got ${results}`)
  if (!(lengthPenalty >= 0 && lengthPenalty < Infinity)) {
    own.push(`expected a lengthPenalty that is finite and 0 or more, got ${lengthPenalty}`)
  }
  const plan = readOptions('beamSearch', options, { own })
  return withRecorder(null, () => new BeamRows(plan, { step, width, lengthPenalty, results }).run(options.state))
}
