// The float32 matrix product in WebAssembly: copies the operands in and the product out, in pieces that stay in cache.
import type { Product } from '../javascript/multiply.ts'
import type { Machine } from './machine.ts'
import { findResident, makeResident } from './resident.ts'

/** Elements of a piece of the operands: 1 MB. */
const PIECE = 262_144
/** The depth of the kernel's own blocks: pieces of k are multiples, so that `out` is swept no more often. */
const DEPTH = 256
/** Sums that slices of k are added to, at most. */
const SUMS = 4

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

/**
 * b stays; rows of a come and rows of out go, some at a time. A transposed a, whose rows are columns, stays too. Where
 * there are threads, some rows are multiplied while the caller brings others or takes them back.
 */
function multiplyByRows(machine: Machine, { out, a, b, bias }: Arrays, product: VersionedProduct): void {
  const { m, n, k, transposeA, accumulate } = product
  const resident = residentOperand(machine, b, product)
  const { exports } = machine.begin(m * n * k)
  const packed = resident ?? machine.take(exports.packedLength(n, k))
  const row = bringBias(machine, bias)
  if (resident === undefined) packOperand(machine, b, packed, product)
  const allOfA = transposeA ? machine.take(m * k) : 0
  if (transposeA) machine.write(allOfA, a)
  const threads = machine.threadsFor(m * n * k)
  const rows = rowsAtATime(m, n + k, threads)
  const pieces = Math.ceil(m / rows)
  const places = Array.from({ length: Math.min(pieces, threads > 1 ? 2 * threads : 1) }, () => ({
    a: machine.take(transposeA ? 0 : rows * k), out: machine.take(rows * n),
  }))
  machine.sideBySide(places.map((at, lane) => ({
    steps: 3 * Math.ceil((pieces - lane) / places.length),
    stages: [(step) => {
      const first = rows * (lane + places.length * Math.floor(step / 3))
      const count = Math.min(rows, m - first)
      if (step % 3 === 0) {
        machine.inTurn(() => {
          if (!transposeA) machine.writePart(at.a, a, first * k, count * k)
          if (accumulate) machine.writePart(at.out, out, first * n, count * n)
        })
      } else if (step % 3 === 1) {
        const [from, stride] = transposeA ? [allOfA + 4 * first, 4 * m] : [at.a, 4 * k]
        const start = accumulate ? at.out : row
        exports.multiplyRows(at.out, 4 * n, from, stride, transposeA, packed, n, k, start, 0, count)
      } else {
        machine.inTurn(() => { machine.read(at.out, out, first * n, count * n) })
      }
    }],
  })))
}

/** Rows of a and out, `width` elements wide, that come and go at a time: in whole panels. */
function rowsAtATime(m: number, width: number, threads: number): number {
  const [piece, least] = threads > 1 ? [PIECE / 8, 48] : [PIECE, 96]
  return Math.min(m, Math.max(least, Math.floor(piece / (6 * width)) * 6))
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

/**
 * out stays; slices of a (stored [k, m]) and of b come, some of k at a time. Every so many-th goes to a sum of its own,
 * where these are small, so that threads know nothing of one another; they are added up in the end.
 */
function multiplyByDepth(machine: Machine, { out, a, b, bias }: Arrays, product: Product): void {
  const { m, n, k, transposeB, accumulate } = product
  const { exports } = machine.begin(m * n * k)
  const most = Math.max(1, Math.min(SUMS, Math.floor(PIECE / (m * n))))
  // A transposed b has no slices of k that lie in one piece.
  const depth = transposeB ? k : Math.min(k, DEPTH * Math.max(1, Math.floor(PIECE / most / DEPTH / (m + n))))
  const slices = Math.ceil(k / depth)
  const length = Math.ceil((m * n) / 4) * 4
  const sums = Math.min(most, slices)
  const atC = machine.take(sums * length)
  const start = accumulate ? atC : bringBias(machine, bias)
  if (accumulate) machine.write(atC, out)
  const lanes = Array.from({ length: sums }, (_, lane) => {
    const [atA, atB] = [machine.take(depth * m), machine.take(depth * n)]
    const packed = machine.take(exports.packedLength(n, depth))
    const sum = atC + 4 * lane * length
    return {
      steps: 2 * Math.ceil((slices - lane) / sums),
      stages: [(step: number) => {
        const first = depth * (lane + sums * Math.floor(step / 2))
        const count = Math.min(depth, k - first)
        if (step % 2 === 0) {
          machine.inTurn(() => {
            machine.writePart(atA, a, first * m, count * m)
            machine.writePart(atB, b, first * n, count * n)
          })
          return
        }
        const from = step > 1 ? sum : lane > 0 ? 0 : start
        exports.packColumns(packed, atB, 4 * (transposeB ? k : n), transposeB, n, count, 0, n)
        exports.multiplyRows(sum, 4 * n, atA, 4 * m, true, packed, n, count, from, 0, m)
      }],
    }
  })
  machine.sideBySide(lanes)
  if (sums > 1) exports.sumRows(atC, atC + 4 * length, 4 * length, sums - 1, 0, length)
  machine.read(atC, out, 0, m * n)
}
