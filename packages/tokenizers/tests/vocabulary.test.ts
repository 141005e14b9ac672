// Vocabularies: order, lookup, hostile names, saving, and what is refused.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { standardSpecials, TokenizerError, Vocabulary, vocabularyFromCounts } from '../src/index.ts'
import { anyUnits, holds } from './texts.ts'

const hostile = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '', ' ', 'length']

function errorOf(run: () => unknown): TokenizerError {
  try {
    run()
  } catch (error) {
    if (error instanceof TokenizerError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('lookup', () => {
  const vocabulary = new Vocabulary(['<unk>', 'a', 'b'], { specials: { unknown: '<unk>' } })

  test('ids are places in the list', () => {
    expect(vocabulary.size).toBe(3)
    expect(vocabulary.id('b')).toBe(2)
    expect(vocabulary.token(1)).toBe('a')
    expect(vocabulary.has('c')).toBe(false)
  })

  test('a missing token is unknown; a special that a text spells is unknown too', () => {
    const all = new Vocabulary(['x', '<end>', '<unk>'], { specials: { unknown: '<unk>', end: '<end>' } })
    expect(all.id('c')).toBe(2)
    expect(all.id('<end>')).toBe(1)
    expect(all.textId('<end>')).toBe(2)
    expect(all.textId('x')).toBe(0)
    expect([0, 1, 2, 3].map((id) => all.isSpecial(id))).toEqual([false, true, true, false])
  })

  test('without unknown a missing token is an error', () => {
    expect(() => new Vocabulary(['a']).id('z')).toThrow('Vocabulary: token: expected one of 1 tokens, got "z"')
    expect(() => new Vocabulary(['a'], { specials: { end: 'a' } }).textId('a')).toThrow('none for unknown')
  })

  test('names that objects know are ordinary tokens', () => {
    const names = new Vocabulary(hostile)
    expect(hostile.map((name) => names.id(name))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(new Vocabulary([]).has('__proto__')).toBe(false)
    expect(new Vocabulary([]).has('constructor')).toBe(false)
  })

  test('the list that was given may change afterwards', () => {
    const tokens = ['a', 'b']
    const own = new Vocabulary(tokens)
    tokens[0] = 'z'
    expect(own.tokens).toEqual(['a', 'b'])
  })
})

describe('from counts', () => {
  test('specials, then by count, then by code point', () => {
    const counts = new Map([['b', 2], ['\u{1F600}', 2], ['\uFB01', 2], ['a', 2], ['z', 9], ['', 2], ['ab', 2]])
    expect(vocabularyFromCounts(counts).tokens).toEqual([
      '<pad>', '<unk>', 'z', '', 'a', 'ab', 'b', '\uFB01', '\u{1F600}',
    ])
  })

  test('the order of the counts has no effect', () => {
    const counts = fc.uniqueArray(fc.tuple(anyUnits, fc.integer({ min: 1, max: 3 })), { selector: ([token]) => token })
    holds(counts, (entries) => {
      const forth = vocabularyFromCounts(new Map(entries), { specials: {} })
      const back = vocabularyFromCounts(new Map(entries.toReversed()), { specials: {} })
      expect(back.tokens).toEqual(forth.tokens)
      const points = forth.tokens.map((token, id) => ({ count: forth.counts?.[id], points: pointsOf(token) }))
      for (let id = 1; id < points.length; id++) {
        const [a, b] = [points[id - 1], points[id]]
        expect(a.count).toBeGreaterThanOrEqual(b.count ?? Infinity)
        if (a.count === b.count) expect(a.points < b.points).toBe(true)
      }
    })
  })

  test('maximum size counts specials; what is left out counts as unknown', () => {
    const counts = new Map([['a', 5], ['b', 4], ['c', 3], ['d', 1]])
    const vocabulary = vocabularyFromCounts(counts, { maximumSize: 4, minimumCount: 2 })
    expect(vocabulary.tokens).toEqual(['<pad>', '<unk>', 'a', 'b'])
    expect(vocabulary.counts).toEqual([0, 4, 5, 4])
  })

  test('a token that is spelled as a special is not there twice', () => {
    const vocabulary = vocabularyFromCounts(new Map([['<pad>', 7], ['a', 1]]))
    expect(vocabulary.tokens).toEqual(['<pad>', '<unk>', 'a'])
    expect(vocabulary.counts).toEqual([0, 7, 1])
  })

  test('the roles give the order of specials, not the order they are named in', () => {
    const specials = { end: 'E', start: 'S', unknown: 'U', padding: 'P' }
    expect(vocabularyFromCounts(new Map(), { specials }).tokens).toEqual(['P', 'U', 'S', 'E'])
    expect(vocabularyFromCounts(new Map(), { specials: {} }).tokens).toEqual([])
  })

  test('faults of options come together', () => {
    const options = { maximumSize: 3, minimumCount: NaN, specials: { ...standardSpecials, end: '<pad>', start: '' } }
    expect(errorOf(() => vocabularyFromCounts(new Map(), options)).faults).toEqual([
      'specials.start: expected padding, unknown, start, end, each with a token of its own, got ""',
      'specials.end: expected padding, unknown, start, end, each with a token of its own, got "<pad>"',
      'maximumSize: expected a whole number of at least 4, got 3',
      'minimumCount: expected a whole number of at least 1, got NaN',
    ])
    for (const count of [-1, 0.5, NaN]) {
      expect(() => vocabularyFromCounts(new Map([['a', count]]))).toThrow(
        `count of a: expected a whole number of at least 0, got ${count}`,
      )
    }
  })
})

describe('saved', () => {
  test('loaded it is the same, whatever its tokens', () => {
    const tokens = fc.uniqueArray(fc.oneof(anyUnits, fc.constantFrom(...hostile)))
    holds(tokens, (list) => {
      const vocabulary = new Vocabulary(list, { counts: list.map((_, id) => id) })
      const loaded = Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)))
      expect(loaded.toJSON()).toEqual(vocabulary.toJSON())
      expect(list.map((token) => loaded.id(token))).toEqual(list.map((_, id) => id))
    })
  })

  test('counts and specials are kept, absent counts stay absent', () => {
    const specials = { padding: 'b' }
    const saved = new Vocabulary(['a', 'b'], { specials }).toJSON()
    expect(saved).toEqual({ format: 'ostinato-vocabulary/1', tokens: ['a', 'b'], specials })
    expect(Vocabulary.fromJSON(saved).specialId('padding')).toBe(1)
  })

  test.each([
    [undefined, ['format: expected "ostinato-vocabulary/1", got null']],
    ['["a"]', ['format: expected "ostinato-vocabulary/1", got null']],
    [{ format: 'ostinato-vocabulary/2' }, ['format: expected "ostinato-vocabulary/1", got "ostinato-vocabulary/2"']],
    [
      { format: 'ostinato-vocabulary/1' },
      ['specials: expected an object, got null', 'tokens: expected an array of strings, got undefined'],
    ],
    [
      {
        format: 'ostinato-vocabulary/1',
        tokens: ['a', 7, 'a', null],
        specials: { padding: 'z', stop: 'a', end: 3 },
        counts: [1],
      },
      [
        'specials.stop: expected padding, unknown, start, end, each with a token of its own, got "a"',
        'specials.end: expected padding, unknown, start, end, each with a token of its own, got 3',
        'tokens[1]: expected a string that no other token has, got 7',
        'tokens[2]: expected a string that no other token has, got "a"',
        'tokens[3]: expected a string that no other token has, got null',
        'specials: expected one of the tokens, got "z"',
        'counts: expected an array of 4 numbers, got an array of 1',
      ],
    ],
    [
      { format: 'ostinato-vocabulary/1', tokens: ['a', 'b', 'c'], specials: [], counts: [1, -1, '2'] },
      [
        'specials: expected an object, got an array of 0',
        'counts[1]: expected a whole number of at least 0, got -1',
        'counts[2]: expected a whole number of at least 0, got "2"',
      ],
    ],
  ])('what is wrong is said: %o', (json, faults) => {
    expect(errorOf(() => Vocabulary.fromJSON(json)).faults).toEqual(faults)
  })

  test('a name that JSON may hold and objects treat apart is no special role', () => {
    const json: unknown = JSON.parse(
      '{"format":"ostinato-vocabulary/1","tokens":["a"],"specials":{"__proto__":"a"}}',
    )
    expect(errorOf(() => Vocabulary.fromJSON(json)).faults).toHaveLength(1)
  })

  test('a message shows ten faults, the error holds all', () => {
    const error = errorOf(() => new Vocabulary(Array.from({ length: 14 }, () => 'a')))
    expect(error.faults).toHaveLength(13)
    expect(error.message.split('\n')).toHaveLength(11)
    expect(error.message).toMatch(/^Vocabulary: tokens\[1\]: /)
    expect(error.message).toMatch(/\n\.\.\. and 3 more$/)
    expect(error.where).toBe('Vocabulary')
    expect(error.name).toBe('TokenizerError')
  })
})

/** A string that orders as code points do: each written with six digits. */
const pointsOf = (text: string) =>
  Array.from(text, (character) => (character.codePointAt(0) ?? 0).toString(16).padStart(6, '0')).join('')
