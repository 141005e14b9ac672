// The byte-pair tokenizer: pieces of words, down to bytes. Not here: learning merges (learn-merges.ts) or applying them
// (apply-merges.ts).

import { applyMerges } from './apply-merges.ts'
import { BaseTokenizer, type Joiner } from './base-tokenizer.ts'
import { fieldsOf, type Unchecked } from './checks.ts'
import { fault, raise, together } from './errors.ts'
import { learnMerges, type Merge } from './learn-merges.ts'
import { normalize, normalizerFaults } from './normalizers.ts'
import { bytesOf, bytesOfToken, byteTokens, pieces } from './pieces.ts'
import { type Specials, specialFaults, specialTokens, standardSpecials } from './specials.ts'
import { pairKey } from './symbol-chain.ts'
import type { NormalizerOptions, TokenizerHeader } from './tokenizer.ts'
import { Vocabulary } from './vocabulary.ts'
import { checkSizes, countTokens, type VocabularySizeOptions } from './vocabulary-from-counts.ts'

/** How a byte-pair tokenizer is set up. */
export interface BytePairOptions extends NormalizerOptions {
  /** the special tokens, which take the first ids; default: padding (id 0). Unknown is never needed */
  readonly specials?: Specials
}

/** A byte-pair tokenizer as it is saved: its vocabulary follows from the merges. */
export interface BytePairTokenizerJSON extends TokenizerHeader {
  readonly kind: 'byte-pair'
  readonly specials: Specials
  readonly merges: readonly Merge[]
}

/** how many pieces to remember the ids of while encoding; all are forgotten at once when there are more */
const CACHE_SIZE = 32_768
/** how long a piece to remember may be: engines copy short slices, but a long one keeps its whole text in memory */
const CACHED_LENGTH = 12
const defaultSpecials: Specials = { padding: standardSpecials.padding }

/** What is wrong with the merges and settings. */
function bytePairFaults(merges: unknown, { specials, normalizers }: Unchecked<BytePairOptions>): string[] {
  const faults = [...specialFaults(specials), ...normalizerFaults(normalizers)]
  if (!Array.isArray(merges)) return [...faults, fault('merges', 'an array of pairs', merges)]
  const reserved = specialTokens(fieldsOf(specials))
  const known = new Set<unknown>(byteTokens)
  merges.forEach((pair: unknown, i) => {
    const sides: unknown[] = Array.isArray(pair) ? pair : []
    const made = sides.join('')
    const isNew = !known.has(made) && !reserved.includes(made)
    if (sides.length !== 2 || !sides.every((side) => known.has(side)) || !isNew) {
      faults.push(fault(`merges[${i}]`, 'two earlier tokens that make a new one', Array.isArray(pair) ? sides.join(' ') : pair))
    }
    known.add(made)
  })
  return faults
}

/**
 * Byte-level byte-pair encoding (Sennrich et al. 2016, section 3.2; on bytes as in Radford et al. 2019, section 2.2).
 * Every text has ids, none is unknown, and `decode(encode(text))` is the text, as the normalizers leave it. Only lone
 * surrogates, which UTF-8 cannot hold, come back as U+FFFD.
 *
 * A token is spelled with one character, U+0000 to U+00FF, for each of its UTF-8 bytes: ASCII reads as it is, `é` as
 * `Ã©`. Specials have the first ids, then come the 256 bytes, then the merges in their order.
 *
 * @example
 * ```ts
 * import { BytePairTokenizer } from '@ostinato/tokenizers'
 *
 * const tokenizer = new BytePairTokenizer([['l', 'o'], ['lo', 'w']])
 * tokenizer.tokenize('lower') // ['low', 'e', 'r']
 * tokenizer.decode(tokenizer.encode('slow 👋')) // 'slow 👋'
 * ```
 */
export class BytePairTokenizer extends BaseTokenizer {
  readonly kind = 'byte-pair'
  /** the pairs to merge, in the order they were learned */
  readonly merges: readonly Merge[]
  readonly #merged = new Map<number, number>()
  readonly #firstByte: number
  readonly #cache = new Map<string, readonly number[]>()

  /**
   * @param merges pairs of tokens, each a byte or made by an earlier merge
   * @throws TokenizerError for wrong merges or options
   */
  constructor(merges: readonly Merge[], { specials = defaultSpecials, normalizers = [] }: BytePairOptions = {}) {
    raise('BytePairTokenizer', bytePairFaults(merges, { specials, normalizers }))
    const first = specialTokens(specials)
    super(new Vocabulary([...first, ...byteTokens, ...merges.map((pair) => pair.join(''))], { specials }), normalizers)
    this.merges = [...merges]
    this.#firstByte = first.length
    const { vocabulary } = this
    merges.forEach(([left, right], i) => {
      this.#merged.set(pairKey(vocabulary.id(left), vocabulary.id(right)), first.length + byteTokens.length + i)
    })
  }

  toJSON(): BytePairTokenizerJSON {
    return { ...this.header(), kind: 'byte-pair', specials: this.vocabulary.specials, merges: this.merges }
  }

  protected split(text: string): string[] {
    return this.ids(text).map((id) => this.vocabulary.token(id))
  }

  protected override ids(text: string): number[] {
    const ids: number[] = []
    for (const piece of pieces(text)) {
      for (const id of this.#cache.get(piece) ?? this.#encodePiece(piece)) ids.push(id)
    }
    return ids
  }

  protected joiner(): Joiner {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    return {
      push: (token, special) =>
        special ? decoder.decode() + token : decoder.decode(bytesOfToken(token), { stream: true }),
      end: () => decoder.decode(),
    }
  }

  #encodePiece(piece: string): readonly number[] {
    const symbols = Array.from(bytesOf(piece), (byte) => this.#firstByte + byte)
    const ids = applyMerges(symbols, this.#merged)
    if (piece.length <= CACHED_LENGTH) {
      if (this.#cache.size >= CACHE_SIZE) this.#cache.clear()
      this.#cache.set(piece, ids)
    }
    return ids
  }
}

/**
 * Learns merges from texts until the vocabulary is full or no pair is seen often enough. The same texts in any order
 * give the same tokenizer.
 *
 * @param texts the texts to learn from, gone through once
 * @param options `maximumSize` counts specials, the 256 bytes and merges, default 5,000; pairs seen fewer than
 *   `minimumCount` times, default 2, are not merged
 * @throws TokenizerError for wrong options
 * @example
 * ```ts
 * import { trainBytePairTokenizer } from '@ostinato/tokenizers'
 *
 * const tokenizer = trainBytePairTokenizer(['low low low lower newest widest'], { maximumSize: 300 })
 * tokenizer.decode(tokenizer.encode('the lowest')) // 'the lowest'
 * ```
 */
export function trainBytePairTokenizer(
  texts: Iterable<string>,
  options: BytePairOptions & VocabularySizeOptions = {},
): BytePairTokenizer {
  const where = 'trainBytePairTokenizer'
  const { specials = defaultSpecials, maximumSize = 5000, minimumCount = 2 } = options
  together(
    where,
    () => new BytePairTokenizer([], options),
    () => checkSizes({ specials, maximumSize, minimumCount }, byteTokens.length),
  )
  const reserved = specialTokens(specials)
  const counts = countTokens(where, texts, (text) => pieces(normalize(text, options.normalizers ?? [])))
  const most = maximumSize - reserved.length - byteTokens.length
  const merges = learnMerges(counts, { most, minimumCount, reserved })
  return new BytePairTokenizer(merges, options)
}
