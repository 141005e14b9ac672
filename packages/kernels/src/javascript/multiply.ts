// The matrix product in plain JavaScript: the reference, the float64 path and the fallback. Blocks of both operands are
// packed into float64 panels of four rows or columns, so that the inner loop sees one array type and sums in float64.
import type { FloatArray } from '../types.ts'

const KC = 256
const MC = 64
const NC = 512
const panelsA = new Float64Array(KC * MC)
const panelsB = new Float64Array(KC * NC)
const tile = new Float64Array(16)

/** The sizes and forms of one product, as in `MatrixProduct`. */
export interface Product {
  m: number
  readonly n: number
  readonly k: number
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly accumulate: boolean
}

/** A matrix within an array: where it starts. */
export interface Operand {
  readonly values: FloatArray
  at: number
}

/** `out = op(a) op(b)`, or `out +=`, as `product` says. */
export function multiplyInto(out: Operand, a: Operand, b: Operand, product: Product): void {
  const { m, n, k, transposeA, transposeB, accumulate } = product
  // Within one block of k both ways round alike.
  if (k <= KC && (m < 4 || n < 4 || m * n * k < 1024)) {
    multiplyDirectly(out, a, b, product)
    return
  }
  if (!accumulate) out.values.fill(0, out.at, out.at + m * n)
  const aRow = transposeA ? 1 : k
  const aStep = transposeA ? m : 1
  const bColumn = transposeB ? k : 1
  const bStep = transposeB ? 1 : n
  for (let k0 = 0; k0 < k; k0 += KC) {
    const kc = Math.min(KC, k - k0)
    for (let n0 = 0; n0 < n; n0 += NC) {
      const nc = Math.min(NC, n - n0)
      pack(panelsB, b.values, b.at + n0 * bColumn + k0 * bStep, bColumn, bStep, nc, kc)
      for (let m0 = 0; m0 < m; m0 += MC) {
        const mc = Math.min(MC, m - m0)
        pack(panelsA, a.values, a.at + m0 * aRow + k0 * aStep, aRow, aStep, mc, kc)
        for (let j = 0; j < nc; j += 4) {
          for (let i = 0; i < mc; i += 4) {
            multiplyTile(i * kc, j * kc, kc)
            addTile(out.values, out.at + (m0 + i) * n + n0 + j, n, Math.min(4, mc - i), Math.min(4, nc - j))
          }
        }
      }
    }
  }
}

/** Row by column, where there is too little to pack. */
function multiplyDirectly(out: Operand, a: Operand, b: Operand, product: Product): void {
  const { m, n, k, transposeA, transposeB, accumulate } = product
  const [aRow, aStep] = transposeA ? [1, m] : [k, 1]
  const [bColumn, bStep] = transposeB ? [k, 1] : [1, n]
  for (let i = 0; i < m; i += 1) {
    for (let j = 0; j < n; j += 1) {
      let p = a.at + i * aRow
      let q = b.at + j * bColumn
      let sum = 0
      for (let l = 0; l < k; l += 1, p += aStep, q += bStep) sum += a.values[p] * b.values[q]
      const to = out.at + i * n + j
      out.values[to] = accumulate ? out.values[to] + sum : sum
    }
  }
}

/** Lays `lines` rows (or columns) of `depth` elements into panels of four lines, element by element, zero-filled. */
function pack(
  to: Float64Array, from: FloatArray, at: number, line: number, step: number, lines: number, depth: number,
): void {
  let w = 0
  for (let i = 0; i < lines; i += 4) {
    const p0 = at + i * line
    if (i + 4 <= lines) {
      const p1 = p0 + line
      const p2 = p1 + line
      const p3 = p2 + line
      for (let d = 0, s = 0; d < depth; d += 1, s += step, w += 4) {
        to[w] = from[p0 + s]
        to[w + 1] = from[p1 + s]
        to[w + 2] = from[p2 + s]
        to[w + 3] = from[p3 + s]
      }
    } else {
      for (let d = 0; d < depth; d += 1) {
        for (let r = 0; r < 4; r += 1) to[w++] = i + r < lines ? from[p0 + r * line + d * step] : 0
      }
    }
  }
}

/** `tile[4, 4]` = the product of one packed panel of each operand. */
function multiplyTile(pa: number, pb: number, depth: number): void {
  let c00 = 0, c01 = 0, c02 = 0, c03 = 0
  let c10 = 0, c11 = 0, c12 = 0, c13 = 0
  let c20 = 0, c21 = 0, c22 = 0, c23 = 0
  let c30 = 0, c31 = 0, c32 = 0, c33 = 0
  for (let d = 0; d < depth; d += 1, pa += 4, pb += 4) {
    const b0 = panelsB[pb], b1 = panelsB[pb + 1], b2 = panelsB[pb + 2], b3 = panelsB[pb + 3]
    const a0 = panelsA[pa]
    c00 += a0 * b0
    c01 += a0 * b1
    c02 += a0 * b2
    c03 += a0 * b3
    const a1 = panelsA[pa + 1]
    c10 += a1 * b0
    c11 += a1 * b1
    c12 += a1 * b2
    c13 += a1 * b3
    const a2 = panelsA[pa + 2]
    c20 += a2 * b0
    c21 += a2 * b1
    c22 += a2 * b2
    c23 += a2 * b3
    const a3 = panelsA[pa + 3]
    c30 += a3 * b0
    c31 += a3 * b1
    c32 += a3 * b2
    c33 += a3 * b3
  }
  tile[0] = c00
  tile[1] = c01
  tile[2] = c02
  tile[3] = c03
  tile[4] = c10
  tile[5] = c11
  tile[6] = c12
  tile[7] = c13
  tile[8] = c20
  tile[9] = c21
  tile[10] = c22
  tile[11] = c23
  tile[12] = c30
  tile[13] = c31
  tile[14] = c32
  tile[15] = c33
}

function addTile(out: FloatArray, at: number, stride: number, rows: number, columns: number): void {
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) out[at + r * stride + c] += tile[r * 4 + c]
  }
}
