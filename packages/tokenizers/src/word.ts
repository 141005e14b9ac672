// The word tokenizer: words, numbers and symbols. Not here: how words are joined to text again (join-words.ts).

import { BaseTokenizer, type Joiner, trainByCounting } from './base-tokenizer.ts'
import { oneOf, type Unchecked } from './checks.ts'
import { raise } from './errors.ts'
import { wordJoiner } from './join-words.ts'
import { normalizerFaults } from './normalizers.ts'
import { SPACELESS } from './scripts.ts'
import { segmenterFaults, segments } from './segmenter.ts'
import type { NormalizerOptions, TokenizerHeader } from './tokenizer.ts'
import type { Vocabulary, VocabularyJSON } from './vocabulary.ts'
import type { VocabularySizeOptions } from './vocabulary-from-counts.ts'

/** How a word tokenizer is set up. */
export interface WordOptions extends NormalizerOptions {
  /**
   * `pattern`, the default, is one regular expression: fast, the same everywhere, right for scripts that put spaces
   * between words; Chinese, Japanese or Thai come out as single characters. `unicode` is `Intl.Segmenter` (UAX #29 and
   * dictionaries): slower by far, with words for languages without spaces
   */
  readonly segmentation?: 'pattern' | 'unicode'
  /** the language tag for `unicode`; default `en` */
  readonly locale?: string
  /** whether punctuation, emoji and other symbols are tokens, `keep`, or go, `drop`; default `keep` */
  readonly punctuation?: 'keep' | 'drop'
}

type WordSettings = Required<Omit<WordOptions, 'normalizers'>>

/** A word tokenizer as it is saved. */
export interface WordTokenizerJSON extends TokenizerHeader, WordSettings {
  readonly kind: 'word'
  readonly vocabulary: VocabularyJSON
}

// Letters, digits and marks in a row are a word; an apostrophe between letters and a point between digits belong to it.
// Runs are bounded: the engine keeps a record of every step of a run, and would give up on one of millions.
const spaceless = `[${SPACELESS}]`
const run = `[[\\p{L}\\p{N}_]--${spaceless}][[\\p{L}\\p{M}\\p{N}_\\u200c\\u200d]--${spaceless}]{0,200}`
const marks = '[\\p{M}\\p{EMod}]{0,20}'
const word = `${run}(?:(?:['’]|(?<=\\p{N})[.,](?=\\p{N}))${run}){0,20}|${spaceless}${marks}`
const symbol = `\\p{RI}{2}|\\S${marks}(?:\\u200d\\S${marks}){0,20}`
const words = /* @__PURE__ */ new RegExp(word, 'gv')
const wordsAndSymbols = /* @__PURE__ */ new RegExp(`${word}|${symbol}`, 'gv')

/** What is wrong with the settings. */
function wordFaults({ segmentation, locale, punctuation, normalizers }: Unchecked<WordOptions>): string[] {
  return [
    ...oneOf('segmentation', segmentation, ['pattern', 'unicode']),
    ...segmenterFaults(segmentation === 'unicode', locale),
    ...oneOf('punctuation', punctuation, ['keep', 'drop']),
    ...normalizerFaults(normalizers),
  ]
}

/**
 * One token a word, number or symbol; white space is dropped. `decode` joins by the usual rules of spacing, so a text
 * comes back readable, not always exact.
 *
 * @example
 * ```ts
 * import { Vocabulary, WordTokenizer } from '@ostinato/tokenizers'
 *
 * const vocabulary = new Vocabulary(['<unk>', "don't", 'stop', '!'], { specials: { unknown: '<unk>' } })
 * const tokenizer = new WordTokenizer(vocabulary)
 * tokenizer.tokenize("don't stop, ever!") // ["don't", 'stop', ',', 'ever', '!']
 * tokenizer.encode("don't stop!") // [1, 2, 3]
 * ```
 */
export class WordTokenizer extends BaseTokenizer {
  readonly kind = 'word'
  /** the options, defaults filled in */
  readonly settings: WordSettings
  readonly #segmenter: Intl.Segmenter | undefined

  /**
   * @param vocabulary the words and specials
   * @throws TokenizerError for wrong options
   */
  constructor(vocabulary: Vocabulary, options: WordOptions = {}) {
    raise('WordTokenizer', wordFaults(options))
    super(vocabulary, options.normalizers ?? [])
    const { segmentation = 'pattern', locale = 'en', punctuation = 'keep' } = options
    this.settings = { segmentation, locale, punctuation }
    this.#segmenter = segmentation === 'unicode' ? new Intl.Segmenter(locale, { granularity: 'word' }) : undefined
  }

  toJSON(): WordTokenizerJSON {
    return { ...this.header(), kind: 'word', ...this.settings, vocabulary: this.vocabulary.toJSON() }
  }

  protected split(text: string): string[] {
    const keep = this.settings.punctuation === 'keep'
    if (!this.#segmenter) return text.match(keep ? wordsAndSymbols : words) ?? []
    return segments(this.#segmenter, text)
      .filter(({ segment, isWordLike }) => isWordLike || (keep && /\S/.test(segment)))
      .map(({ segment }) => segment)
  }

  protected joiner(): Joiner {
    return wordJoiner()
  }
}

/**
 * Collects the words of texts.
 *
 * @param texts the texts to learn from, gone through once
 * @throws TokenizerError for wrong options, or when there is no word at all
 * @example
 * ```ts
 * import { trainWordTokenizer } from '@ostinato/tokenizers'
 *
 * const tokenizer = trainWordTokenizer(['A film<br />to remember.', 'A film.'], {
 *   normalizers: ['html-line-breaks', 'lower-case'],
 *   minimumCount: 2,
 * })
 * tokenizer.vocabulary.tokens // ['<pad>', '<unk>', '.', 'a', 'film']
 * tokenizer.decode(tokenizer.encode('A great film.')) // 'a <unk> film.'
 * ```
 */
export function trainWordTokenizer(
  texts: Iterable<string>,
  options: WordOptions & VocabularySizeOptions = {},
): WordTokenizer {
  const where = 'trainWordTokenizer'
  return trainByCounting({ where, options }, texts, (vocabulary) => new WordTokenizer(vocabulary, options))
}
