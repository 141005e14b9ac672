// Byte-pair encoding against a slow, plain implementation of its definition, and what trips real ones.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BytePairTokenizer, trainBytePairTokenizer } from '../src/index.ts'
import { applyMerges } from '../src/apply-merges.ts'
import { pieces } from '../src/pieces.ts'
import { pairKey } from '../src/symbol-chain.ts'
import { anyText, anyUnits, corpus, holds } from './texts.ts'

type Words = Map<string, { tokens: string[]; count: number }>

const latin = (text: string) => Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte))

/** Goes through the tokens from the left and joins every pair it meets. */
function mergePair(tokens: readonly string[], [left, right]: readonly string[]): string[] {
  const merged: string[] = []
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i] === left && tokens[i + 1] === right) {
      merged.push(left + right)
      i++
    } else merged.push(tokens[i])
  }
  return merged
}

/** The definition: count all pairs, merge the most frequent one, begin again. */
function naiveMerges(texts: readonly string[], most: number, minimumCount = 2): [string, string][] {
  const words: Words = new Map()
  for (const piece of texts.flatMap((text) => pieces(text))) {
    const word = words.get(piece)
    if (word) word.count++
    else words.set(piece, { tokens: latin(piece), count: 1 })
  }
  const age = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
  const merges: [string, string][] = []
  while (merges.length < most) {
    const counts = new Map<string, { pair: [string, string]; count: number }>()
    for (const { tokens, count } of words.values()) {
      for (let i = 0; i + 1 < tokens.length; i++) {
        const pair: [string, string] = [tokens[i], tokens[i + 1]]
        const key = JSON.stringify(pair)
        counts.set(key, { pair, count: (counts.get(key)?.count ?? 0) + count })
      }
    }
    const [best] = [...counts.values()]
      .filter(({ pair, count }) => count >= minimumCount && !age.includes(pair.join('')))
      .sort((a, b) =>
        b.count - a.count
        || age.indexOf(a.pair[0]) - age.indexOf(b.pair[0])
        || age.indexOf(a.pair[1]) - age.indexOf(b.pair[1]))
    if (best === undefined) break
    merges.push(best.pair)
    age.push(best.pair.join(''))
    for (const word of words.values()) word.tokens = mergePair(word.tokens, best.pair)
  }
  return merges
}

/** All merges in the order they were learned, over every piece. */
const naiveTokens = (text: string, merges: readonly (readonly [string, string])[]) =>
  pieces(text).flatMap((piece) => merges.reduce(mergePair, latin(piece)))

const letters = (alphabet: string) =>
  fc.array(fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), maxLength: 12 }), { maxLength: 12 })

/** Letters from a to d in no order, the same every time. */
function noise(length: number): string {
  let state = 1
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return 'abcd'[state >>> 30]
  }).join('')
}

describe('learning', () => {
  test('Sennrich et al. 2016: low, lower, newest, widest', () => {
    const texts = [...Array<string>(5).fill('low'), ...Array<string>(2).fill('lower'),
      ...Array<string>(6).fill('newest'), ...Array<string>(3).fill('widest')]
    const tokenizer = trainBytePairTokenizer(texts, { maximumSize: 1 + 256 + 10, specials: { padding: '<pad>' } })
    expect(tokenizer.merges.map((pair) => pair.join('·'))).toEqual([
      'e·s', 'es·t', 'l·o', 'lo·w', 'e·w', 'n·ew', 'new·est', 'd·est', 'i·dest', 'w·idest',
    ])
    expect(tokenizer.tokenize('lowest')).toEqual(['low', 'est'])
    expect(tokenizer.tokenize('newer')).toEqual(['new', 'e', 'r'])
  })

  test.each(['ab', 'aab', 'abc ', "the qu'é漢👍"])('as the definition, over %j', (alphabet) => {
    holds(letters(alphabet), (texts) => {
      const specials = {}
      const tokenizer = trainBytePairTokenizer(texts, { maximumSize: 256 + 40, minimumCount: 1, specials })
      expect(tokenizer.merges).toEqual(naiveMerges(texts, 40, 1))
    }, 150)
  })

  test('as the definition, over a corpus and over any text', () => {
    const { merges } = trainBytePairTokenizer(corpus, { maximumSize: 1 + 256 + 100 })
    expect(merges).toEqual(naiveMerges(corpus, 100))
    holds(fc.array(anyText, { maxLength: 6 }), (texts) => {
      const tokenizer = trainBytePairTokenizer([...texts, ...texts], { maximumSize: 1 + 256 + 30 })
      expect(tokenizer.merges).toEqual(naiveMerges([...texts, ...texts], 30))
    }, 40)
  })

  test('pairs that are too rare stay apart', () => {
    const texts = ['ab ab ab cd cd']
    expect(trainBytePairTokenizer(texts, { minimumCount: 3 }).merges).toEqual(naiveMerges(texts, 100, 3))
    expect(trainBytePairTokenizer(texts, { minimumCount: 9 }).merges).toEqual([])
    expect(trainBytePairTokenizer([]).vocabulary.size).toBe(257)
  })

  test('no limit ends when no pair is left', () => {
    const tokenizer = trainBytePairTokenizer(['banana'], { maximumSize: Infinity, minimumCount: 1 })
    expect(tokenizer.tokenize('banana')).toEqual(['banana'])
  })

  test('no merge makes a special token', () => {
    const texts = Array<string>(9).fill('<pad><pad>')
    const tokenizer = trainBytePairTokenizer(texts, { maximumSize: 400 })
    expect(tokenizer.vocabulary.tokens.filter((token) => token === '<pad>')).toHaveLength(1)
    expect(tokenizer.encode('<pad>')).not.toContain(0)
    expect(tokenizer.decode(tokenizer.encode('<pad>'))).toBe('<pad>')
  })

  test('one long word is learned from quickly', () => {
    const word = noise(200_000)
    const tokenizer = trainBytePairTokenizer([word], { maximumSize: 1000 })
    expect(tokenizer.vocabulary.size).toBe(1000)
    expect(tokenizer.decode(tokenizer.encode(word))).toBe(word)
  })
})

