// Agreement of single texts with their references: word for word, or in which tokens they have.
import { checkTexts, NGrams, type Candidates, type References } from './captions-shared.ts'

/**
 * The share of candidates that equal one of their references, token for token.
 *
 * @param candidates tokens, one list an example
 * @param references the true texts of each example
 * @throws RangeError when the lists differ in length or are empty, or an example has no reference
 * @example
 * ```ts
 * import { exactMatch } from '@ostinato/train'
 * const references = [[['red', 'flag']], [['cat'], ['black', 'cat']]]
 * console.assert(exactMatch([['flag', 'red'], ['black', 'cat']], references) === 0.5)
 * ```
 */
export function exactMatch(candidates: Candidates, references: References): number {
  checkTexts('exactMatch', candidates, references)
  const right = candidates.filter((candidate, i) =>
    references[i].some((reference) =>
      reference.length === candidate.length && reference.every((token, at) => token === candidate[at])))
  return right.length / candidates.length
}

/**
 * The mean over candidates of F1 between the tokens of a candidate and of the reference that it agrees with best,
 * their order aside (as for answers in Rajpurkar et al. 2016, "SQuAD", §6.1):
 *
 * `F1 = 2 common / (tokens of the candidate + tokens of the reference)`
 *
 * where a token that comes twice in both is common twice. Two empty texts agree fully.
 *
 * @param candidates tokens, one list an example
 * @param references the true texts of each example
 * @throws RangeError when the lists differ in length or are empty, or an example has no reference
 * @example
 * ```ts
 * import { tokenF1 } from '@ostinato/train'
 * console.assert(tokenF1([['black', 'cat', 'face']], [[['cat', 'face']]]) === 0.8)
 * ```
 */
export function tokenF1(candidates: Candidates, references: References): number {
  checkTexts('tokenF1', candidates, references)
  const grams = new NGrams()
  let total = 0
  candidates.forEach((candidate, i) => {
    const counts = grams.count(candidate, 1)
    total += Math.max(...references[i].map((reference) => {
      let common = 0
      for (const [gram, count] of grams.count(reference, 1)) common += Math.min(count, counts.get(gram) ?? 0)
      const tokens = candidate.length + reference.length
      return tokens === 0 ? 1 : (2 * common) / tokens
    }))
  })
  return total / candidates.length
}
