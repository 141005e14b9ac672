// Scores of generated text, against published examples and sums by hand.
import { bleuScores, ciderScore, exactMatch, tokenF1 } from '@ostinato/train'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const words = (text: string) => text.split(' ')

// Examples 1 and 2 of Papineni et al. 2002.
const guide = words('it is a guide to action which ensures that the military always obeys the commands of the party')
const troops = words('it is to insure the troops forever hearing the activity guidebook that party direct')
const orders = [
  words('it is a guide to action that ensures that the military will forever heed party commands'),
  words('it is the guiding principle which guarantees the military forces always being under the command of the party'),
  words('it is the practical guide for the army always to heed the directions of the party'),
]
const history = words('he read the book because he was interested in world history')
const historyTruth = [words('he was interested in world history because he read the book')]

describe('bleuScores', () => {
  test('has the precisions of the paper: 17/18 and 10/17 of the good candidate', () => {
    const [bleu1, bleu2, bleu3, bleu4] = bleuScores([guide], [orders])
    expect(bleu1).toBeCloseTo(17 / 18, 12)
    expect(bleu2).toBeCloseTo(Math.sqrt((17 / 18) * (10 / 17)), 12)
    expect(bleu3).toBeCloseTo(Math.cbrt((17 / 18) * (10 / 17) * (7 / 16)), 12)
    expect(bleu4).toBeCloseTo(0.5045666840058485, 12)
  })

  test('has those of the bad one, 8/14 and 1/13, with a brevity penalty for 14 words beside 16', () => {
    const brevity = Math.exp(1 - 16 / 14)
    const [bleu1, bleu2, bleu3, bleu4] = bleuScores([troops], [orders])
    expect(bleu1).toBeCloseTo(brevity * (8 / 14), 12)
    expect(bleu2).toBeCloseTo(brevity * Math.sqrt((8 / 14) * (1 / 13)), 12)
    expect([bleu3, bleu4]).toEqual([0, 0])
  })

  test('sums counts over the corpus before it divides', () => {
    // 28/29, 19/27, 13/25, 8/23: counted by hand.
    const [, , , bleu4] = bleuScores([guide, history], [orders, historyTruth])
    expect(bleu4).toBeCloseTo(((28 / 29) * (19 / 27) * (13 / 25) * (8 / 23)) ** (1 / 4), 12)
  })

  test('counts a word no more often than a reference has it', () => {
    const references = [words('the cat is on the mat'), words('there is a cat on the mat')]
    expect(bleuScores([words('the the the the the the the')], [references])[0]).toBeCloseTo(2 / 7, 12)
  })

  test('takes the shorter of two references as near in length', () => {
    // Of 3 and 5 words beside 4: 3, so no penalty.
    expect(bleuScores([[1, 2, 3, 4]], [[[1, 2, 3, 4, 5], [1, 2, 3]]])[0]).toBe(1)
    expect(bleuScores([[1, 2, 3, 4]], [[[1, 2, 3, 4, 5]]])[0]).toBeCloseTo(Math.exp(1 - 5 / 4), 12)
  })

  test('is 0 for no words, and 1 for the reference itself where it is long enough', () => {
    expect(bleuScores([[]], [[['a']]])).toEqual([0, 0, 0, 0])
    expect(bleuScores([['a', 'b', 'c']], [[['a', 'b', 'c']]])).toEqual([1, 1, 1, 0])
  })
})

