// Sums of rows on every backend against plain sums, bit by bit: edges of pieces and of groups of four, errors.
import { describe, expect, it } from 'vitest'
import { availableBackends, scatterAddRows, sumRows, useBackend } from '../src/index.ts'
import { fill, numbers, to32 } from './support.ts'

/** Columns of no whole group of four, and rows of more than one piece; one row alone is larger than a piece. */
const sizes = [[0, 3], [1, 1], [3, 0], [7, 5], [129, 3], [1000, 64], [9000, 1], [11, 1001], [3, 5001]] as const

describe.each(availableBackends())('in float32 on %s', (name) => {
  it.each(sizes)('sumRows adds %i rows of %i up in float64', (rows, columns) => {
    const x = to32(fill(rows * columns, numbers(rows)))
    const totals = Array.from({ length: columns }, (_, j) => {
      let total = 0
      for (let i = 0; i < rows; i += 1) total += x[i * columns + j]
      return total
    })
    const out = new Float32Array(columns).fill(7)
    useBackend(name, () => { sumRows(out, x, rows, columns) })
    expect(out).toEqual(Float32Array.from(totals))
  })

  it('sumRows keeps NaN and Infinity in their columns', () => {
    const x = Float32Array.of(1, 2, NaN, 4, Infinity, 1, 2, 3, 4, -1)
    const out = new Float32Array(5)
    useBackend(name, () => { sumRows(out, x, 2, 5) })
    expect([...out]).toEqual([2, 4, NaN, 8, Infinity])
  })

  // Fewer rows than updates, and more.
  it.each([1, 9, 70])('scatterAddRows adds to each of %i rows what is meant for it', (rows) => {
    for (const columns of [1, 3, 4, 9, 205]) {
      const next = numbers(columns)
      const indices = Int32Array.from({ length: 60 }, () => Math.min(rows - 1, Math.floor(Math.abs(next()) * rows)))
      const updates = to32(fill(60 * columns, next))
      const out = to32(fill(rows * columns, next))
      const expected = out.slice()
      indices.forEach((row, i) => {
        for (let j = 0; j < columns; j += 1) expected[row * columns + j] += updates[i * columns + j]
      })
      useBackend(name, () => { scatterAddRows(out, updates, indices, columns) })
      expect(out).toEqual(expected)
    }
  })

  it('scatterAddRows accepts nothing to add', () => {
    const out = Float32Array.of(1, 2, 3)
    useBackend(name, () => {
      scatterAddRows(out, new Float32Array(0), new Int32Array(0), 3)
      scatterAddRows(new Float32Array(0), new Float32Array(0), new Int32Array(0), 2)
    })
    expect([...out]).toEqual([1, 2, 3])
  })
})

it('takes float64', () => {
  const out = new Float64Array(2)
  sumRows(out, Float64Array.of(0.1, 1, 0.2, 2), 2, 2)
  expect([...out]).toEqual([0.1 + 0.2, 3])
  scatterAddRows(out, Float64Array.of(1, 2), Int32Array.of(1, 1), 1)
  expect([...out]).toEqual([0.1 + 0.2, 6])
})

describe('checks', () => {
  const f32 = (length: number): Float32Array => new Float32Array(length)

  it('name every size and array that does not fit', () => {
    expect(() => { sumRows(f32(2), f32(5), 2, 3) })
      .toThrow('sumRows: expected out [rows=2, columns=3] of 3 elements, got 2; expected x [rows=2, columns=3] of 6 elements, got 5')
    expect(() => { sumRows(f32(2), f32(5), -1, 1.5) }).toThrow(/rows to be a whole number.*columns to be a whole number/)
    expect(() => { sumRows(f32(2), new Float64Array(4) as never, 2, 2) }).toThrow(/x to be a Float32Array as the other/)
    expect(() => { sumRows([1, 2] as never, f32(4), 2, 2) }).toThrow(/out to be a Float32Array or Float64Array, got Array/)
    expect(() => { scatterAddRows(f32(7), f32(4), new Int32Array(2), 2) }).toThrow(/rows to be a whole number.*got 3.5/)
    expect(() => { scatterAddRows(f32(6), f32(5), new Int32Array(2), 2) })
      .toThrow(/updates \[rows=3, columns=2, indices=2\] of 4 elements, got 5/)
  })

  it('reject indices of no row', () => {
    expect(() => { scatterAddRows(f32(6), f32(4), Int32Array.of(2, 3), 2) })
      .toThrow('scatterAddRows: expected indices from 0 to 2, got 3 (element 1)')
    expect(() => { scatterAddRows(f32(6), f32(4), Int32Array.of(-1, 0), 2) }).toThrow(/got -1 \(element 0\)/)
  })

  it('reject an output that shares memory', () => {
    const pool = f32(10)
    expect(() => { sumRows(pool.subarray(3, 5), pool.subarray(0, 4), 2, 2) }).toThrow(/apart from x/)
    expect(() => { scatterAddRows(pool, pool, new Int32Array(5), 2) }).toThrow(/apart from updates/)
  })
})
