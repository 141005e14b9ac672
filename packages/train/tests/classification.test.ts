import { classificationScores } from '@ostinato/train'
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

  test('says what is wrong', () => {
    expect(() => classificationScores([0], [0, 1], 2)).toThrow(/as many predictions as true classes, at least one, got 1 and 2/)
    expect(() => classificationScores([], [], 2)).toThrow(/at least one/)
    expect(() => classificationScores([0, 2], [0, 1], 2)).toThrow('expected class ids from 0 to 1, got 2 in predicted at position 1')
    expect(() => classificationScores([0, 1], [0, NaN], 2)).toThrow(/got NaN in actual/)
  })
})
