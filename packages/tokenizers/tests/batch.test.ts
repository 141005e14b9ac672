// Batches: padding to a rectangle.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBatch, padIds, trainWordTokenizer } from '../src/index.ts'
import { holds } from './texts.ts'

const tokenizer = trainWordTokenizer(['one two three four five'])

describe('encodeBatch', () => {
  test('gives ids and lengths, none for an empty text', () => {
    const { ids, lengths } = encodeBatch(tokenizer, ['one two', '', 'six'])
    expect(ids).toEqual([tokenizer.encode('one two'), [], [1]])
    expect(lengths).toEqual(Int32Array.of(2, 0, 1))
  })

  test('the middle cut out keeps head and tail', () => {
    const { ids } = encodeBatch(tokenizer, ['one two three four five'], { maximumLength: 3, truncate: 'middle' })
    expect(ids).toEqual([tokenizer.encode('one two five')])
  })

  test('refuses one string', () => {
    expect(() => encodeBatch(tokenizer, 'one two')).toThrow('encodeBatch: expected many texts, got one string')
  })
})

describe('padIds', () => {
  test('fills up on the right', () => {
    expect(padIds([[5, 6], [], Int32Array.of(7, 8, 9)], { paddingId: -1 })).toEqual({
      ids: Int32Array.of(5, 6, -1, -1, -1, -1, 7, 8, 9),
      shape: [3, 3],
      lengths: Int32Array.of(2, 0, 3),
    })
  })

  test('row b is ids[b], then padding', () => {
    const rows = fc.array(fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 8 }), { maxLength: 8 })
    holds(fc.tuple(rows, fc.nat(4)), ([some, more]) => {
      const longest = Math.max(0, ...some.map((row) => row.length))
      const { ids, shape: [batch, time], lengths } = padIds(some, { time: longest + more })
      expect([batch, time]).toEqual([some.length, longest + more])
      some.forEach((row, b) => {
        const padded = Array.from(ids.subarray(b * time, (b + 1) * time))
        expect(padded.slice(0, lengths[b])).toEqual(row)
        expect(padded.slice(lengths[b]).every((id) => id === 0)).toBe(true)
      })
    })
  })

  test('no rows', () => {
    expect(padIds([])).toEqual({ ids: new Int32Array(0), shape: [0, 0], lengths: new Int32Array(0) })
    expect(padIds([[], []]).shape).toEqual([2, 0])
  })

  test('refuses rows that are too long and ids that are none', () => {
    expect(() => padIds([[1, 2, 3]], { time: 2 })).toThrow('time: expected a whole number of at least 3, got 2')
    expect(() => padIds([[1]], { paddingId: 0.5 })).toThrow('paddingId: expected a whole number of 32 bits, got 0.5')
    expect(() => padIds([[1, NaN], [2 ** 31, 1]])).toThrow(
      /rows\[0\]\[1\]: expected a whole number of 32 bits, got NaN\n.*rows\[1\]\[0\]: .*got 2147483648/,
    )
  })
})
