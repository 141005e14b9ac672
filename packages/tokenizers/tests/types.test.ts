// What the types promise.

import { expectTypeOf, test } from 'vitest'
import {
  type BytePairTokenizer,
  type CharacterTokenizer,
  encodeBatch,
  padIds,
  type Specials,
  standardSpecials,
  type Tokenizer,
  tokenizerFromJSON,
  type TokenizerJSON,
  trainBytePairTokenizer,
  trainCharacterTokenizer,
  trainWordTokenizer,
  type Vocabulary,
  type WordTokenizer,
} from '../src/index.ts'

test('every tokenizer is a Tokenizer', () => {
  expectTypeOf<CharacterTokenizer>().toExtend<Tokenizer>()
  expectTypeOf<WordTokenizer>().toExtend<Tokenizer>()
  expectTypeOf<BytePairTokenizer>().toExtend<Tokenizer>()
  expectTypeOf(trainCharacterTokenizer).returns.toEqualTypeOf<CharacterTokenizer>()
  expectTypeOf(trainWordTokenizer).parameter(0).toEqualTypeOf<Iterable<string>>()
  expectTypeOf(trainBytePairTokenizer).returns.toHaveProperty('merges')
})

test('ids are numbers, batches typed arrays', () => {
  expectTypeOf<Tokenizer['encode']>().returns.toEqualTypeOf<number[]>()
  expectTypeOf<Tokenizer['decode']>().parameter(0).toEqualTypeOf<Iterable<number>>()
  expectTypeOf(encodeBatch).returns.toHaveProperty('lengths').toEqualTypeOf<Int32Array>()
  expectTypeOf(padIds).returns.toHaveProperty('shape').toEqualTypeOf<readonly [batch: number, time: number]>()
})

test('the kind tells saved and loaded tokenizers apart', () => {
  expectTypeOf(tokenizerFromJSON).parameter(0).toBeUnknown()
  type Loaded = ReturnType<typeof tokenizerFromJSON>
  expectTypeOf<Extract<Loaded, { kind: 'byte-pair' }>>().toEqualTypeOf<BytePairTokenizer>()
  expectTypeOf<Extract<TokenizerJSON, { kind: 'word' }>>().toEqualTypeOf<ReturnType<WordTokenizer['toJSON']>>()
})

test('options are closed', () => {
  expectTypeOf(standardSpecials).toExtend<Specials>()
  expectTypeOf<Parameters<Vocabulary['specialId']>[0]>().toEqualTypeOf<'padding' | 'unknown' | 'start' | 'end'>()
  // @ts-expect-error there is no such option
  trainWordTokenizer(['a'], { lowerCase: true })
  // @ts-expect-error there is no such step
  const wrong = () => trainWordTokenizer(['a'], { normalizers: ['upper-case'] })
  expectTypeOf(wrong).toBeFunction()
})
