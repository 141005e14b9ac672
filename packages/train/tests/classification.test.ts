// Scores of a classifier, against counts by hand and plain definitions.
import { classificationScores } from '@ostinato/train'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

describe('classificationScores', () => {
  test('counts by hand', () => {
    const { accuracy, confusion, classes, macro } = classificationScores([0, 1, 2, 1, 1, 0], [0, 1, 1, 1, 0, 2], 3)
    expect(accuracy).toBe(3 / 6)
    expect(confusion).toEqual([[1, 1, 0], [0, 2, 1], [1, 0, 0]])
    expect(classes[1]).toEqual({ precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, support: 3 })
    expect(classes[2]).toEqual({ precision: 0, recall: 0, f1: 0, support: 1 })
    expect(macro.recall).toBeCloseTo((1 / 2 + 2 / 3 + 0) / 3, 12)
  })

  test('equal the plain definitions', () => {
    const id = fc.integer({ min: 0, max: 3 })
    fc.assert(fc.property(fc.array(fc.tuple(id, id), { minLength: 1 }), (pairs) => {
      const [predicted, actual] = [Int32Array.from(pairs, ([p]) => p), pairs.map(([, a]) => a)]
      const { accuracy, confusion, classes, macro } = classificationScores(predicted, actual, 4)
      const count = (test: (p: number, a: number) => boolean) => pairs.filter(([p, a]) => test(p, a)).length
      expect(accuracy).toBe(count((p, a) => p === a) / pairs.length)
      expect(confusion.flat().reduce((a, b) => a + b)).toBe(pairs.length)
      classes.forEach(({ precision, recall, f1, support }, c) => {
        const hits = count((p, a) => p === c && a === c)
        expect(support).toBe(count((_, a) => a === c))
        expect(precision).toBe(hits / Math.max(1, count((p) => p === c)))
        expect(recall).toBe(hits / Math.max(1, support))
        expect(f1).toBeCloseTo((2 * hits) / Math.max(1, count((p) => p === c) + support), 12)
      })
      expect(macro.f1).toBeCloseTo(classes.reduce((sum, { f1 }) => sum + f1, 0) / 4, 12)
    }))
  })

  test('says what is wrong', () => {
    expect(() => classificationScores([0], [0, 1], 2)).toThrow(/as many predictions as true classes, at least one, got 1 and 2/)
    expect(() => classificationScores([], [], 2)).toThrow(/at least one/)
    expect(() => classificationScores([0, 2], [0, 1], 2)).toThrow('expected class ids from 0 to 1, got 2 in predicted at position 1')
    expect(() => classificationScores([0, 1], [0, NaN], 2)).toThrow(/got NaN in actual/)
    expect(() => classificationScores([0, 3], [-1, 0.5], 2)).toThrow(/got 3 in predicted at position 1; .*got -1 in actual at position 0/)
    for (const classes of [0, 1.5, NaN, -1]) {
      expect(() => classificationScores([0], [0], classes)).toThrow(`expected 1 class or more, got ${classes}`)
    }
  })
})
