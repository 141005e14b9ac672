// The laws which every tokenizer keeps, run over all of them.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BytePairTokenizer,
  encodeBatch,
  type Normalizer,
  standardSpecials,
  type Tokenizer,
  tokenizerFromJSON,
  TokenizerError,
  trainBytePairTokenizer,
  trainCharacterTokenizer,
  trainWordTokenizer,
} from '../src/index.ts'
import { anyText, anyUnits, corpus, holds } from './texts.ts'

interface Case {
  readonly name: string
  readonly train: (texts: Iterable<string>) => Tokenizer
  /** texts that come back from `decode` exactly; absent: none is promised */
  readonly exact?: fc.Arbitrary<string>
  readonly normalizers?: readonly Normalizer[]
  /** characters of the long texts, fewer for `Intl.Segmenter` */
  readonly long?: number
}

const specials = standardSpecials
const digits: Normalizer = { name: 'digits', apply: (text) => text.replace(/\d/g, '0') }
const ofCorpus = (unit: fc.Arbitrary<string>) => fc.array(unit, { maxLength: 20 }).map((parts) => parts.join(''))
const slices = fc
  .tuple(fc.constantFrom(...corpus), fc.nat(50), fc.nat(50))
  .map(([text, from, to]) => Array.from(text).slice(from, from + to).join(''))

const cases: readonly Case[] = [
  {
    name: 'character, code points',
    train: (texts) => trainCharacterTokenizer(texts, { specials }),
    exact: ofCorpus(fc.constantFrom(...Array.from(corpus.join('')))),
  },
  {
    name: 'character, graphemes',
    train: (texts) => trainCharacterTokenizer(texts, { specials, unit: 'grapheme' }),
    long: 5000,
    exact: fc.constantFrom(...corpus),
  },
  {
    name: 'character, NFKC',
    train: (texts) => trainCharacterTokenizer(texts, { specials, normalizers: ['nfkc'] }),
  },
  {
    name: 'word, pattern',
    train: (texts) => trainWordTokenizer(texts, { specials }),
    exact: fc.constantFrom('The quick brown fox jumps over the lazy dog.', "She said: \"I don't know\", and left (at 10.30)."),
  },
  {
    name: 'word, pattern, no punctuation, normalised',
    train: (texts) =>
      trainWordTokenizer(texts, {
        specials,
        punctuation: 'drop',
        normalizers: ['html-line-breaks', 'nfc', 'lower-case', digits],
      }),
    normalizers: [digits],
  },
  {
    name: 'word, Unicode',
    train: (texts) => trainWordTokenizer(texts, { specials, segmentation: 'unicode', locale: 'th' }),
    long: 5000,
  },
  {
    name: 'byte-pair',
    train: (texts) => trainBytePairTokenizer(texts, { specials, maximumSize: 400 }),
    exact: anyText,
  },
  {
    name: 'byte-pair, normalised',
    train: (texts) => trainBytePairTokenizer(texts, { specials, maximumSize: 300, normalizers: ['nfc'] }),
    exact: anyText.map((text) => text.normalize('NFC')),
  },
  {
    name: 'bytes alone',
    train: () => new BytePairTokenizer([], { specials }),
    exact: anyText,
  },
]

