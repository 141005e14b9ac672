// Makes a tokenizer of its saved form, which may come from anywhere. Not here: what is saved (each tokenizer's toJSON).

import { type BytePairOptions, BytePairTokenizer, type BytePairTokenizerJSON } from './byte-pair.ts'
import { type CharacterOptions, CharacterTokenizer, type CharacterTokenizerJSON } from './character.ts'
import { oneOf, opened } from './checks.ts'
import { raise, together } from './errors.ts'
import type { Merge } from './learn-merges.ts'
import { type Normalizer, resolveNormalizers } from './normalizers.ts'
import { Vocabulary } from './vocabulary.ts'
import { type WordOptions, WordTokenizer, type WordTokenizerJSON } from './word.ts'

/** Any tokenizer as it is saved. */
export type TokenizerJSON = CharacterTokenizerJSON | WordTokenizerJSON | BytePairTokenizerJSON

/** What a saved tokenizer cannot hold itself. */
export interface FromJSONOptions {
  /** the steps of your own that the tokenizer was trained with, found by their names */
  readonly normalizers?: readonly Normalizer[]
}

const WHERE = 'tokenizerFromJSON'

/**
 * A saved tokenizer. The value may come from anywhere: everything in it is checked, and every fault is reported at
 * once.
 *
 * @param json what `JSON.parse` gave
 * @throws TokenizerError listing every fault
 * @example
 * ```ts
 * import { tokenizerFromJSON, trainWordTokenizer } from '@ostinato/tokenizers'
 *
 * const saved = JSON.stringify(trainWordTokenizer(['good film']))
 * const tokenizer = tokenizerFromJSON(JSON.parse(saved))
 * tokenizer.encode('film') // [2]
 * ```
 */
export function tokenizerFromJSON(
  json: unknown,
  { normalizers: own = [] }: FromJSONOptions = {},
): CharacterTokenizer | WordTokenizer | BytePairTokenizer {
  const fields = opened(WHERE, json, 'ostinato-tokenizer/1')
  // Each field may be anything, and null stands for a missing one: the constructors check them.
  const { kind = null, unit = null, segmentation = null, locale = null, punctuation = null, specials = null } = fields
  raise(WHERE, oneOf('kind', kind, ['character', 'word', 'byte-pair']))
  const normalizers = resolveNormalizers(fields.normalizers, own)
  const withVocabulary = <T>(create: (vocabulary: Vocabulary) => T): T => {
    together(
      WHERE,
      () => create(new Vocabulary([])),
      () => Vocabulary.fromJSON(fields.vocabulary),
    )
    return create(Vocabulary.fromJSON(fields.vocabulary))
  }
  if (kind === 'character') {
    const options = { unit, normalizers } as CharacterOptions
    return withVocabulary((vocabulary) => new CharacterTokenizer(vocabulary, options))
  }
  if (kind === 'word') {
    const options = { segmentation, locale, punctuation, normalizers } as WordOptions
    return withVocabulary((vocabulary) => new WordTokenizer(vocabulary, options))
  }
  return new BytePairTokenizer(fields.merges as Merge[], { specials, normalizers } as BytePairOptions)
}
