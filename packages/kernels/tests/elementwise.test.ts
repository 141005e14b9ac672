// exp, tanh, sigmoid and softmax on every backend, against the functions of Math: accuracy, edges, errors.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { availableBackends, exp, logSoftmax, scaledSoftmax, sigmoid, softmax, tanh, useBackend } from '../src/index.ts'
import type { FloatArray } from '../src/index.ts'
import { fill, numbers, to32 } from './support.ts'

type Unary = (out: FloatArray, x: FloatArray) => void

const functions: readonly [string, Unary, (x: number) => number][] = [
  ['exp', exp, Math.exp],
  ['tanh', tanh, Math.tanh],
  ['sigmoid', sigmoid, (x) => 1 / (1 + Math.exp(-x))],
]

/** The worst relative error over an array, floored at the smallest normal float32. */
function relativeError(got: FloatArray, x: FloatArray, reference: (x: number) => number): number {
  let worst = 0
  for (let i = 0; i < x.length; i += 1) {
    const e = reference(x[i])
    if (Object.is(got[i], e)) continue
    const d = Math.abs(got[i] - e) / Math.max(Math.abs(e), 2 ** -126)
    worst = Math.max(worst, Number.isNaN(d) ? Infinity : d)
  }
  return worst
}

/** Every scale: near zero, ordinary, towards saturation. */
function probe(length: number): Float32Array {
  const next = numbers(11)
  return Float32Array.from({ length }, (_, i) => next() * 2 ** ((i % 40) - 33) )
}

describe.each(functions)('%s', (_, run, reference) => {
  it('in float64 stays within a few units in the last place', () => {
    const x = fill(2000, numbers(5)).map((v) => v * 30)
    const out = new Float64Array(x.length)
    run(out, x)
    expect(relativeError(out, x, reference)).toBeLessThan(2e-15)
  })

  describe.each(availableBackends())('in float32 on %s', (name) => {
    it('has a relative error of a few 1e-7 on every scale', () => {
      useBackend(name, () => {
        const x = probe(40_003)
        const out = new Float32Array(x.length)
        run(out, x)
        expect(relativeError(out, x, reference)).toBeLessThan(4e-7)
      })
    })

    it('gives an element the same value whatever stands beside it', () => {
      useBackend(name, () => {
        const x = probe(2000)
        const whole = new Float32Array(x.length)
        run(whole, x)
        fc.assert(fc.property(fc.nat(1999), fc.integer({ min: 1, max: 300 }), (start, length) => {
          const part = x.slice(start, start + length)
          run(part, part)
          expect(part).toEqual(whole.slice(start, start + length))
        }))
      })
    })

    it.each([3, 5000])('keeps the edges, among %i others', (others) => {
      useBackend(name, () => {
        const edges = [0, -0, Infinity, -Infinity, NaN, 1e-40, -1e-40, 88.7, -87.3, 89, -104, 3.4e38, -3.4e38]
        const x = Float32Array.from([...edges, ...fill(others, numbers(1))])
        const out = new Float32Array(x.length)
        run(out, x)
        edges.forEach((edge, i) => {
          const exact = Math.fround(reference(Math.fround(edge)))
          const tolerance = 4e-7 * Math.max(Math.abs(exact), 2 ** -126)
          if (!Number.isFinite(exact) || exact === 0 || exact === 1) expect(out[i], String(edge)).toBe(exact)
          else expect(Math.abs(out[i] - exact), String(edge)).toBeLessThanOrEqual(tolerance)
        })
      })
    })

    it('accepts no elements', () => {
      useBackend(name, () => expect(() => run(new Float32Array(0), new Float32Array(0))).not.toThrow())
    })
  })

  it('names the array that does not fit', () => {
    expect(() => run(new Float32Array(3), new Float32Array(4))).toThrow(/out .*4 elements, got 3/)
    expect(() => run(new Float64Array(3), new Float32Array(3))).toThrow(/out to be a Float32Array .*got Float64Array/)
    const integers = new Int32Array(3) as unknown as Float32Array
    expect(() => run(integers, integers)).toThrow(/x to be a Float32Array or Float64Array, got Int32Array/)
    const pool = new Float32Array(40)
    expect(() => run(pool.subarray(0, 20), pool.subarray(1, 21))).toThrow(/overlap/)
  })
})