describe.each(cases)('$name', ({ train, exact, normalizers = [], long = 200_000 }) => {
  const tokenizer = train(corpus)
  const { vocabulary } = tokenizer

  test('encode gives the ids of what tokenize gives', () => {
    holds(anyUnits, (text) => {
      expect(tokenizer.encode(text)).toEqual(tokenizer.tokenize(text).map((token) => vocabulary.textId(token)))
    })
  })

  test('every id is in the vocabulary, and no text spells a special but unknown', () => {
    const unknown = vocabulary.specialId('unknown')
    holds(anyText, (text) => {
      const ids = tokenizer.encode(`${text} <pad> <start> <end> <unk>`)
      for (const id of ids) {
        expect(vocabulary.token(id)).toBeTypeOf('string')
        expect(vocabulary.isSpecial(id) && id !== unknown).toBe(false)
      }
    })
  })

  test('specials have the first ids, padding zero', () => {
    expect(vocabulary.tokens.slice(0, 4)).toEqual(['<pad>', '<unk>', '<start>', '<end>'])
    expect(vocabulary.specialId('padding')).toBe(0)
    expect(vocabulary.specialId('end')).toBe(3)
  })

  if (exact) {
    test('decode undoes encode', () => {
      holds(exact, (text) => expect(tokenizer.decode(tokenizer.encode(text))).toBe(text), 300)
    })
  }

  test('decoding id by id gives the same text, and specials leave no trace', () => {
    holds(fc.oneof(anyText, slices), (text) => {
      const plain = tokenizer.decode(tokenizer.encode(text))
      const framed = [0, ...tokenizer.encode(text, { start: true, end: true }), 0, 0]
      const stream = tokenizer.decodeStream()
      expect(framed.map((id) => stream.push(id)).join('') + stream.end()).toBe(plain)
      expect(tokenizer.decode(Int32Array.from(framed))).toBe(plain)
    })
  })

  test('any ids of the vocabulary have a text', () => {
    holds(fc.array(fc.nat(vocabulary.size - 1)), (ids) => expect(tokenizer.decode(ids)).toBeTypeOf('string'))
  })

  test('an id outside the vocabulary is a range error', () => {
    for (const id of [-1, vocabulary.size, 0.5, NaN]) {
      expect(() => tokenizer.decode([id])).toThrow(RangeError)
      expect(() => tokenizer.decode([id])).toThrow(`expected an id from 0 to ${vocabulary.size - 1}, got ${id}`)
    }
  })

  test('saved and loaded it is the same', () => {
    const saved = JSON.stringify(tokenizer)
    const loaded = tokenizerFromJSON(JSON.parse(saved), { normalizers })
    expect(JSON.stringify(loaded)).toBe(saved)
    expect(loaded.kind).toBe(tokenizer.kind)
    holds(anyUnits, (text) => {
      const ids = tokenizer.encode(text)
      expect(loaded.encode(text)).toEqual(ids)
      expect(loaded.decode(ids)).toBe(tokenizer.decode(ids))
    })
  })

  test('the same texts in any order train the same tokenizer', () => {
    const saved = JSON.stringify(tokenizer)
    holds(fc.shuffledSubarray([...corpus], { minLength: corpus.length }), (texts) => {
      expect(JSON.stringify(train(new Set(texts)))).toBe(saved)
    }, 10)
  })

  test('start, end and truncation', () => {
    const lengths = fc.record({
      text: anyText,
      maximumLength: fc.integer({ min: 2, max: 12 }),
      truncate: fc.constantFrom('start' as const, 'middle' as const, 'end' as const),
      start: fc.boolean(),
      end: fc.boolean(),
    })
    holds(lengths, ({ text, ...options }) => {
      const { maximumLength, truncate, start, end } = options
      const whole = tokenizer.encode(text)
      const ids = tokenizer.encode(text, options)
      const body = ids.slice(start ? 1 : 0, end ? -1 : undefined)
      if (start) expect(ids[0]).toBe(2)
      if (end) expect(ids.at(-1)).toBe(3)
      const room = maximumLength - Number(start) - Number(end)
      const head = truncate === 'end' ? room : truncate === 'start' ? 0 : Math.ceil(room / 2)
      const tail = room - head
      const expected = whole.length <= room ? whole : [...whole.slice(0, head), ...whole.slice(whole.length - tail)]
      expect(body).toEqual(expected)
    })
  })

  test('an earlier result is not changed by what is done with it', () => {
    const text = corpus[0]
    const first = tokenizer.encode(text)
    const copy = [...first]
    first.reverse()
    tokenizer.encode(text, { maximumLength: 2 })
    expect(tokenizer.encode(text)).toEqual(copy)
  })

  test('a batch is its texts', () => {
    const { ids, lengths } = encodeBatch(tokenizer, new Set(corpus), { end: true, maximumLength: 9 })
    expect(ids).toEqual(corpus.map((text) => tokenizer.encode(text, { end: true, maximumLength: 9 })))
    expect([...lengths]).toEqual(ids.map((row) => row.length))
  })

  test('the empty text has no tokens', () => {
    expect(tokenizer.tokenize('')).toEqual([])
    expect(tokenizer.encode('')).toEqual([])
    expect(tokenizer.decode([])).toBe('')
  })

  test('wrong calls say what is wrong', () => {
    expect(() => tokenizer.encode(5 as never)).toThrow('text: expected a string, got 5')
    expect(() => tokenizer.tokenize(undefined as never)).toThrow('text: expected a string, got undefined')
    expect(() => tokenizer.encode('a', { start: true, end: true, maximumLength: 1 })).toThrow(
      'maximumLength: expected a whole number of at least 2, got 1',
    )
    const both = { maximumLength: 1.5, truncate: 'tail' as never }
    expect(() => tokenizer.encode('a', both)).toThrow(TokenizerError)
    expect(() => tokenizer.encode('a', both)).toThrow(
      /maximumLength: expected .*, got 1\.5\nTokenizer\.encode: truncate: expected "start" or "end" or "middle", got "tail"/,
    )
  })

  test('a long text without a space is no trouble', () => {
    for (const part of ['a', 'é', '漢', '👍', '\u0301', '\u200d', '\n', "'", 'ab']) {
      const text = part.repeat(long / part.length)
      const ids = tokenizer.encode(text)
      expect(ids.every((id) => id < vocabulary.size)).toBe(true)
    }
  })
})

describe.each([
  { name: 'character', train: trainCharacterTokenizer },
  { name: 'word', train: trainWordTokenizer },
])('$name without unknown', ({ train }) => {
  const tokenizer = train(['a b'], { specials: {} })

  test('starts at id 0', () => {
    expect(tokenizer.encode('a')).toEqual([tokenizer.vocabulary.id('a')])
    expect(tokenizer.vocabulary.specials).toEqual({})
  })

  test('an unknown token is an error that names it', () => {
    expect(() => tokenizer.encode('a z')).toThrow(TokenizerError)
    expect(() => tokenizer.encode('a z')).toThrow(/one of \d tokens, got "z", and none for unknown: name it in the option 'specials'/)
  })

  test('start needs a token', () => {
    expect(() => tokenizer.encode('a', { start: true })).toThrow(
      "expected a token for start, got none: name it in the option 'specials'",
    )
  })

  test('training without tokens is an error', () => {
    expect(() => train([])).toThrow('expected texts with at least one token, got none')
    expect(() => train(['', ''])).toThrow('expected texts with at least one token, got none')
  })

  test('one string is not texts, and a number is no text', () => {
    expect(() => train('a text')).toThrow('expected many texts, got one string: wrap it in an array')
    expect(() => train(['a', 7 as never])).toThrow('text 1: expected a string, got 7')
  })

  test('all faults of settings and sizes come at once', () => {
    const options = { normalizers: ['upper' as never], maximumSize: 1, minimumCount: 0, specials: { stop: 'x' } as never }
    const error = faultsOf(() => train(['a'], options))
    expect(error.map((fault) => fault.split(':')[0])).toEqual([
      'normalizers[0]', 'specials.stop', 'minimumCount',
    ])
  })
})

function faultsOf(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof TokenizerError) return error.faults
    throw error
  }
  return []
}
