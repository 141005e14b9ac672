// The word tokenizer: what is a word in each mode, and how words are joined again.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { trainWordTokenizer, Vocabulary, WordTokenizer, type WordOptions } from '../src/index.ts'
import { holds } from './texts.ts'

const tokenize = (text: string, options: WordOptions = {}) =>
  new WordTokenizer(new Vocabulary([]), options).tokenize(text)

describe('pattern', () => {
  test.each([
    ["It's the dogs' film, isn’t it?", ["It's", 'the', 'dogs', "'", 'film', ',', 'isn’t', 'it', '?']],
    ['rated 7.5/10 in 1,000 polls...', ['rated', '7.5', '/', '10', 'in', '1,000', 'polls', '.', '.', '.']],
    ['well-made snake_case a.b', ['well', '-', 'made', 'snake_case', 'a', '.', 'b']],
    ['naïveté cafe\u0301 Größe', ['naïveté', 'cafe\u0301', 'Größe']],
    ['नमस्ते दुनिया', ['नमस्ते', 'दुनिया']],
    ['مرحبا بالعالم', ['مرحبا', 'بالعالم']],
    ['看电影 ひら カナ', ['看', '电', '影', 'ひ', 'ら', 'カ', 'ナ']],
    ['👋🏽👨‍👩‍👧🇩🇪🇫🇷 ❤️!', ['👋🏽', '👨‍👩‍👧', '🇩🇪', '🇫🇷', '❤️', '!']],
    [' \t\r\n\u00a0\u3000', []],
    ['\ud83d x', ['\ud83d', 'x']],
  ])('%s', (text, tokens) => {
    expect(tokenize(text)).toEqual(tokens)
  })

  test('punctuation and symbols can go', () => {
    expect(tokenize('Well... 👋 "that\'s 5.0%"!', { punctuation: 'drop' })).toEqual(['Well', "that's", '5.0'])
  })

  test('nothing but white space is lost', () => {
    holds(fc.string({ unit: 'binary' }), (text) => {
      expect(tokenize(text).join('')).toBe(text.replace(/\s+/gu, ''))
    }, 500)
  })

  test('a run of ten million letters is cut, not refused', () => {
    const tokens = tokenize('a'.repeat(10_000_000))
    expect(tokens.length).toBeGreaterThan(1)
    expect(tokens.join('').length).toBe(10_000_000)
  })
})

describe('unicode', () => {
  const options = { segmentation: 'unicode' } as const

  test('words, symbols, no white space', () => {
    expect(tokenize('I don\'t know, 3.5 \n 👋', options)).toEqual(['I', "don't", 'know', ',', '3.5', '👋'])
    expect(tokenize('I know, \n 👋', { ...options, punctuation: 'drop' })).toEqual(['I', 'know'])
  })

  test('languages without spaces have words', () => {
    expect(tokenize('สวัสดีชาวโลก', { ...options, locale: 'th' })).toEqual(['สวัสดี', 'ชาว', 'โลก'])
    expect(tokenize('我喜欢看电影', { ...options, locale: 'zh' }).length).toBeLessThan(6)
  })

  test('the locale must be a language tag', () => {
    for (const locale of ['not a tag', 5 as never]) {
      expect(() => tokenize('', { ...options, locale })).toThrow("locale: expected a language tag such as 'en'")
    }
  })
})

describe('decode', () => {
  const joined = (tokens: readonly string[]) => {
    const tokenizer = new WordTokenizer(new Vocabulary([...new Set(tokens)]))
    return tokenizer.decode(tokens.map((token) => tokenizer.vocabulary.id(token)))
  }

  test.each([
    'He said: "I don\'t know", and left (at 10.30).',
    'A well-made film; 9/10, $5 [or more] @home #one!',
    '«Oui», dit-il… ¿Qué? ¡No!',
    '我喜欢看电影。你呢？',
    'dogs\' tails',
    '“Quoted” ‘words’ 50% off',
  ])('%s', (text) => {
    expect(joined(tokenize(text))).toBe(text)
  })

  test('Thai words are joined without spaces', () => {
    expect(joined(['สวัสดี', 'ชาว', 'โลก', 'hello', 'you'])).toBe('สวัสดีชาวโลก hello you')
  })

  test('unknown words show', () => {
    const tokenizer = trainWordTokenizer(['a film.'])
    expect(tokenizer.decode(tokenizer.encode('a great film.'))).toBe('a <unk> film.')
  })

  test('text decoded from ASCII words has the same words', () => {
    holds(fc.string({ unit: 'binary-ascii', maxLength: 40 }), (text) => {
      const tokens = tokenize(text)
      expect(tokenize(joined(tokens))).toEqual(tokens)
    }, 1000)
  })
})

test('normalizers', () => {
  const normalizers = ['html-line-breaks', 'nfkc', 'lower-case'] as const
  expect(tokenize('One.<br /><BR>TWO<br/>ﬁne < br >', { normalizers })).toEqual([
    'one', '.', 'two', 'fine', '<', 'br', '>',
  ])
  expect(tokenize('e\u0301', { normalizers: ['nfc'] })).toEqual(['\u00e9'])
})

test('training keeps the most frequent words', () => {
  const { vocabulary } = trainWordTokenizer(['b a b', 'a c', 'd'], { maximumSize: 4, specials: { unknown: '?' } })
  expect(vocabulary.tokens).toEqual(['?', 'a', 'b', 'c'])
  expect(vocabulary.counts).toEqual([1, 2, 2, 1])
})

test('wrong settings come together', () => {
  const options = { segmentation: 'fast', punctuation: true, normalizers: ['nfc', 'upper', { name: 'nfc' }, null] }
  expect(() => new WordTokenizer(new Vocabulary([]), options as never)).toThrow(
    /segmentation: .*got "fast"\n.*punctuation: .*got true\n.*normalizers\[1\]: .*got "upper"\n.*\[2\]: .*\n.*\[3\]: .*got null$/,
  )
})