describe.each(availableBackends())('softmax and logSoftmax on %s', (name) => {
  const rowsOf = (x: FloatArray, columns: number): number[][] =>
    Array.from({ length: x.length / columns }, (_, r) => Array.from(x.subarray(r * columns, (r + 1) * columns)))

  it('equal their definitions, and leave x alone unless it is out', () => {
    useBackend(name, () => {
      fc.assert(fc.property(fc.nat(12), fc.nat(300), fc.integer(), (rows, columns, seed) => {
        const x = to32(fill(rows * columns, numbers(seed)).map((v) => v * 20))
        const before = x.slice()
        const [p, q] = [new Float32Array(x.length), new Float32Array(x.length)]
        softmax(p, x, rows, columns)
        logSoftmax(q, x, rows, columns)
        expect(x).toEqual(before)
        rowsOf(x, columns).forEach((row, r) => {
          const largest = Math.max(...row)
          const sum = row.reduce((s, v) => s + Math.exp(v - largest), 0)
          row.forEach((v, c) => {
            const exact = v - largest - Math.log(sum)
            expect(Math.abs(p[r * columns + c] / Math.exp(exact) - 1)).toBeLessThan(4e-6)
            expect(Math.abs(q[r * columns + c] - exact)).toBeLessThan(1e-5)
          })
        })
        softmax(x, x, rows, columns)
        expect(x).toEqual(p)
      }), { numRuns: 40 })
    })
  })

  it('treat infinities as PyTorch does', () => {
    useBackend(name, () => {
      for (const columns of [2, 9, 600]) {
        const row = (first: number, rest: number): Float32Array =>
          new Float32Array(columns).fill(rest).fill(first, 0, 1)
        const both = (x: Float32Array): [Float32Array, Float32Array] => {
          const [p, q] = [x.slice(), x.slice()]
          softmax(p, p, 1, columns)
          logSoftmax(q, q, 1, columns)
          return [p, q]
        }
        for (const bad of [row(-Infinity, -Infinity), row(NaN, 0), row(0, NaN)]) {
          for (const got of both(bad)) expect(got.every(Number.isNaN), `${bad[0]}, ${bad[1]}`).toBe(true)
        }
        expect(both(row(Infinity, 0))[0].every(Number.isNaN)).toBe(true)
        const [p, q] = both(row(0, -Infinity))
        expect(p).toEqual(row(1, 0))
        expect(q).toEqual(row(0, -Infinity))
      }
    })
  })

  it('do not overflow far from zero', () => {
    useBackend(name, () => {
      for (const offset of [1e4, -1e4, 3e38]) {
        const x = new Float32Array(20).fill(offset)
        softmax(x, x, 2, 10)
        x.forEach((v) => expect(v).toBeCloseTo(0.1, 6))
      }
    })
  })
})

