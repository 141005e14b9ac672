// BLEU of generated text: n-gram precision over a whole corpus. No smoothing.
import { checkTexts, NGrams, type Candidates, type References } from './captions-shared.ts'

/**
 * BLEU-1 to BLEU-4 of a corpus (Papineni et al. 2002, "BLEU: a method for automatic evaluation of machine
 * translation", §2):
 *
 * `BLEU-N = BP exp(1/N Σ_{n=1..N} ln p_n)`, `BP = min(1, exp(1 - r / c))`
 *
 * where `p_n` is the share of all candidates' n-grams that stand in a reference of theirs, each counted at most as
 * often as in the reference that has it most; `c` is the length of all candidates, and `r` that of the references
 * nearest in length (of two as near, the shorter). Without a single common n-gram it is 0: texts shorter than `n` have
 * none.
 *
 * @param candidates tokens, one list an example
 * @param references the true texts of each example
 * @returns BLEU-1, BLEU-2, BLEU-3, BLEU-4, each from 0 to 1
 * @throws RangeError when the lists differ in length or are empty, or an example has no reference
 * @example
 * ```ts
 * import { bleuScores } from '@ostinato/train'
 * const candidate = 'the the the the the the the'.split(' ')
 * const references = ['the cat is on the mat', 'there is a cat on the mat'].map((text) => text.split(' '))
 * const [bleu1, bleu2] = bleuScores([candidate], [references])
 * console.assert(Math.abs(bleu1 - 2 / 7) < 1e-12 && bleu2 === 0)
 * ```
 */
export function bleuScores(
  candidates: Candidates,
  references: References,
): readonly [number, number, number, number] {
  checkTexts('bleuScores', candidates, references)
  const grams = new NGrams()
  const [common, all] = [[0, 0, 0, 0], [0, 0, 0, 0]]
  let length = 0
  let nearest = 0
  candidates.forEach((candidate, i) => {
    length += candidate.length
    nearest += nearestLength(candidate.length, references[i].map((reference) => reference.length))
    for (let n = 1; n <= 4; n++) {
      const most = new Map<string, number>()
      for (const reference of references[i]) {
        for (const [gram, count] of grams.count(reference, n)) most.set(gram, Math.max(count, most.get(gram) ?? 0))
      }
      for (const [gram, count] of grams.count(candidate, n)) {
        common[n - 1] += Math.min(count, most.get(gram) ?? 0)
        all[n - 1] += count
      }
    }
  })
  const brevity = length >= nearest ? 1 : Math.exp(1 - nearest / length)
  const upTo = (longest: number) => {
    let sum = 0
    for (let n = 0; n < longest; n++) sum += Math.log(common[n] / all[n])
    // Without n-grams, common or any, the logarithm is -Infinity or NaN.
    return Number.isFinite(sum) ? brevity * Math.exp(sum / longest) : 0
  }
  return [upTo(1), upTo(2), upTo(3), upTo(4)]
}

function nearestLength(length: number, lengths: readonly number[]): number {
  return lengths.reduce((best, next) => {
    const [a, b] = [Math.abs(best - length), Math.abs(next - length)]
    return b < a || (b === a && next < best) ? next : best
  })
}
