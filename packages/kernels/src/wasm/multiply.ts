// The float32 matrix product in WebAssembly: copies the operands in and the product out, in pieces that stay in cache.
import type { Product } from '../javascript/multiply.ts'
import type { Machine } from './machine.ts'
import { findResident, makeResident } from './resident.ts'

/** Elements of a piece of the operands: 1 MB. */
const PIECE = 262_144
/** The depth of the kernel's own blocks: pieces of k are multiples, so that `out` is swept no more often. */
const DEPTH = 256

interface Arrays {
  readonly out: Float32Array
  readonly a: Float32Array
  readonly b: Float32Array
  /** What each row starts from; absent: zeros, or what `out` holds. */
  readonly bias?: Float32Array | undefined
}

/** A product whose right operand may stay packed. */
export interface VersionedProduct extends Product {
  readonly versionB: number | undefined
}

/** `out = op(a) op(b)`, plus `bias` in each row, or `out +=`, as `product` says. */
export function multiplyWasm(machine: Machine, arrays: Arrays, product: VersionedProduct): void {
  const { m, n } = product
  if (m === 0 || n === 0) return
  // A deep transposed a comes in slices of k; otherwise all of it comes at once.
  const deep = product.transposeA && product.k > 4 * DEPTH
  if (deep && product.versionB === undefined) multiplyByDepth(machine, arrays, product)
  else multiplyByRows(machine, arrays, product)
}

/** b stays; rows of a come and rows of out go, some at a time. A transposed a, whose rows are columns, stays too. */
function multiplyByRows(machine: Machine, { out, a, b, bias }: Arrays, product: VersionedProduct): void {
  const { m, n, k, transposeA, accumulate } = product
  const resident = residentOperand(machine, b, product)
  const { exports } = machine.begin(m * n * k)
  const packed = resident ?? machine.take(exports.packedLength(n, k))
  const rows = Math.min(m, Math.max(96, Math.floor(PIECE / (6 * (n + k))) * 6))
  const atA = machine.take((transposeA ? m : rows) * k)
  const atC = machine.take(rows * n)
  const start = accumulate ? atC : bringBias(machine, bias)
  if (resident === undefined) packOperand(machine, b, packed, product)
  if (transposeA) machine.write(atA, a)
  for (let i = 0; i < m; i += rows) {
    const count = Math.min(rows, m - i)
    if (!transposeA) machine.writePart(atA, a, i * k, count * k)
    if (accumulate) machine.writePart(atC, out, i * n, count * n)
    const from = transposeA ? atA + 4 * i : atA
    const stride = 4 * (transposeA ? m : k)
    exports.multiplyRows(atC, 4 * n, from, stride, transposeA, packed, n, k, start, 0, count)
    machine.read(atC, out, i * n, count * n)
  }
}

/** A row to start from; 0 where there is none. */
function bringBias(machine: Machine, bias: Float32Array | undefined): number {
  if (bias === undefined) return 0
  const at = machine.take(bias.length)
  machine.write(at, bias)
  return at
}

/** The right operand where it stays packed; undefined where it does not. */
function residentOperand(machine: Machine, b: Float32Array, product: VersionedProduct): number | undefined {
  const { n, k, transposeB, versionB: version } = product
  if (version === undefined) return undefined
  const original = { arrays: [b], version, form: `${transposeB ? 'rows' : 'columns'} ${n}` } as const
  const found = findResident(machine, original)
  if (found !== undefined) return found
  const packed = makeResident(machine, original, machine.exports.packedLength(n, k))
  packOperand(machine, b, packed, product)
  return packed
}

function packOperand(machine: Machine, b: Float32Array, to: number, { n, k, transposeB }: Product): void {
  const at = machine.take(n * k)
  machine.write(at, b)
  machine.exports.packColumns(to, at, 4 * (transposeB ? k : n), transposeB, n, k, 0, n)
}

/** out stays; slices of a (stored [k, m]) and of b come, some of k at a time. */
function multiplyByDepth(machine: Machine, { out, a, b, bias }: Arrays, product: Product): void {
  const { m, n, k, transposeB, accumulate } = product
  const { exports } = machine.begin(m * n * k)
  // A transposed b has no slices of k that lie in one piece.
  const depth = transposeB ? k : Math.min(k, DEPTH * Math.max(1, Math.floor(PIECE / DEPTH / (m + n))))
  const atC = machine.take(m * n)
  const atA = machine.take(depth * m)
  const atB = machine.take(depth * n)
  const packed = machine.take(exports.packedLength(n, depth))
  if (accumulate) machine.write(atC, out)
  let start = accumulate ? atC : bringBias(machine, bias)
  let l = 0
  do {
    const count = Math.min(depth, k - l)
    machine.writePart(atA, a, l * m, count * m)
    machine.writePart(atB, b, l * n, count * n)
    exports.packColumns(packed, atB, 4 * (transposeB ? k : n), transposeB, n, count, 0, n)
    exports.multiplyRows(atC, 4 * n, atA, 4 * m, true, packed, n, count, start, 0, m)
    start = atC
    l += count
  } while (l < k)
  machine.read(atC, out, 0, m * n)
}
