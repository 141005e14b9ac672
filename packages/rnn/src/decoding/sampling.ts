// Sampling: the next token is drawn. For whole batches, and token by token for live text.
import { isRng, type Rng } from '@ostinato/tensor'
import { readOptions, type DecodingOptions, type Plan } from './options.ts'
import { RowSearch } from './row-search.ts'
import type { StateTree } from './state-tree.ts'
import type { DecodingStep, Generated } from './step.ts'
import { Sampler, truncationFaults, type TruncationOptions } from './truncation.ts'

/** How tokens are sampled: temperature first, then top-k, then top-p of what that leaves. */
export interface SamplingOptions<S extends StateTree> extends DecodingOptions<S>, TruncationOptions {
  /** Each row draws from a stream of its own, which is split off in the order of the rows. */
  readonly rng: Rng
}

/** How `generate` samples: one row, without end unless `maxLength` or the end token ends it. */
export interface GenerateOptions<S extends StateTree> extends Omit<SamplingOptions<S>, 'maxLength' | 'rows'> {
  /** Default: no limit. */
  readonly maxLength?: number
}

/**
 * Draws the tokens of every row from the step's distribution, until its end token:
 *
 *     P(w) ~ exp(logit_w / temperature)     over the topK most probable, then over the nucleus of topP of these
 *
 * Rows that have ended are dropped from the batch. A row draws from a stream of its own, so its result does not depend
 * on its neighbours: a batch gives what its rows give one by one, in order, with the same `rng`. Nothing is recorded
 * for gradients, inside `valueAndGrad` too.
 *
 * @param step runs one step: see `DecodingStep`
 * @returns the tokens of each row, in the order of the rows; `logProbability` is the step's own, whatever the
 *   temperature and truncation
 * @throws ShapeError when the state's tensors differ in their rows, or logits are not `[rows, vocabulary]` of floats
 * @throws RangeError when an option is impossible, or a logit is NaN or Infinity: it names the row and the step
 * @example
 * ```ts
 * import { sampleSequences } from '@ostinato/rnn'
 * import { gather, Rng, tensor } from '@ostinato/tensor'
 * // Which token follows which: 0 is the start, 3 the end. There is no state.
 * const table = tensor([[-9, 1, 1, -9], [-9, 1, 0, 1], [-9, 0, 1, 1], [0, 0, 0, 0]])
 * const rows = sampleSequences((tokens, state) => ({ logits: gather(table, tokens), state }), {
 *   state: [],
 *   rows: 4,
 *   start: 0,
 *   end: 3,
 *   maxLength: 20,
 *   rng: new Rng(1),
 *   temperature: 0.8,
 *   topP: 0.95,
 * })
 * console.assert(rows.length === 4 && rows.every(({ tokens }) => tokens.length <= 20 && !tokens.includes(0)))
 * ```
 */
export function sampleSequences<S extends StateTree>(step: DecodingStep<S>, options: SamplingOptions<S>): Generated[] {
  const plan = readOptions('sampleSequences', options, { own: samplingFaults(options) })
  const search = sampling(plan, step, options)
  while (search.advance());
  return [...search.rows]
}

/**
 * Draws the tokens of one row as they are asked for: for text that is shown while it comes. Leaving the loop ends it.
 * What it gives is what `sampleSequences` gives with the same options; it returns the same result at the end.
 *
 * @throws ShapeError and RangeError as `sampleSequences`, for options when called and for logits when they come
 * @example
 * ```ts
 * import { generate } from '@ostinato/rnn'
 * import { gather, Rng, tensor } from '@ostinato/tensor'
 * const table = tensor([[0, 1], [1, 0]])
 * let text = ''
 * for (const token of generate((tokens, state) => ({ logits: gather(table, tokens), state }), {
 *   state: [],
 *   start: 0,
 *   rng: new Rng(1),
 * })) {
 *   text += 'ab'[token]
 *   if (text.length === 12) break
 * }
 * console.assert(/^[ab]{12}$/.test(text))
 * ```
 */
export function generate<S extends StateTree>(
  step: DecodingStep<S>,
  options: GenerateOptions<S>,
): Generator<number, Generated, void> {
  const own = samplingFaults(options)
  const plan = readOptions('generate', { maxLength: Infinity, ...options, rows: 1 }, { own, endless: true })
  return tokensOf(sampling(plan, step, options))
}

function* tokensOf<S extends StateTree>(search: RowSearch<S>): Generator<number, Generated, void> {
  const { tokens } = search.rows[0]
  let more = true
  for (let given = 0; more; ) {
    more = search.advance()
    if (given < tokens.length) yield tokens[given++]
  }
  return search.rows[0]
}

function samplingFaults({ rng, ...truncation }: TruncationOptions & { readonly rng: Rng }): string[] {
  const faults = truncationFaults(truncation)
  if (!isRng(rng)) faults.push('expected an rng, got none: pass { rng: new Rng(seed) }')
  return faults
}

function sampling<S extends StateTree>(
  plan: Plan,
  step: DecodingStep<S>,
  { rng, state, ...truncation }: TruncationOptions & { readonly rng: Rng; readonly state: S },
): RowSearch<S> {
  const streams = Array.from(plan.start, () => rng.split())
  const sampler = new Sampler(truncation)
  return new RowSearch(plan, { step, state, choose: (scores, row) => sampler.draw(scores, streams[row]) })
}
