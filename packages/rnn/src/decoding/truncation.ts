// Draws a token: temperature, then top-k, then top-p. It knows scores, not where they come from.
import type { Rng } from '@ostinato/tensor'
import { Best, highest } from './best.ts'

/** What a draw leaves of the distribution of the next token. */
export interface TruncationOptions {
  /**
   * What logits are divided by, 0 or more: below 1 probable tokens become more so, above 1 less. 0 takes the most
   * probable token, which is the limit. Default 1.
   */
  readonly temperature?: number
  /**
   * Only the k most probable tokens may come, exactly k of them (Fan et al. 2018, "Hierarchical neural story
   * generation", §5.1). Absent, or as many as there are tokens: all.
   */
  readonly topK?: number
  /**
   * Only the nucleus may come: the fewest tokens, the most probable first, whose probabilities sum to p or more, above
   * 0 and at most 1 (Holtzman et al. 2020, "The curious case of neural text degeneration", §3.1). Default 1: all.
   */
  readonly topP?: number
}

/** What is wrong with the options. */
export function truncationFaults({ temperature = 1, topK, topP = 1 }: TruncationOptions): string[] {
  const faults: string[] = []
  if (!(temperature >= 0 && temperature < Infinity)) {
    faults.push(`expected a temperature that is finite and 0 or more, got ${temperature}`)
  }
  if (topK !== undefined && !(Number.isSafeInteger(topK) && topK >= 1)) {
    faults.push(`expected topK to be an integer of 1 or more, got ${topK}`)
  }
  if (!(topP > 0 && topP <= 1)) faults.push(`expected topP above 0 and at most 1, got ${topP}`)
  return faults
}

/** How many tokens a nucleus is looked for in at first; four times as many whenever they are too few. */
const FIRST_NUCLEUS = 64

/** The tokens that remain, most probable first, with weights in proportion to their probabilities. */
interface Remaining {
  readonly ids: Float64Array
  readonly weights: Float64Array
}

/** Draws tokens by their scores, with the options that it was made with. */
export class Sampler {
  readonly #temperature: number
  readonly #topK: number
  readonly #topP: number
  readonly #best = new Best()
  #weights = new Float64Array(0)

  constructor({ temperature = 1, topK = Infinity, topP = 1 }: TruncationOptions) {
    this.#temperature = temperature
    this.#topK = topK
    this.#topP = topP
  }

  /** A token drawn in proportion to exp(score / temperature) among those that remain; -1 when all are -Infinity. */
  draw(scores: Float64Array, rng: Rng): number {
    const first = highest(scores)
    if (first < 0 || this.#temperature === 0) return first
    if (this.#topK >= scores.length && this.#topP === 1) return rng.categorical(this.#weigh(scores, scores[first]))
    const { ids, weights } = this.#truncate(scores, scores[first])
    return ids[rng.categorical(weights)]
  }

  /** exp((score - top) / temperature) of every token. */
  #weigh(scores: Float64Array, top: number): Float64Array {
    if (this.#weights.length !== scores.length) this.#weights = new Float64Array(scores.length)
    scores.forEach((score, token) => {
      this.#weights[token] = Math.exp((score - top) / this.#temperature)
    })
    return this.#weights
  }

  #truncate(scores: Float64Array, top: number): Remaining {
    if (this.#topK < scores.length) {
      const remaining = this.#mostProbable(scores, { top, count: this.#topK })
      return nucleus(remaining, this.#topP * sum(remaining.weights)) ?? remaining
    }
    const mass = this.#topP * sum(this.#weigh(scores, top))
    for (let count = FIRST_NUCLEUS; ; count *= 4) {
      const remaining = this.#mostProbable(scores, { top, count: Math.min(count, scores.length) })
      const found = nucleus(remaining, mass) ?? (count >= scores.length ? remaining : undefined)
      if (found !== undefined) return found
    }
  }

  #mostProbable(scores: Float64Array, { top, count }: { readonly top: number; readonly count: number }): Remaining {
    this.#best.reset(count)
    for (let token = 0; token < scores.length; token++) this.#best.offer(scores[token], token)
    const { ids, values } = this.#best.take()
    return { ids, weights: values.map((score) => Math.exp((score - top) / this.#temperature)) }
  }
}

/** The first tokens whose weights come to `mass`; undefined when all together do not. */
function nucleus({ ids, weights }: Remaining, mass: number): Remaining | undefined {
  let reached = 0
  for (let i = 0; i < weights.length; i++) {
    reached += weights[i]
    if (reached >= mass) return { ids: ids.subarray(0, i + 1), weights: weights.subarray(0, i + 1) }
  }
  return undefined
}

const sum = (weights: Float64Array) => weights.reduce((total, weight) => total + weight, 0)
