// The float32 matrix product in WebAssembly: copies the operands in and the product out, in pieces that stay in cache.
import type { Product } from '../javascript/multiply.ts'
import type { Machine } from './machine.ts'

/** Elements of a piece of the operands: 256 KB. */
const PIECE = 65_536
/** The depth of the kernel's own blocks: pieces of k are multiples, so that `out` is swept no more often. */
const DEPTH = 256

interface Arrays {
  readonly out: Float32Array
  readonly a: Float32Array
  readonly b: Float32Array
}

/** `out = op(a) op(b)`, or `out +=`, as `product` says. */
export function multiplyWasm(machine: Machine, arrays: Arrays, product: Product): void {
  const { m, n } = product
  if (m === 0 || n === 0) return
  // A deep transposed a comes in slices of k; otherwise all of it comes at once.
  if (product.transposeA && product.k > 4 * DEPTH) multiplyByDepth(machine, arrays, product)
  else multiplyByRows(machine, arrays, product)
}

/** b stays; rows of a come and rows of out go, some at a time. A transposed a, whose rows are columns, stays too. */
function multiplyByRows(machine: Machine, { out, a, b }: Arrays, product: Product): void {
  const { m, n, k, transposeA, transposeB, accumulate } = product
  const { exports } = machine.begin()
  const packed = machine.take(exports.packedLength(n, k))
  const rows = Math.min(m, Math.max(96, Math.floor(PIECE / (6 * (n + k))) * 6))
  const atA = machine.take((transposeA ? m : rows) * k)
  const atC = machine.take(rows * n)
  const atB = machine.take(n * k)
  machine.write(atB, b)
  exports.packColumns(packed, atB, 4 * (transposeB ? k : n), transposeB, n, k)
  if (transposeA) machine.write(atA, a)
  for (let i = 0; i < m; i += rows) {
    const count = Math.min(rows, m - i)
    if (!transposeA) machine.writePart(atA, a, i * k, count * k)
    if (accumulate) machine.writePart(atC, out, i * n, count * n)
    const from = transposeA ? atA + 4 * i : atA
    const stride = 4 * (transposeA ? m : k)
    exports.multiplyPacked(atC, 4 * n, from, stride, transposeA, packed, count, n, k, accumulate ? atC : 0)
    machine.read(atC, out, i * n, count * n)
  }
}

/** out stays; slices of a (stored [k, m]) and of b come, some of k at a time. */
function multiplyByDepth(machine: Machine, { out, a, b }: Arrays, product: Product): void {
  const { m, n, k, transposeB, accumulate } = product
  const { exports } = machine.begin()
  // A transposed b has no slices of k that lie in one piece.
  const depth = transposeB ? k : Math.min(k, DEPTH * Math.max(1, Math.floor(PIECE / DEPTH / (m + n))))
  const atC = machine.take(m * n)
  const atA = machine.take(depth * m)
  const atB = machine.take(depth * n)
  const packed = machine.take(exports.packedLength(n, depth))
  if (accumulate) machine.write(atC, out)
  let l = 0
  do {
    const count = Math.min(depth, k - l)
    machine.writePart(atA, a, l * m, count * m)
    machine.writePart(atB, b, l * n, count * n)
    exports.packColumns(packed, atB, 4 * (transposeB ? k : n), transposeB, n, count)
    exports.multiplyPacked(atC, 4 * n, atA, 4 * m, true, packed, m, n, count, accumulate || l > 0 ? atC : 0)
    l += count
  } while (l < k)
  machine.read(atC, out, 0, m * n)
}