describe('ciderScore', () => {
  const references = [[['a', 'b']], [['a', 'c']]]

  test('by hand: a word that all have weighs nothing; texts of two words have no more than half', () => {
    expect(ciderScore([['a', 'b'], ['a', 'c']], references)).toBeCloseTo(5, 12)
    expect(ciderScore([['a', 'b'], ['a', 'c']], references, { variant: 'CIDEr' })).toBeCloseTo(0.5, 12)
    expect(ciderScore([['a', 'c'], ['a', 'b']], references)).toBe(0)
    expect(ciderScore([['a'], ['a']], references)).toBe(0)
  })

  test('by hand: CIDEr-D takes off for repetition and length, CIDEr does not', () => {
    // Of b, 3 ln 2 beside ln 2: cut to ln 2, a third of the cosine. One word longer.
    const repeated = [['b', 'b', 'b'], []]
    expect(ciderScore(repeated, references)).toBeCloseTo(((10 / 4) * (1 / 3) * Math.exp(-1 / 72)) / 2, 12)
    expect(ciderScore(repeated, references, { variant: 'CIDEr' })).toBeCloseTo(1 / 4 / 2, 12)
  })

  test('by hand: the mean over references, and frequencies by example, not by reference', () => {
    // x stands in one example of two, though in two references; y in both examples.
    const lists = [[['x'], ['x', 'y']], [['y']]]
    // First example: 1 with ['x']; with ['x', 'y'] 1 too, as y weighs nothing, but a word longer. Second: nothing.
    const expected = ((10 / 4) * ((1 + Math.exp(-1 / 72)) / 2)) / 2
    expect(ciderScore([['x'], ['y']], lists)).toBeCloseTo(expected, 12)
  })

  test('a word that no reference has makes a candidate worse, as one of weight ln examples', () => {
    const plain = ciderScore([['b', 'z'], ['a', 'c']], references, { variant: 'CIDEr' })
    // n = 1: cosine of (ln 2, ln 2) and (ln 2) is 1/√2; n = 2: nothing in common.
    expect(plain).toBeCloseTo((Math.SQRT1_2 / 4 + 0.5) / 2, 12)
  })
})

describe('exactMatch and tokenF1', () => {
  test('by hand', () => {
    const references = [[['a', 'b'], ['c']], [['a', 'a', 'b']]]
    expect(exactMatch([['c'], ['a', 'b', 'a']], references)).toBe(0.5)
    expect(exactMatch([[1], ['2']], [[['1']], [['2']]])).toBe(0.5)
    // 2/3 with the first reference, 0 with the second; 2 common of 3 + 3.
    expect(tokenF1([['a'], ['a', 'a', 'c']], references)).toBeCloseTo((2 / 3 + 4 / 6) / 2, 12)
    expect(tokenF1([[], []], [[[]], [['a']]])).toBe(0.5)
  })
})

describe('all of them', () => {
  const scores = { bleuScores, ciderScore, exactMatch, tokenF1 }
  const text = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 6 })
  const example = fc.tuple(text, fc.array(text, { minLength: 1, maxLength: 3 }))
  const examples = fc.array(example, { minLength: 1, maxLength: 6 })

  test('stay within their range, and do not mind what tokens are called or in which order examples come', () => {
    fc.assert(fc.property(examples, (pairs) => {
      const candidates = pairs.map(([candidate]) => candidate)
      const references = pairs.map(([, list]) => list)
      const renamed = (list: readonly (readonly number[])[]) => list.map((tokens) => tokens.map((token) => `t${token}`))
      for (const score of Object.values(scores)) {
        const values: readonly number[] = [score(candidates, references)].flat()
        const top = score === ciderScore ? 10 : 1
        for (const value of values) expect(value >= 0 && value <= top + 1e-9).toBe(true)
        const swapped = score(renamed(candidates).reverse(), references.map(renamed).reverse())
        const other: readonly number[] = [swapped].flat()
        other.forEach((value, i) => expect(value).toBeCloseTo(values[i], 10))
      }
    }))
  })

  test.each(Object.entries(scores))('%s says what is wrong', (name, score) => {
    expect(() => score([['a']], [])).toThrow(`${name}: expected as many candidates as lists of references, at least one, got 1 and 0`)
    expect(() => score([], [])).toThrow(/got 0 and 0/)
    expect(() => score([['a'], ['b']], [[['a']], []])).toThrow(/at least one reference for each candidate, got none at position 1/)
    expect(() => score([['a']], [['a']] as unknown as string[][][])).toThrow(/each a list of tokens, got something else at position 0/)
  })
})
