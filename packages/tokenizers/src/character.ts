// The character tokenizer: one token a code point or a grapheme. Not here: words (word.ts) or pieces of words
// (byte-pair.ts).

import { BaseTokenizer, type Joiner, trainByCounting } from './base-tokenizer.ts'
import { oneOf, type Unchecked } from './checks.ts'
import { raise } from './errors.ts'
import { normalizerFaults } from './normalizers.ts'
import { segmenterFaults, segments } from './segmenter.ts'
import type { NormalizerOptions, TokenizerHeader } from './tokenizer.ts'
import type { Vocabulary, VocabularyJSON } from './vocabulary.ts'
import type { VocabularySizeOptions } from './vocabulary-from-counts.ts'

/** How a character tokenizer is set up. */
export interface CharacterOptions extends NormalizerOptions {
  /**
   * what counts as a character: a Unicode `code-point`, or a `grapheme`, that is what a reader sees as one (an emoji
   * with its skin tone, a letter with its accents; UAX #29), by `Intl.Segmenter`. Default `code-point`
   */
  readonly unit?: 'code-point' | 'grapheme'
}

/** A character tokenizer as it is saved. */
export interface CharacterTokenizerJSON extends TokenizerHeader {
  readonly kind: 'character'
  readonly unit: 'code-point' | 'grapheme'
  readonly vocabulary: VocabularyJSON
}

/** What is wrong with the settings. */
function characterFaults({ unit, normalizers }: Unchecked<CharacterOptions>): string[] {
  return [
    ...oneOf('unit', unit, ['code-point', 'grapheme']),
    ...segmenterFaults(unit === 'grapheme'),
    ...normalizerFaults(normalizers),
  ]
}

/**
 * One token a character. A surrogate pair is never cut in two. A text of known characters comes back from `decode` as
 * `encode` got it, after the normalizers.
 *
 * @example
 * ```ts
 * import { CharacterTokenizer, Vocabulary } from '@ostinato/tokenizers'
 *
 * const tokenizer = new CharacterTokenizer(new Vocabulary(['a', 'b', '👋']))
 * tokenizer.encode('b👋') // [1, 2]
 * ```
 */
export class CharacterTokenizer extends BaseTokenizer {
  readonly kind = 'character'
  readonly unit: 'code-point' | 'grapheme'
  readonly #graphemes: Intl.Segmenter | undefined

  /**
   * @param vocabulary the characters and specials
   * @throws TokenizerError for wrong options
   */
  constructor(vocabulary: Vocabulary, options: CharacterOptions = {}) {
    raise('CharacterTokenizer', characterFaults(options))
    super(vocabulary, options.normalizers ?? [])
    this.unit = options.unit ?? 'code-point'
    this.#graphemes = this.unit === 'grapheme' ? new Intl.Segmenter('en', { granularity: 'grapheme' }) : undefined
  }

  toJSON(): CharacterTokenizerJSON {
    return { ...this.header(), kind: 'character', unit: this.unit, vocabulary: this.vocabulary.toJSON() }
  }

  protected split(text: string): string[] {
    return this.#graphemes ? segments(this.#graphemes, text).map(({ segment }) => segment) : Array.from(text)
  }

  protected joiner(): Joiner {
    return { push: (token) => token }
  }
}

/**
 * Collects the characters of texts.
 *
 * @param texts the texts to learn from, gone through once
 * @throws TokenizerError for wrong options, or when there is no character at all
 * @example
 * ```ts
 * import { trainCharacterTokenizer } from '@ostinato/tokenizers'
 *
 * const tokenizer = trainCharacterTokenizer(['hello'])
 * tokenizer.vocabulary.tokens // ['<pad>', '<unk>', 'l', 'e', 'h', 'o']
 * tokenizer.decode(tokenizer.encode('hole')) // 'hole'
 * ```
 */
export function trainCharacterTokenizer(
  texts: Iterable<string>,
  options: CharacterOptions & VocabularySizeOptions = {},
): CharacterTokenizer {
  const where = 'trainCharacterTokenizer'
  return trainByCounting({ where, options }, texts, (vocabulary) => new CharacterTokenizer(vocabulary, options))
}
