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
 * there are threads, some rows are multiplied while the caller brings others or fetches them: in two places for each.
 */
function multiplyByRows(machine: Machine, arrays: Arrays, product: VersionedProduct): void {
  const { m, n, k } = product
  const work = new RowWork(machine, arrays, product)
  const threads = machine.threadsFor(m * n * k)
  const [piece, least] = threads > 1 ? [PIECE / 8, 48] : [PIECE, 96]
  // In whole panels.
  const rows = Math.min(m, Math.max(least, Math.floor(piece / (6 * (n + k))) * 6))
  if (threads === 1) {
    const place = work.place(rows)
    for (let first = 0; first < m; first += rows) {
      const count = Math.min(rows, m - first)
      work.bring(place, first, count)
      work.multiply(place, first, count)
      work.fetch(place, first, count)
    }
    return
  }
  const pieces = Math.ceil(m / rows)
  const lanes = Math.min(pieces, 2 * threads)
  machine.sideBySide(Array.from({ length: lanes }, (_, lane) => {
    const place = work.place(rows)
    return {
      steps: 3 * Math.ceil((pieces - lane) / lanes),
      stages: [(step: number) => {
        const first = rows * (lane + lanes * Math.floor(step / 3))
        const count = Math.min(rows, m - first)
        if (step % 3 === 0) machine.inTurn(() => { work.bring(place, first, count) })
        else if (step % 3 === 1) work.multiply(place, first, count)
        else machine.inTurn(() => { work.fetch(place, first, count) })
      }],
    }
  }))
}

/** Where rows of a and of out lie. */
interface Place {
  readonly a: number
  readonly out: number
}

/** A product whose right operand lies packed in memory: what is done with some rows of the others. */
class RowWork {
  readonly #machine: Machine
  readonly #arrays: Arrays
  readonly #product: Product
  readonly #packed: number
  /** What each row starts from. */
  readonly #row: number
  /** A transposed a; 0 where it is not. */
  readonly #columns: number

  constructor(machine: Machine, arrays: Arrays, product: VersionedProduct) {
    const { m, n, k, transposeA } = product
    this.#machine = machine
    this.#arrays = arrays
    this.#product = product
    const resident = residentOperand(machine, arrays.b, product)
    machine.begin(m * n * k)
    this.#packed = resident ?? machine.take(machine.exports.packedLength(n, k))
    if (resident === undefined) packOperand(machine, arrays.b, this.#packed, product)
    this.#row = bringBias(machine, arrays.bias)
    this.#columns = transposeA ? machine.take(m * k) : 0
    if (transposeA) machine.write(this.#columns, arrays.a)
  }

  place(rows: number): Place {
    const { n, k, transposeA } = this.#product
    return { a: this.#machine.take(transposeA ? 0 : rows * k), out: this.#machine.take(rows * n) }
  }

  bring(at: Place, first: number, count: number): void {
    const { n, k, transposeA, accumulate } = this.#product
    if (!transposeA) this.#machine.writePart(at.a, this.#arrays.a, first * k, count * k)
    if (accumulate) this.#machine.writePart(at.out, this.#arrays.out, first * n, count * n)
  }

  multiply(at: Place, first: number, count: number): void {
    const { m, n, k, transposeA, accumulate } = this.#product
    const [from, stride] = transposeA ? [this.#columns + 4 * first, 4 * m] : [at.a, 4 * k]
    const start = accumulate ? at.out : this.#row
    this.#machine.exports.multiplyRows(at.out, 4 * n, from, stride, transposeA, this.#packed, n, k, start, 0, count)
  }

  fetch(at: Place, first: number, count: number): void {
    const { n } = this.#product
    this.#machine.read(at.out, this.#arrays.out, first * n, count * n)
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
