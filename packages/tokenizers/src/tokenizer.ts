// What every tokenizer can do. Not here: any of them.

import type { NormalizerLike } from './normalizers.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What to do with the ids of a text. */
export interface EncodeOptions {
  /** put the id of the special token `start` in front; default false */
  readonly start?: boolean
  /** put the id of the special token `end` behind; default false */
  readonly end?: boolean
  /** the most ids to give, start and end included (they are never cut off); default: no limit */
  readonly maximumLength?: number
  /** which part of a text that is too long goes; `middle` keeps its head and its tail; default `end` */
  readonly truncate?: 'start' | 'end' | 'middle'
}

/** Decodes ids one at a time, as when a model writes a text. */
export interface DecodeStream {
  /** takes an id and returns the text that is certain now: none while the bytes of a character are incomplete */
  push(id: number): string
  /** returns what is still held back when no more ids come */
  end(): string
}

/**
 * Text to ids and back. Whatever the tokenizer, `encode` gives the vocabulary's ids of what `tokenize` gives, and no
 * text can spell a special token.
 *
 * @example
 * ```ts
 * import { trainCharacterTokenizer, trainWordTokenizer, type Tokenizer } from '@ostinato/tokenizers'
 *
 * const compression = (tokenizer: Tokenizer, text: string) => text.length / tokenizer.encode(text).length
 * const texts = ['to be or not to be']
 * compression(trainCharacterTokenizer(texts), 'to be') // 1
 * compression(trainWordTokenizer(texts), 'to be') // 2.5
 * ```
 */
export interface Tokenizer {
  /** which kind it is, as in its saved form */
  readonly kind: string
  readonly vocabulary: Vocabulary
  /** the tokens of a text, known or not */
  tokenize(text: string): string[]
  /**
   * The ids of a text.
   *
   * @throws TokenizerError for an unknown token when the vocabulary has no `unknown`, or for wrong options
   */
  encode(text: string, options?: EncodeOptions): number[]
  /**
   * The text of ids. Padding, start and end leave no trace; `unknown` is written as its token.
   *
   * @throws RangeError for an id that is not in the vocabulary
   */
  decode(ids: Iterable<number>): string
  /** The same as `decode`, id by id. */
  decodeStream(): DecodeStream
  /** Everything that is needed to have it again, as plain JSON: `tokenizerFromJSON` reads it. */
  toJSON(): object
}

/** The fields which every saved tokenizer opens with. */
export interface TokenizerHeader {
  /** the format and its version */
  readonly format: 'ostinato-tokenizer/1'
  /** the names of the steps that change a text first, in their order */
  readonly normalizers: readonly string[]
}

/** The option which all tokenizers share. */
export interface NormalizerOptions {
  /** steps that change a text before it is cut, in their order; default: none */
  readonly normalizers?: readonly NormalizerLike[]
}
