// Right operands of products that stay packed from call to call: nothing but time may tell.
import { describe, expect, it } from 'vitest'
import { availableBackends, matrixMultiply, useBackend } from '../src/index.ts'
import type { MatrixProduct } from '../src/index.ts'
import { fill, numbers, to32 } from './support.ts'

function multiply(a: Float32Array, b: Float32Array, product: MatrixProduct): Float32Array {
  const out = new Float32Array(product.m * product.n)
  matrixMultiply(out, a, b, product)
  return out
}

describe.each(availableBackends())('right operands that stay packed on %s', (backend) => {
  const next = numbers(3)
  const a = to32(fill(1500 * 3, next))
  const forms: readonly MatrixProduct[] = [
    { m: 1, n: 40, k: 24, transposeB: true },
    { m: 1, n: 24, k: 40, transposeB: true },
    { m: 3, n: 24, k: 40 },
    { m: 3, n: 40, k: 24, transposeA: true },
    { m: 3, n: 1, k: 960, transposeB: true },
  ]

  it('give the same bits in every form of one array', () => {
    useBackend(backend, () => {
      const b = to32(fill(960, next))
      for (const form of [...forms, ...forms]) {
        const left = a.subarray(0, form.m * form.k)
        const expected = multiply(left, b, form)
        for (let call = 0; call < 2; call += 1) expect(multiply(left, b, { ...form, versionB: 7 })).toEqual(expected)
      }
    })
  })

  it('are packed again at another version', () => {
    useBackend(backend, () => {
      const b = to32(fill(960, next))
      const left = a.subarray(0, 24)
      const before = multiply(left, b, { ...forms[0], versionB: 1 })
      b.reverse()
      const after = multiply(left, b, { ...forms[0], versionB: 2 })
      expect(after).toEqual(multiply(left, b, forms[0]))
      expect(after).not.toEqual(before)
    })
  })

  it('serve a deep product of columns', () => {
    useBackend(backend, () => {
      const form = { m: 3, n: 2, k: 1500, transposeA: true }
      const b = to32(fill(3000, next))
      const expected = multiply(a, b, form)
      const got = multiply(a, b, { ...form, versionB: 1 })
      got.forEach((value, i) => { expect(value).toBeCloseTo(expected[i], 3) })
      expect(multiply(a, b, { ...form, versionB: 1 })).toEqual(got)
    })
  })
})
