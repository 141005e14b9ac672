// Padding: what is kept, what is filled, and what is no id.
import { padSequences, type PaddingOptions } from '@ostinato/datasets'
import type { Tensor } from '@ostinato/tensor'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'

const rowsOf = (ids: Tensor<'int32'>) => ids.toArray() as number[][]

describe('padSequences', () => {
  it('pads on the right', () => {
    const { ids, lengths } = padSequences([[1, 2, 3], [], Int32Array.of(4)], { paddingId: 9 })
    expect(rowsOf(ids)).toEqual([[1, 2, 3], [9, 9, 9], [4, 9, 9]])
    expect(ids.dtype).toBe('int32')
    expect([...lengths]).toEqual([3, 0, 1])
    expectTypeOf(ids).toEqualTypeOf<Tensor<'int32'>>()
  })

  it.each<[PaddingOptions['truncate'], number[]]>([
    [undefined, [1, 2, 3]],
    ['end', [1, 2, 3]],
    ['start', [3, 4, 5]],
    ['middle', [1, 2, 5]],
  ])('cuts with truncate %s', (truncate, kept) => {
    const options = { paddingId: 0, maximumLength: 3, ...(truncate ? { truncate } : {}) }
    const { ids, lengths } = padSequences([[1, 2, 3, 4, 5], [6]], options)
    expect(rowsOf(ids)).toEqual([kept, [6, 0, 0]])
    expect([...lengths]).toEqual([3, 1])
  })

  it('makes nothing of nothing', () => {
    expect(padSequences([], { paddingId: 0 }).ids.shape).toEqual([0, 0])
    expect(padSequences([[], []], { paddingId: 0 }).ids.shape).toEqual([2, 0])
  })

  it('keeps every id in order up to the lengths, padding behind', () => {
    const sequence = fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 12 })
    const sequences = fc.array(sequence, { minLength: 1, maxLength: 6 })
    const options = fc.record({
      maximumLength: fc.integer({ min: 1, max: 12 }),
      truncate: fc.constantFrom('start' as const, 'end' as const, 'middle' as const),
    })
    fc.assert(fc.property(sequences, options, (rows, { maximumLength, truncate }) => {
      const { ids, lengths } = padSequences(rows, { paddingId: 0, maximumLength, truncate })
      expect(ids.shape).toEqual([rows.length, Math.min(maximumLength, Math.max(...rows.map((row) => row.length)))])
      rowsOf(ids).forEach((padded, i) => {
        const row = [...rows[i]]
        // Taking out one id at a time from where it is to be cut.
        while (row.length > maximumLength) {
          row.splice(truncate === 'start' ? 0 : truncate === 'end' ? row.length - 1 : Math.ceil(maximumLength / 2), 1)
        }
        expect(padded.slice(0, lengths[i])).toEqual(row)
        expect(padded.slice(lengths[i]).every((id) => id === 0)).toBe(true)
      })
    }))
  })

  it('refuses what is no id, with its place in the sequence', () => {
    expect(() => padSequences([[1], [2, 0.5, NaN]], { paddingId: 0 })).toThrow(/got 0.5 in row 1, place 1\n.*got NaN in row 1, place 2/)
    expect(() => padSequences([[1, 2, 3, 4, 2 ** 31]], { paddingId: 0, maximumLength: 2, truncate: 'start' })).toThrow('place 4')
    expect(() => padSequences([new Array<number>(20).fill(0.5)], { paddingId: 0 })).toThrow('and 15 more')
  })

  it('refuses options out of range, all at once', () => {
    const options = { paddingId: 0.5, maximumLength: 0, truncate: 'front' } as unknown as PaddingOptions
    expect(() => padSequences([[1]], options)).toThrow(/3 faults\n.*paddingId, got 0.5\n.*maximumLength.*got 0\n.*truncate.*'front'/)
  })
})
