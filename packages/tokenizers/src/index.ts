// What the package offers.

export { encodeBatch, padIds, type EncodedBatch, type PaddedIds, type PadOptions } from './batch.ts'
export {
  BytePairTokenizer,
  trainBytePairTokenizer,
  type BytePairOptions,
  type BytePairTokenizerJSON,
} from './byte-pair.ts'
export {
  CharacterTokenizer,
  trainCharacterTokenizer,
  type CharacterOptions,
  type CharacterTokenizerJSON,
} from './character.ts'
export { TokenizerError } from './errors.ts'
export { tokenizerFromJSON, type FromJSONOptions, type TokenizerJSON } from './from-json.ts'
export type { Merge } from './learn-merges.ts'
export type { Normalizer, NormalizerLike, NormalizerName } from './normalizers.ts'
export { standardSpecials, type SpecialRole, type Specials } from './specials.ts'
export type {
  DecodeStream,
  EncodeOptions,
  NormalizerOptions,
  Tokenizer,
  TokenizerHeader,
} from './tokenizer.ts'
export { Vocabulary, type VocabularyJSON, type VocabularyOptions } from './vocabulary.ts'
export { vocabularyFromCounts, type VocabularySizeOptions } from './vocabulary-from-counts.ts'
export { trainWordTokenizer, WordTokenizer, type WordOptions, type WordTokenizerJSON } from './word.ts'
