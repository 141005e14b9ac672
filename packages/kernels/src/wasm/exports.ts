// The types of what assembly/index.ts exports. Pointers and strides are in bytes, sizes in elements; the sources say
// what each function reads and writes.

/**
 * The kernels that threads may do. Where the work is a range, from `first` to `last`, several may share one call out:
 * see shares.ts.
 */
export interface Shared {
  packColumns(
    to: number, b: number, stride: number, transposed: boolean, n: number, k: number, first: number, last: number,
  ): void
  multiplyRows(
    c: number, strideC: number, a: number, strideA: number, transposedA: boolean, packedB: number,
    n: number, k: number, start: number, first: number, last: number,
  ): void

  sumRows(to: number, from: number, stride: number, rows: number, first: number, last: number): void

  gatherRows(to: number, from: number, index: number, width: number, rows: number): void
  scatterRows(to: number, from: number, index: number, width: number, rows: number): void
  precedingRows(
    to: number, states: number, active: number, offsets: number, begin: number, end: number, batch: number,
    width: number,
  ): void

  elmanForward(
    active: number, offsets: number, begin: number, end: number, batch: number, hidden: number, rectified: boolean,
    states: number, hh: number,
  ): void
  elmanBackward(
    active: number, offsets: number, begin: number, end: number, batch: number, hidden: number, rectified: boolean,
    states: number, outer: number, sums: number, dHidden: number, hh: number,
  ): void
  gruForward(
    active: number, offsets: number, begin: number, end: number, batch: number, hidden: number, gates: number,
    products: number, states: number, hh: number, bias: number, recurrent: number,
  ): void
  gruBackward(
    active: number, offsets: number, begin: number, end: number, batch: number, hidden: number, gates: number,
    products: number, states: number, outer: number, dHidden: number, hhGates: number, hhNew: number,
  ): void
  lstmForward(
    active: number, offsets: number, begin: number, end: number, batch: number, hidden: number, gates: number,
    states: number, cells: number, hh: number,
  ): void
  lstmBackward(
    active: number, offsets: number, begin: number, end: number, batch: number, hidden: number, gates: number,
    cells: number, outer: number, dHidden: number, dCell: number, hh: number,
  ): void

  movePlanes(
    to: number, toPlane: number, toRow: number, from: number, fromPlane: number, fromRow: number, rows: number,
    bytes: number, first: number, last: number,
  ): void
  multiplyPatches(
    y: number, to: number, row: number, filters: number, x: number, from: number, taps: number, m: number, k: number,
    first: number, last: number,
  ): void
  filterGradient(
    dw: number, packed: number, x: number, from: number, taps: number, m: number, count: number, k: number,
    first: number, last: number,
  ): void
  addPatches(
    x: number, from: number, taps: number, columns: number, stride: number, count: number, window: number,
    first: number, last: number,
  ): void
}

export interface Exports extends Shared {
  /** Where the workspace may start. */
  heapBase(): number
  packedLength(n: number, k: number): number

  adam(
    values: number, gradient: number, first: number, second: number, largest: number, length: number, penalty: number,
    kept: number, entering1: number, kept2: number, entering2: number, size: number, scale: number, epsilon: number,
  ): void
  sgd(
    values: number, gradient: number, velocity: number, length: number, penalty: number, kept: number, entering: number,
    ofGradient: number, ofVelocity: number,
  ): void

  exp(x: number, length: number): void
  tanh(x: number, length: number): void
  sigmoid(x: number, length: number): void
  softmax(x: number, rows: number, columns: number, logarithm: boolean, each: number): void

  totalRows(to: number, totals: number, from: number, rows: number, columns: number): void
  addRows(to: number, from: number, index: number, width: number, rows: number): void

  packFilters(to: number, w: number, row: number, offsets: number, m: number, k: number): void
  packGradient(to: number, dy: number, image: number, places: number, m: number, count: number): void

  /** Bytes that a thread works in. */
  roomLength(): number
}
