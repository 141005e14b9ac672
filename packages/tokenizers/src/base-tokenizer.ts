// What the tokenizers have in common: normalise, cut, look up; and the way back. Not public: the contract is
// `Tokenizer`.

import { fault, raise, together } from './errors.ts'
import { frame } from './frame.ts'
import { nameOf, normalize, type NormalizerLike } from './normalizers.ts'
import type { DecodeStream, EncodeOptions, Tokenizer, TokenizerHeader } from './tokenizer.ts'
import { Vocabulary } from './vocabulary.ts'
import {
  checkSizes,
  countedSpecials,
  countTokens,
  vocabularyFromCounts,
  type VocabularySizeOptions,
} from './vocabulary-from-counts.ts'

/** Writes tokens one after another. A special token is told apart, since it is not a piece of text. */
export interface Joiner {
  push(token: string, special: boolean): string
  /** gives what is held back, where anything is */
  end?(): string
}

export abstract class BaseTokenizer implements Tokenizer {
  abstract readonly kind: string
  abstract toJSON(): object

  constructor(
    readonly vocabulary: Vocabulary,
    readonly normalizers: readonly NormalizerLike[],
  ) {}

  /** cuts a normalised text */
  protected abstract split(text: string): string[]
  protected abstract joiner(): Joiner

  /** the ids of a normalised text */
  protected ids(text: string): number[] {
    return this.split(text).map((token) => this.vocabulary.textId(token))
  }

  tokenize(text: string): string[] {
    return this.split(this.normalized(text))
  }

  encode(text: string, options: EncodeOptions = {}): number[] {
    return frame(this.ids(this.normalized(text)), this.vocabulary, options)
  }

  decode(ids: Iterable<number>): string {
    const stream = this.decodeStream()
    let text = ''
    for (const id of ids) text += stream.push(id)
    return text + stream.end()
  }

  decodeStream(): DecodeStream {
    const { vocabulary } = this
    const unknown = vocabulary.specials.unknown
    const joiner = this.joiner()
    return {
      push(id) {
        const token = vocabulary.token(id)
        const special = vocabulary.isSpecial(id)
        return special && token !== unknown ? '' : joiner.push(token, special)
      },
      end: () => joiner.end?.() ?? '',
    }
  }

  protected header(): TokenizerHeader {
    return { format: 'ostinato-tokenizer/1', normalizers: this.normalizers.map(nameOf) }
  }

  private normalized(text: string): string {
    if (typeof text !== 'string') raise('Tokenizer', [fault('text', 'a string', text)])
    return normalize(text, this.normalizers)
  }
}

/** Trains a tokenizer whose tokens follow from its settings alone: counts what one without a vocabulary finds. */
export function trainByCounting<T extends Tokenizer>(
  { where, options }: { readonly where: string; readonly options: VocabularySizeOptions },
  texts: Iterable<string>,
  create: (vocabulary: Vocabulary) => T,
): T {
  const empty = new Vocabulary([])
  together(
    where,
    () => create(empty),
    () => checkSizes({ specials: countedSpecials, ...options }),
  )
  const untrained = create(empty)
  const counts = countTokens(where, texts, (text) => untrained.tokenize(text))
  if (counts.size === 0) raise(where, ['expected texts with at least one token, got none'])
  return create(vocabularyFromCounts(counts, options))
}
