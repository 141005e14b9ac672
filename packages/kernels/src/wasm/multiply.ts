// The float32 matrix product in WebAssembly: copies the operands in and the product out, in pieces that stay in cache.
import type { Product } from '../javascript/multiply.ts'
import type { ProductArrays } from '../types.ts'
import type { Lane, Machine } from './machine.ts'
import { findResident, makeResident } from './resident.ts'

/** Elements of a piece of the operands: 1 MB. */
const PIECE = 262_144
/** The depth of the kernel's own blocks: pieces of k are multiples, so that `out` is swept no more often. */
const DEPTH = 256
/** Sums that slices of k are added to, at most. */
const SUMS = 4

type Arrays = ProductArrays<Float32Array>

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
 * threads share many rows, some are multiplied while the caller brings others or fetches them: in two places for each.
 */
function multiplyByRows(machine: Machine, arrays: Arrays, product: VersionedProduct): void {
  const { m, n, k } = product
  const threads = machine.threadsFor(m * n * k)
  const few = panelsOf(PIECE / 8, n + k, 48)
  const many = threads > 1 && m > 2 * threads * few
  const work = new RowWork(machine, arrays, product, many ? few : Math.min(m, panelsOf(PIECE, n + k, 96)))
  if (many) {
    machine.sideBySide(lanesInTurn(2 * threads, work.pieces, () => {
      const at = work.place()
      return [
        (piece) => { machine.inTurn(() => { work.bring(at, piece) }) },
        (piece) => { work.multiply(at, piece) },
        (piece) => { machine.inTurn(() => { work.fetch(at, piece) }) },
      ]
    }))
    return
  }
  const at = work.place()
  for (let piece = 0; piece < work.pieces; piece += 1) {
    work.bring(at, piece)
    work.multiply(at, piece)
    work.fetch(at, piece)
  }
}

/** Rows of a and out, `width` elements wide, in a piece of so many elements: in whole panels, and at least so many. */
function panelsOf(elements: number, width: number, least: number): number {
  return Math.max(least, Math.floor(elements / (6 * width)) * 6)
}

/** So many lanes that take pieces in turn, each of which goes through phases. */
function lanesInTurn(
  count: number, pieces: number, phasesOf: (lane: number) => readonly ((piece: number) => void)[],
): Lane[] {
  return Array.from({ length: count }, (_, lane) => {
    const phases = phasesOf(lane)
    return {
      steps: phases.length * Math.ceil((pieces - lane) / count),
      stages: [(step) => { phases[step % phases.length](lane + count * Math.floor(step / phases.length)) }],
    }
  })
}

/** Where rows of a and of out lie. */
interface Place {
  readonly a: number
  readonly out: number
}

/** A product whose right operand lies packed in memory: what is done with some rows of the others, a piece. */
class RowWork {
  readonly pieces: number
  readonly #rows: number
  readonly #machine: Machine
  readonly #arrays: Arrays
  readonly #product: Product
  readonly #packed: number
  /** What each row starts from. */
  readonly #row: number
  /** A transposed a; 0 where it is not. */
  readonly #columns: number

  constructor(machine: Machine, arrays: Arrays, product: VersionedProduct, rows: number) {
    const { m, n, k, transposeA } = product
    this.#rows = rows
    this.pieces = Math.ceil(m / rows)
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

  place(): Place {
    const { n, k, transposeA } = this.#product
    return { a: this.#machine.take(transposeA ? 0 : this.#rows * k), out: this.#machine.take(this.#rows * n) }
  }

  bring(at: Place, piece: number): void {
    const { n, k, transposeA, accumulate } = this.#product
    const [first, count] = [piece * this.#rows, this.#rowsOf(piece)]
    if (!transposeA) this.#machine.writePart(at.a, this.#arrays.a, first * k, count * k)
    if (accumulate) this.#machine.writePart(at.out, this.#arrays.out, first * n, count * n)
  }

  multiply(at: Place, piece: number): void {
    const { m, n, k, transposeA, accumulate } = this.#product
    const [first, count] = [piece * this.#rows, this.#rowsOf(piece)]
    const [from, stride] = transposeA ? [this.#columns + 4 * first, 4 * m] : [at.a, 4 * k]
    const start = accumulate ? at.out : this.#row
    this.#machine.exports.multiplyRows(at.out, 4 * n, from, stride, transposeA, this.#packed, n, k, start, 0, count)
  }

  fetch(at: Place, piece: number): void {
    const { n } = this.#product
    this.#machine.read(at.out, this.#arrays.out, piece * this.#rows * n, this.#rowsOf(piece) * n)
  }

  #rowsOf(piece: number): number {
    return Math.min(this.#rows, this.#product.m - piece * this.#rows)
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
  machine.sideBySide(lanesInTurn(sums, slices, (lane) => {
    const [atA, atB] = [machine.take(depth * m), machine.take(depth * n)]
    const packed = machine.take(exports.packedLength(n, depth))
    const sum = atC + 4 * lane * length
    const depthOf = (slice: number): number => Math.min(depth, k - slice * depth)
    return [
      (slice) => {
        machine.inTurn(() => {
          machine.writePart(atA, a, slice * depth * m, depthOf(slice) * m)
          machine.writePart(atB, b, slice * depth * n, depthOf(slice) * n)
        })
      },
      (slice) => {
        const from = slice >= sums ? sum : slice > 0 ? 0 : start
        exports.packColumns(packed, atB, 4 * (transposeB ? k : n), transposeB, n, depthOf(slice), 0, n)
        exports.multiplyRows(sum, 4 * n, atA, 4 * m, true, packed, n, depthOf(slice), from, 0, m)
      },
    ]
  }))
  if (sums > 1) exports.sumRows(atC, atC + 4 * length, 4 * length, sums - 1, 0, length)
  machine.read(atC, out, 0, m * n)
}
