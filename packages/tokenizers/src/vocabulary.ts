// A vocabulary: a numbered list of distinct tokens. Not here: cutting text into tokens, or choosing the tokens by count
// (vocabulary-from-counts.ts).

import { atLeast, fieldsOf, opened, type Unchecked } from './checks.ts'
import { fault, raise, TokenizerError } from './errors.ts'
import { type SpecialRole, type Specials, specialFaults, specialTokens } from './specials.ts'

/** What a vocabulary may know besides its tokens. */
export interface VocabularyOptions {
  /** which of the tokens are special; each must be in the list of tokens */
  readonly specials?: Specials
  /** how often each token was seen, in the order of the tokens */
  readonly counts?: readonly number[] | undefined
}

/** A vocabulary as it is saved. */
export interface VocabularyJSON {
  /** the format and its version */
  readonly format: 'ostinato-vocabulary/1'
  readonly tokens: readonly string[]
  readonly specials: Specials
  readonly counts?: readonly number[]
}

const FORMAT = 'ostinato-vocabulary/1'

/**
 * Distinct tokens, each with an id: its place in the list, from 0. Any string is a fair token, `__proto__` and
 * `constructor` too.
 *
 * @example
 * ```ts
 * import { Vocabulary } from '@ostinato/tokenizers'
 *
 * const vocabulary = new Vocabulary(['<pad>', '<unk>', 'good', 'film'], {
 *   specials: { padding: '<pad>', unknown: '<unk>' },
 * })
 * vocabulary.id('film') // 3
 * vocabulary.id('novel') // 1, unknown
 * vocabulary.token(2) // 'good'
 * ```
 */
export class Vocabulary {
  /** the tokens; `tokens[id]` is the token of an id */
  readonly tokens: readonly string[]
  /** the special tokens by their roles */
  readonly specials: Specials
  /** how often each token was seen while training, by id; the count of `unknown` is that of all tokens left out */
  readonly counts: readonly number[] | undefined
  readonly #ids: ReadonlyMap<string, number>
  readonly #special: ReadonlySet<number>

  /**
   * @param tokens the tokens in the order of their ids
   * @throws TokenizerError when tokens repeat, when a special is not among them, or when the counts do not fit
   */
  constructor(tokens: readonly string[], { specials = {}, counts }: VocabularyOptions = {}) {
    raise('Vocabulary', vocabularyFaults({ tokens, specials, counts }))
    this.tokens = [...tokens]
    this.specials = { ...specials }
    this.counts = counts && [...counts]
    this.#ids = new Map(tokens.map((token, id) => [token, id]))
    this.#special = new Set(specialTokens(specials).map((token) => this.id(token)))
  }

  /** how many ids there are, specials included: the rows of an embedding */
  get size(): number {
    return this.tokens.length
  }

  /** Whether the token has an id. */
  has(token: string): boolean {
    return this.#ids.has(token)
  }

  /**
   * The id of a token; of a token that is not in the vocabulary, the id of `unknown`.
   *
   * @throws TokenizerError for a missing token when the vocabulary has no `unknown`
   */
  id(token: string): number {
    return this.#ids.get(token) ?? this.#unknown(token)
  }

  /**
   * As `id`, for a token that comes from a text. A text cannot spell a special token: an `<end>` that somebody typed is
   * an unknown token, not the end of the sequence.
   *
   * @throws TokenizerError for a missing token when the vocabulary has no `unknown`
   */
  textId(token: string): number {
    const id = this.#ids.get(token)
    return id === undefined || this.#special.has(id) ? this.#unknown(token) : id
  }

  /**
   * The token with an id.
   *
   * @throws RangeError when there is none
   */
  token(id: number): string {
    const token = this.tokens[id]
    if (token === undefined) throw new RangeError(fault('Vocabulary.token', `an id from 0 to ${this.size - 1}`, id))
    return token
  }

  /** Whether the id is that of a special token. */
  isSpecial(id: number): boolean {
    return this.#special.has(id)
  }

  /**
   * The id of the token with a special role.
   *
   * @throws TokenizerError when the vocabulary has no such token; `specials` says which there are
   */
  specialId(role: SpecialRole): number {
    const token = this.specials[role]
    if (token !== undefined) return this.id(token)
    throw new TokenizerError('Vocabulary', [
      `expected a token for ${role}, got none: name it in the option 'specials'`,
    ])
  }

  /** All of it as plain JSON: `Vocabulary.fromJSON` reads it. */
  toJSON(): VocabularyJSON {
    const { tokens, specials, counts } = this
    return { format: FORMAT, tokens, specials, ...(counts && { counts }) }
  }

  /**
   * A saved vocabulary. The value may come from anywhere: everything in it is checked.
   *
   * @param json what `JSON.parse` gave
   * @throws TokenizerError listing every fault
   * @example
   * ```ts
   * import { Vocabulary } from '@ostinato/tokenizers'
   *
   * const saved = JSON.stringify(new Vocabulary(['a', 'b']))
   * Vocabulary.fromJSON(JSON.parse(saved)).id('b') // 1
   * ```
   */
  static fromJSON(json: unknown): Vocabulary {
    // Each field may be anything, and null stands for a missing one: the constructor checks them.
    const { tokens, specials = null, counts } = opened('Vocabulary', json, FORMAT)
    return new Vocabulary(tokens as string[], { specials, counts } as VocabularyOptions)
  }

  #unknown(token: string): number {
    if (this.specials.unknown !== undefined) return this.specialId('unknown')
    throw new TokenizerError('Vocabulary', [
      `${fault('token', `one of ${this.size} tokens`, token)}, and none for unknown: name it in the option 'specials'`,
    ])
  }
}

function vocabularyFaults({ tokens, specials, counts }: Unchecked<VocabularyJSON>): string[] {
  const faults = specialFaults(specials)
  if (!Array.isArray(tokens)) return [...faults, fault('tokens', 'an array of strings', tokens)]
  const known = new Set<unknown>()
  tokens.forEach((token: unknown, id) => {
    if (typeof token !== 'string' || known.has(token)) {
      faults.push(fault(`tokens[${id}]`, 'a string that no other token has', token))
    }
    known.add(token)
  })
  for (const token of specialTokens(fieldsOf(specials))) {
    if (!known.has(token)) faults.push(fault('specials', 'one of the tokens', token))
  }
  if (counts === undefined) return faults
  if (!Array.isArray(counts) || counts.length !== tokens.length) {
    return [...faults, fault('counts', `an array of ${tokens.length} numbers`, counts)]
  }
  return faults.concat(counts.flatMap((count: unknown, id) => atLeast(`counts[${id}]`, count ?? null, 0)))
}