describe('applying', () => {
  const tokenizer = trainBytePairTokenizer(corpus, { maximumSize: 420 })

  test('as all merges in the order they were learned', () => {
    holds(anyText, (text) => expect(tokenizer.tokenize(text)).toEqual(naiveTokens(text, tokenizer.merges)), 300)
    const pairs = trainBytePairTokenizer(['aaaa aaa aabaa baab abab'], { minimumCount: 1 })
    holds(fc.string({ unit: fc.constantFrom('a', 'b') }), (text) => {
      expect(pairs.tokenize(text)).toEqual(naiveTokens(text, pairs.merges))
    }, 300)
  })

  test('the pieces joined are the text', () => {
    holds(anyUnits, (text) => expect(pieces(text).join('')).toBe(text), 300)
    expect(pieces("I don't  know, 12345 (é)\n\n x")).toEqual([
      'I', ' don', "'t", ' ', ' know', ',', ' 123', '45', ' (', 'é', ')', '\n\n', ' x',
    ])
  })

  test('lone surrogates become U+FFFD, pairs do not', () => {
    expect(tokenizer.decode(tokenizer.encode('a\ud83db\ude00'))).toBe('a\uFFFDb\uFFFD')
    holds(anyUnits, (text) => expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.replace(/\p{Cs}/gu, '\uFFFD')), 300)
  })

  test('a piece of any length is merged in good time', () => {
    const merged = new Map([[pairKey(97, 98), 256], [pairKey(256, 97), 257], [pairKey(257, 257), 258]])
    const merges = [['a', 'b'], ['ab', 'a'], ['aba', 'aba']] as const
    const bytes = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0))
    const spelling = new Map([[256, 'ab'], [257, 'aba'], [258, 'abaaba']])
    const text = noise(3000)
    const tokens = applyMerges(bytes(text), merged).map((symbol) => spelling.get(symbol) ?? String.fromCharCode(symbol))
    expect(tokens).toEqual(merges.reduce<string[]>(mergePair, latin(text)))
    expect(applyMerges(bytes('aba'.repeat(200_000)), merged)).toHaveLength(100_000)
  })

  test('a byte order mark comes back', () => {
    expect(tokenizer.decode(tokenizer.encode('\uFEFFa\uFEFF'))).toBe('\uFEFFa\uFEFF')
  })

  test('more pieces than are remembered', () => {
    const text = Array.from({ length: 40_000 }, (_, i) => i.toString(36).replace(/\d/g, 'z')).join(' ')
    const twice = `${text} ${text}`
    expect(tokenizer.decode(tokenizer.encode(twice))).toBe(twice)
  })

  test('a merge table that is written by hand', () => {
    const own = new BytePairTokenizer([['a', 'b'], ['ab', 'ab'], ['b', 'c']], { specials: {} })
    expect(own.encode('ababc')).toEqual([257, 99])
    expect(own.tokenize('bcab')).toEqual(['bc', 'ab'])
  })
})

describe('streams', () => {
  const bytes = new BytePairTokenizer([], { specials: { padding: '<pad>', unknown: '⁇', end: '<end>' } })

  test('hold back the bytes of a character until it is whole', () => {
    const stream = bytes.decodeStream()
    expect(bytes.encode('é👋!').map((id) => stream.push(id))).toEqual(['', 'é', '', '', '', '👋', '!'])
    expect(stream.end()).toBe('')
  })

  test('say at the end that a character is broken', () => {
    const stream = bytes.decodeStream()
    expect(bytes.encode('a👋').slice(0, -1).map((id) => stream.push(id))).toEqual(['a', '', '', ''])
    expect(stream.end()).toBe('\uFFFD')
  })

  test('write what cannot be text as U+FFFD, and unknown as it is spelled', () => {
    expect(bytes.decode([3 + 0xff, 3 + 0x61, 1, 2, 0, 3 + 0xc3, 1])).toBe('\uFFFDa⁇\uFFFD⁇')
  })
})

test('saved: specials and merges, nothing that follows from them', () => {
  const tokenizer = trainBytePairTokenizer(['abab'], { specials: { end: '!end' }, normalizers: ['nfc'] })
  expect(JSON.parse(JSON.stringify(tokenizer))).toEqual({
    format: 'ostinato-tokenizer/1',
    kind: 'byte-pair',
    normalizers: ['nfc'],
    specials: { end: '!end' },
    merges: [['a', 'b']],
  })
})

test('wrong options', () => {
  expect(() => trainBytePairTokenizer(['a'], { maximumSize: 256, normalizers: ['x' as never] })).toThrow(
    /trainBytePairTokenizer: normalizers\[0\].*\n.*maximumSize: expected a whole number of at least 257, got 256/,
  )
  expect(() => new BytePairTokenizer([], { specials: { padding: 'a' } })).toThrow('that no other token has, got "a"')
  expect(() => new BytePairTokenizer([['a', 'b'], ['a', 'b'], ['ab', 'x', 'y'] as never])).toThrow(
    /merges\[1\]: expected two earlier tokens that make a new one, got "a b"\n.*merges\[2\]: .*got "ab x y"/,
  )
})
