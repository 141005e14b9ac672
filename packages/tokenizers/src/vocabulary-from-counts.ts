// Chooses a vocabulary by how often tokens are seen. Not here: what a vocabulary can do (vocabulary.ts).

import { atLeast, eachText, fieldsOf, type Unchecked } from './checks.ts'
import { raise } from './errors.ts'
import { type Specials, specialFaults, specialTokens, standardSpecials } from './specials.ts'
import { Vocabulary } from './vocabulary.ts'

/** Which tokens a trained vocabulary keeps. */
export interface VocabularySizeOptions {
  /** the special tokens, which take the first ids; default: padding (id 0) and unknown (id 1) */
  readonly specials?: Specials
  /** the most ids there may be, specials included; default: no limit */
  readonly maximumSize?: number
  /** tokens seen less often are left out; default 1 */
  readonly minimumCount?: number
}

/** The specials of a vocabulary that is made by counting, unless told otherwise. */
export const countedSpecials: Specials = { padding: standardSpecials.padding, unknown: standardSpecials.unknown }

/**
 * Checks the options, all given.
 *
 * @param least how many ids there are whatever the texts, specials aside
 */
export function checkSizes(options: Unchecked<VocabularySizeOptions>, least = 0): void {
  const { specials, maximumSize, minimumCount } = options
  raise('vocabularyFromCounts', [
    ...specialFaults(specials),
    ...atLeast('maximumSize', maximumSize, specialTokens(fieldsOf(specials)).length + least || 1),
    ...atLeast('minimumCount', minimumCount, 1),
  ])
}

/**
 * The vocabulary of the tokens seen most often: specials first, then by count from high to low, tokens of the same
 * count in the order of their code points. So the same counts give the same ids everywhere.
 *
 * @param counts how often each token was seen
 * @throws TokenizerError when an option or a count is not a whole number in its range, or specials are spelled alike
 * @example
 * ```ts
 * import { vocabularyFromCounts } from '@ostinato/tokenizers'
 *
 * const counts = new Map([['film', 7], ['a', 9], ['rare', 1]])
 * vocabularyFromCounts(counts, { maximumSize: 4 }).tokens // ['<pad>', '<unk>', 'a', 'film']
 * ```
 */
export function vocabularyFromCounts(
  counts: ReadonlyMap<string, number>,
  options: VocabularySizeOptions = {},
): Vocabulary {
  const { specials = countedSpecials, maximumSize = Infinity, minimumCount = 1 } = options
  checkSizes({ ...options, specials })
  raise(
    'vocabularyFromCounts',
    Array.from(counts).flatMap(([token, count]) => atLeast(`count of ${token}`, count, 0)),
  )
  const tokens = specialTokens(specials)
  const taken = new Set(tokens)
  const tallies = tokens.map(() => 0)
  let leftOut = 0
  for (const [token, count] of [...counts].sort(([a, m], [b, n]) => n - m || compareCodePoints(a, b))) {
    if (count < minimumCount || tokens.length >= maximumSize || taken.has(token)) leftOut += count
    else tallies[tokens.push(token) - 1] = count
  }
  if (specials.unknown !== undefined) tallies[tokens.indexOf(specials.unknown)] = leftOut
  return new Vocabulary(tokens, { specials, counts: tallies })
}

/** How often each token occurs in texts. */
export function countTokens(
  where: string,
  texts: Iterable<string>,
  tokenize: (text: string) => readonly string[],
): Map<string, number> {
  const tallies = new Map<string, { count: number }>()
  for (const text of eachText(where, texts)) {
    for (const token of tokenize(text)) {
      const tally = tallies.get(token)
      if (tally) tally.count++
      else tallies.set(token, { count: 1 })
    }
  }
  return new Map(Array.from(tallies, ([token, { count }]) => [token, count]))
}

/** Order by code points; the built-in `<` compares UTF-16 units and puts U+1F600 before U+FB01. */
function compareCodePoints(a: string, b: string): number {
  for (let i = 0; ; i++) {
    const x = a.codePointAt(i) ?? -1
    const y = b.codePointAt(i) ?? -1
    if (x !== y || x < 0) return x - y
  }
}
