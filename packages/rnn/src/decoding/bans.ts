// Tokens that must not come next: forbidden ones, an end that comes too early, repeated n-grams.
import { throwFaults, type Plan } from './options.ts'

/** Sets the scores of forbidden tokens to -Infinity. */
export class Bans {
  readonly #plan: Plan

  /** @throws RangeError when a token of the options is not one of the `vocabulary` */
  constructor(plan: Plan, vocabulary: number) {
    const { where, end, forbidden } = plan
    const expected = `to be below the ${vocabulary} tokens of the logits`
    const faults = forbidden.flatMap((token, i) =>
      token < vocabulary ? [] : [`expected forbidden[${i}] ${expected}, got ${token}`],
    )
    if (end >= vocabulary) faults.unshift(`expected end ${expected}, got ${end}`)
    throwFaults(where, faults)
    this.#plan = plan
  }

  /** Forbids in `scores` `[vocabulary]` what must not follow `tokens`. Only n-grams need more than their number. */
  apply(scores: Float64Array, tokens: ArrayLike<number>): void {
    const { length } = tokens
    const { end, minLength, forbidden, noRepeatNgram: n } = this.#plan
    for (const token of forbidden) scores[token] = -Infinity
    if (end >= 0 && length < minLength) scores[end] = -Infinity
    if (n === undefined) return
    // Wherever the last n - 1 tokens stood before, what followed them must not follow again.
    const last = length - n + 1
    for (let i = 0; i < last; i++) {
      let same = 0
      while (same < n - 1 && tokens[i + same] === tokens[last + same]) same++
      if (same === n - 1) scores[tokens[i + n - 1]] = -Infinity
    }
  }
}