describe.each(availableBackends())('scaledSoftmax on %s', (name) => {
  const run = <A extends FloatArray>(x: A, factors: A) => {
    const like = (length: number): A => new (x.constructor as new (length: number) => A)(length)
    const [out, tops, logSums] = [like(x.length), like(factors.length), like(factors.length)]
    scaledSoftmax<FloatArray>({ out, tops, logSums, x, factors })
    return { out, tops, logSums }
  }

  it('is the softmax times the factors of its rows, and tells their normalisers', () => {
    useBackend(name, () => {
      fc.assert(fc.property(fc.nat(12), fc.integer({ min: 1, max: 3000 }), fc.integer(), (rows, columns, seed) => {
        const next = numbers(seed)
        const x = to32(fill(rows * columns, next).map((v) => v * 20))
        const factors = to32(fill(rows, next))
        const [p, before] = [new Float32Array(x.length), x.slice()]
        softmax(p, x, rows, columns)
        const { out, tops, logSums } = run(x, factors)
        expect(x).toEqual(before)
        out.forEach((v, i) => {
          const exact = p[i] * factors[Math.floor(i / columns)]
          expect(Math.abs(v - exact)).toBeLessThanOrEqual(Math.abs(exact) * 3e-7 + 1e-44)
        })
        for (let r = 0; r < rows; r += 1) {
          const row = Array.from(x.subarray(r * columns, (r + 1) * columns))
          const largest = Math.max(...row)
          expect(tops[r]).toBe(largest)
          const exact = Math.log(row.reduce((sum, v) => sum + Math.exp(v - largest), 0))
          expect(Math.abs(logSums[r] - exact)).toBeLessThan(1e-6 * Math.max(1, exact))
        }
      }), { numRuns: 40 })
    })
  })

  it('treats infinities as softmax does, row by row', () => {
    useBackend(name, () => {
      for (const columns of [2, 9, 600]) {
        const x = new Float32Array(4 * columns)
        x.fill(-Infinity, 0, columns)
        x.set([Infinity], columns)
        x.set([NaN], 2 * columns)
        x.fill(-Infinity, 3 * columns).set([7], 3 * columns)
        const { out, tops, logSums } = run(x, new Float32Array(4).fill(2))
        expect(out.subarray(0, 3 * columns).every(Number.isNaN)).toBe(true)
        expect(logSums.subarray(0, 3).every(Number.isNaN)).toBe(true)
        expect([...out.subarray(3 * columns, 3 * columns + 2), tops[3], logSums[3]]).toEqual([2, 0, 7, 0])
      }
    })
  })
})

it('scaledSoftmax is there in float64, and for nothing', () => {
  const [out, tops, logSums] = [new Float64Array(4), new Float64Array(2), new Float64Array(2)]
  scaledSoftmax({ out, tops, logSums, x: Float64Array.of(0, Math.log(3), 5, 5), factors: Float64Array.of(4, 1) })
  ;[[out[0], 1], [out[1], 3], [out[2], 0.5], [tops[1], 5], [logSums[1], Math.LN2]].forEach(([got, expected]) => {
    expect(got).toBeCloseTo(expected, 14)
  })
  const nothing = new Float32Array(0)
  scaledSoftmax({ out: nothing, tops: nothing, logSums: nothing, x: nothing, factors: nothing })
  const three = () => new Float32Array(3)
  const empty = { out: nothing, tops: three(), logSums: three(), x: nothing, factors: three() }
  scaledSoftmax(empty)
  expect([...empty.tops, ...empty.logSums]).toEqual(new Array(6).fill(-Infinity))
})

it('scaledSoftmax names what does not fit', () => {
  const a = (length: number) => new Float32Array(length)
  const fits = { out: a(6), tops: a(2), logSums: a(2), x: a(6), factors: a(2) }
  expect(() => { scaledSoftmax({ ...fits, factors: a(4) }) }).toThrow(/x \[whole rows, one for each of 4 factors\]/)
  expect(() => { scaledSoftmax({ ...fits, factors: a(0) }) }).toThrow(/one for each of 0 factors/)
  expect(() => { scaledSoftmax({ ...fits, out: a(5), tops: a(3) }) }).toThrow(/expected out \[as x: 6\] of 6 elements, got 5[^]*expected tops \[as factors: 2\]/)
  expect(() => { scaledSoftmax({ ...fits, logSums: new Float64Array(2) as unknown as Float32Array }) }).toThrow(/logSums to be a Float32Array/)
  const pool = a(12)
  expect(() => { scaledSoftmax({ ...fits, out: pool.subarray(0, 6), x: pool.subarray(3, 9) }) }).toThrow(/memory shared/)
  expect(() => { scaledSoftmax({ ...fits, logSums: fits.tops }) }).toThrow(/memory shared/)
})

it('softmax names what does not fit', () => {
  const x = new Float32Array(6)
  expect(() => softmax(x, x, 2, 4)).toThrow(/softmax: expected x \[rows=2, columns=4\] of 8 elements, got 6/)
  expect(() => logSoftmax(x, x, 2.5, 4)).toThrow(/logSoftmax: expected rows to be a whole number/)
})
