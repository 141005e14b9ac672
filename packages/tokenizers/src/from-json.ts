// Makes a tokenizer of its saved form, which may come from anywhere. Not here: what is saved (each tokenizer's toJSON).

import { type BytePairTokenizerJSON, BytePairTokenizer } from './byte-pair.ts'
import { type CharacterTokenizerJSON, CharacterTokenizer } from './character.ts'
import { oneOf, opened, required } from './checks.ts'
import { raise, together } from './errors.ts'
import type { Merge } from './learn-merges.ts'
import { type Normalizer, resolveNormalizers } from './normalizers.ts'
import { Vocabulary } from './vocabulary.ts'
import { WordTokenizer, type WordTokenizerJSON } from './word.ts'

/** Any tokenizer as it is saved. */
export type TokenizerJSON = CharacterTokenizerJSON | WordTokenizerJSON | BytePairTokenizerJSON

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
  const { kind = null, merges, vocabulary, ...fields } = opened(WHERE, json, 'ostinato-tokenizer')
  raise(WHERE, oneOf('kind', kind, ['character', 'word', 'byte-pair']))
  // Settings may be anything: the constructors check them.
  const normalizers = resolveNormalizers(fields.normalizers, own)
  const settings = (...names: readonly string[]) => ({ ...required(fields, ...names), normalizers }) as object
  const withVocabulary = <T>(create: (vocabulary: Vocabulary) => T): T => {
    together(
      WHERE,
      () => create(new Vocabulary([])),
      () => Vocabulary.fromJSON(vocabulary),
    )
    return create(Vocabulary.fromJSON(vocabulary))
  }
  switch (kind) {
    case 'character':
      return withVocabulary((known) => new CharacterTokenizer(known, settings('unit')))
    case 'word':
      return withVocabulary((known) => new WordTokenizer(known, settings('segmentation', 'locale', 'punctuation')))
    default:
      return new BytePairTokenizer(merges as Merge[], settings('specials'))
  }
}
