// Saved tokenizers that are broken, hostile or from elsewhere.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Normalizer,
  TokenizerError,
  tokenizerFromJSON,
  trainBytePairTokenizer,
  trainCharacterTokenizer,
  trainWordTokenizer,
} from '../src/index.ts'
import { holds } from './texts.ts'

const saved = (tokenizer: object) => JSON.parse(JSON.stringify(tokenizer)) as Record<string, unknown>
const word = saved(trainWordTokenizer(['a b b']))
const character = saved(trainCharacterTokenizer(['ab']))
const bytePair = saved(trainBytePairTokenizer(['abab']))

function faultsOf(json: unknown, normalizers: Normalizer[] = []): readonly string[] {
  try {
    tokenizerFromJSON(json, { normalizers })
  } catch (error) {
    if (error instanceof TokenizerError) return error.faults
    throw error
  }
  return []
}

test('what is no saved tokenizer', () => {
  for (const json of [undefined, null, 5, 'x', [], {}, { format: null }, [word]]) {
    expect(faultsOf(json)).toEqual(['format: expected "ostinato-tokenizer/1", got null'])
  }
  expect(faultsOf({ ...word, format: 'ostinato-tokenizer/2' })).toEqual([
    'format: expected "ostinato-tokenizer/1", got "ostinato-tokenizer/2"',
  ])
  expect(faultsOf({ ...word, kind: '__proto__' })).toEqual([
    'kind: expected "character" or "word" or "byte-pair", got "__proto__"',
  ])
})

test('all faults come at once, those of the vocabulary too', () => {
  const vocabulary = { ...(word.vocabulary as object), tokens: ['<pad>', '<unk>', 3, 'b'] }
  const faults = faultsOf({ ...word, segmentation: 'magic', punctuation: undefined, normalizers: ['nope'], vocabulary })
  expect(faults).toEqual([
    'segmentation: expected "pattern" or "unicode", got "magic"',
    'punctuation: expected "keep" or "drop", got null',
    'normalizers[0]: expected lower-case, nfc, nfkc, html-line-breaks or your own { name, apply }, got "nope"',
    'tokens[2]: expected a string that no other token has, got 3',
  ])
})

test.each([['word', word], ['character', character], ['byte-pair', bytePair]])('%s: no field may be missing', (_, json) => {
  for (const field of Object.keys(json)) {
    const { [field]: gone, ...rest } = json
    expect(gone).toBeDefined()
    expect(faultsOf(rest), field).not.toEqual([])
  }
  expect(faultsOf(json)).toEqual([])
})

test.each([['word', word], ['character', character], ['byte-pair', bytePair]])(
  '%s: any change of any field loads or is refused in words',
  (_, json) => {
    const changes = fc.tuple(fc.constantFrom(...Object.keys(json)), fc.jsonValue())
    holds(changes, ([field, value]) => { faultsOf({ ...json, [field]: value }) }, 300)
    const vocabulary = fc.tuple(fc.constantFrom('tokens', 'specials', 'counts', 'format'), fc.jsonValue())
    holds(vocabulary, ([field, value]) => {
      faultsOf({ ...json, vocabulary: { ...(word.vocabulary as object), [field]: value } })
    }, 300)
  },
)

test('byte-pair merges must follow from each other', () => {
  const expected = 'expected two earlier tokens that make a new one'
  expect(faultsOf({ ...bytePair, merges: [['a', 'bc'], ['b', 'c'], ['a'], 'ab', null, ['a', 'bc'], [1, 2]] })).toEqual([
    `merges[0]: ${expected}, got "a bc"`,
    `merges[2]: ${expected}, got "a"`,
    `merges[3]: ${expected}, got "ab"`,
    `merges[4]: ${expected}, got null`,
    `merges[5]: ${expected}, got "a bc"`,
    `merges[6]: ${expected}, got "1 2"`,
  ])
  expect(faultsOf({ ...bytePair, merges: [['<pa', 'd>']] })).toEqual([`merges[0]: ${expected}, got "<pa d>"`])
})

test('own steps come by name', () => {
  const shout: Normalizer = { name: 'shout', apply: (text) => text.toUpperCase() }
  const json = saved(trainWordTokenizer(['a b'], { normalizers: ['nfc', shout] }))
  expect(json.normalizers).toEqual(['nfc', 'shout'])
  expect(faultsOf(json)).toHaveLength(1)
  expect(faultsOf(json, [{ name: 'other', apply: shout.apply }])).toHaveLength(1)
  const loaded = tokenizerFromJSON(json, { normalizers: [shout] })
  expect(loaded.tokenize('a b')).toEqual(['A', 'B'])
})

test('an unknown field changes nothing', () => {
  expect(faultsOf({ ...bytePair, cacheSize: 'x', extra: 1 })).toEqual([])
})
