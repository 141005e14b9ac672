// The character tokenizer: code points and graphemes.

import { expect, test } from 'vitest'
import { CharacterTokenizer, trainCharacterTokenizer, Vocabulary } from '../src/index.ts'
import { segments } from '../src/segmenter.ts'
import { anyUnits, corpus, holds } from './texts.ts'

test('code points: surrogate pairs stay whole, marks are characters', () => {
  expect(new CharacterTokenizer(new Vocabulary([])).tokenize('a👋🏽e\u0301')).toEqual(['a', '👋', '🏽', 'e', '\u0301'])
})

test('a lone surrogate is a character of its own', () => {
  const tokenizer = trainCharacterTokenizer(['a\ud83db'])
  expect(tokenizer.tokenize('\ud83da\ude00')).toEqual(['\ud83d', 'a', '\ude00'])
  expect(tokenizer.decode(tokenizer.encode('a\ud83d'))).toBe('a\ud83d')
})

test('graphemes: what a reader sees as one', () => {
  const tokenizer = new CharacterTokenizer(new Vocabulary([]), { unit: 'grapheme' })
  expect(tokenizer.tokenize('a👋🏽e\u0301👨‍👩‍👧🇩🇪\r\n')).toEqual(['a', '👋🏽', 'e\u0301', '👨‍👩‍👧', '🇩🇪', '\r\n'])
})

test('trained: by count, then by code point', () => {
  const { vocabulary } = trainCharacterTokenizer(['hello'], { specials: { padding: '_' } })
  expect(vocabulary.tokens).toEqual(['_', 'l', 'e', 'h', 'o'])
  expect(vocabulary.counts).toEqual([0, 2, 1, 1, 1])
})

test('normalizers go first, in their order', () => {
  const normalizers = ['nfkc' as const, { name: 'dash', apply: (text: string) => text.replaceAll('ﬁ', '-') }]
  const tokenizer = trainCharacterTokenizer(['ﬁ'], { normalizers })
  expect(tokenizer.tokenize('ﬁ')).toEqual(['f', 'i'])
})

test.each(['word', 'grapheme'] as const)('%s segmentation in windows is segmentation at once', (granularity) => {
  const segmenter = new Intl.Segmenter('en', { granularity })
  const expectSame = (text: string) => {
    const whole = Array.from(segmenter.segment(text), ({ segment, isWordLike }) => ({ segment, isWordLike }))
    const found = segments(segmenter, text).map(({ segment, isWordLike }) => ({ segment, isWordLike }))
    expect(found).toEqual(whole)
  }
  const text = corpus.join(' ')
  for (let shift = 0; shift < 40; shift++) expectSame('.'.repeat(shift) + text + text + text)
  // Segments longer than a window.
  expectSame(`a${'\u0301'.repeat(3000)} b`)
  expectSame(`${'𝒳'.repeat(2000)} ${'a'.repeat(448)}n't`)
  holds(anyUnits, (some) => { expectSame(some.repeat(40)) }, 40)
})

test('wrong settings', () => {
  expect(() => new CharacterTokenizer(new Vocabulary([]), { unit: 'letter' as never })).toThrow(
    'CharacterTokenizer: unit: expected "code-point" or "grapheme", got "letter"',
  )
})
