// CIDEr of generated text: agreement with the references, where n-grams that every text has count for little.
import { checkTexts, NGrams, type Candidates, type References } from './captions-shared.ts'

/** Which CIDEr. */
export interface CiderOptions {
  /** `'CIDEr-D'`, which is usually reported, from 0 to 10; or the plain `'CIDEr'`, from 0 to 1. Default `'CIDEr-D'`. */
  readonly variant?: 'CIDEr-D' | 'CIDEr'
}

const longest = 4
/** `σ` of the length penalty (§7 of the paper). */
const sigma = 6

/**
 * CIDEr-D or CIDEr (Vedantam et al. 2015, "CIDEr: consensus-based image description evaluation", §4 and §7), the mean
 * over all examples. With `g_n` a text's counts of n-grams, each times `ln(examples / examples that have it in a
 * reference)`, `S` the references of candidate `c`, and `l` a length:
 *
 * `CIDEr_n(c, S) = 1/|S| Σ_s g_n(c) · g_n(s) / (|g_n(c)| |g_n(s)|)`
 *
 * `CIDEr-D_n(c, S) = 10/|S| Σ_s exp(-(l(c) - l(s))² / (2 · 6²)) min(g_n(c), g_n(s)) · g_n(s) / (|g_n(c)| |g_n(s)|)`
 *
 * and the score is the mean over `n` from 1 to 4. A text shorter than `n` has no n-grams and gets 0 for them: a right
 * caption of two words comes to 5 of 10 at most. An n-gram that no reference has counts as if one had it. n-grams that
 * all examples share weigh nothing, so that a single example always scores 0.
 *
 * @param candidates tokens, one list an example
 * @param references the true texts of each example; document frequencies come from these
 * @throws RangeError when the lists differ in length or are empty, or an example has no reference
 * @example
 * ```ts
 * import { ciderScore } from '@ostinato/train'
 * const references = [[['a', 'red', 'flag', 'waves']], [['a', 'black', 'cat', 'sleeps']]]
 * const right = references.map(([first]) => first)
 * console.assert(Math.abs(ciderScore(right, references) - 10) < 1e-12)
 * console.assert(ciderScore([['a'], ['a']], references) === 0)
 * ```
 */
export function ciderScore(
  candidates: Candidates,
  references: References,
  { variant = 'CIDEr-D' }: CiderOptions = {},
): number {
  checkTexts('ciderScore', candidates, references)
  const clipped = variant === 'CIDEr-D'
  const grams = new NGrams()
  let total = 0
  for (let n = 1; n <= longest; n++) {
    const texts = references.map((list) => list.map((reference) => grams.count(reference, n)))
    const weigh = weightsOf(texts)
    candidates.forEach((candidate, i) => {
      const own = weigh(grams.count(candidate, n))
      let sum = 0
      texts[i].forEach((counts, j) => {
        const difference = candidate.length - references[i][j].length
        const penalty = clipped ? Math.exp(-(difference ** 2) / (2 * sigma ** 2)) : 1
        sum += penalty * similarity(own, weigh(counts), clipped)
      })
      total += sum / texts[i].length
    })
  }
  return ((clipped ? 10 : 1) * total) / (longest * candidates.length)
}

type Weights = ReadonlyMap<string, number>

/** Counts -> counts times `ln(examples / examples that have the n-gram in a reference)`. */
function weightsOf(texts: readonly (readonly Weights[])[]): (counts: Weights) => Weights {
  const examples = new Map<string, number>()
  for (const list of texts) {
    const present = new Set(list.flatMap((counts) => [...counts.keys()]))
    for (const gram of present) examples.set(gram, (examples.get(gram) ?? 0) + 1)
  }
  return (counts) => {
    const weights = new Map<string, number>()
    for (const [gram, count] of counts) weights.set(gram, count * Math.log(texts.length / (examples.get(gram) ?? 1)))
    return weights
  }
}

function similarity(candidate: Weights, reference: Weights, clipped: boolean): number {
  let product = 0
  for (const [gram, weight] of candidate) {
    const other = reference.get(gram) ?? 0
    product += (clipped ? Math.min(weight, other) : weight) * other
  }
  const lengths = norm(candidate) * norm(reference)
  return lengths === 0 ? 0 : product / lengths
}

function norm(weights: Weights): number {
  let sum = 0
  for (const weight of weights.values()) sum += weight * weight
  return Math.sqrt(sum)
}
