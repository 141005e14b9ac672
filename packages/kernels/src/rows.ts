// The public sums of rows: all rows into one, and each into the row that an index names. They check their arguments and
// hand them to a backend.
import { localMachineFor } from './backend.ts'
import { Faults, isFloatArray, isSize, overlaps, sameDtype } from './faults.ts'
import { scatterAddRowsInto, sumRowsInto } from './javascript/rows.ts'
import type { FloatArray } from './types.ts'
import { scatterAddRowsWasm, sumRowsWasm } from './wasm/rows.ts'

/**
 * The sum of the rows of `x` `[rows, columns]`: out_j = sum_i x_ij, added up in float64 from the first row to the last.
 * Of no rows it is 0.
 *
 * @throws RangeError when a size, length or dtype does not fit, or the arrays share memory.
 *
 * @example
 * ```ts
 * import { sumRows } from '@ostinato/kernels'
 *
 * const out = new Float32Array(2)
 * sumRows(out, Float32Array.of(1, 2, 3, 4), 2, 2)
 * out // 4, 6
 * ```
 */
export function sumRows<A extends FloatArray>(out: A, x: A, rows: number, columns: number): void {
  check('sumRows', { rows, columns }, { out: [out, columns], x: [x, rows * columns] })
  const machine = localMachineFor(x)
  if (machine === undefined) sumRowsInto(out, x, columns)
  else sumRowsWasm(machine, out as Float32Array, x as Float32Array, columns)
}

/**
 * Adds each row of `updates` `[indices, columns]` to the row of `out` `[rows, columns]` that its index names:
 * out[indices[i], j] += updates[i, j], from the first index to the last. The adjoint of a lookup, as in an embedding.
 *
 * @throws RangeError when a size, length or dtype does not fit, an index names no row, or the arrays share memory.
 *
 * @example
 * ```ts
 * import { scatterAddRows } from '@ostinato/kernels'
 *
 * const out = new Float32Array(2)
 * scatterAddRows(out, Float32Array.of(1, 2, 4), Int32Array.of(1, 0, 1), 1)
 * out // 2, 5
 * ```
 */
export function scatterAddRows<A extends FloatArray>(
  out: A, updates: A, indices: Int32Array, columns: number,
): void {
  const rows = columns === 0 ? 0 : out.length / columns
  const arrays = { out: [out, rows * columns], updates: [updates, indices.length * columns] } as const
  check('scatterAddRows', { rows, columns, indices: indices.length }, arrays)
  const bad = indices.findIndex(index => index < 0 || index >= rows)
  if (bad >= 0) {
    throw new RangeError(`scatterAddRows: expected indices from 0 to ${rows - 1}, got ${indices[bad]} (element ${bad})`)
  }
  // Where more lies in `out` than is added, to copy it would cost more than the sums.
  const machine = out.length <= updates.length ? localMachineFor(out) : undefined
  if (machine === undefined) scatterAddRowsInto(out, updates, indices, columns)
  else scatterAddRowsWasm(machine, { out: out as Float32Array, updates: updates as Float32Array, indices, columns })
}

type Sizes = Readonly<Record<string, number>>
/** `out` and another, and how many elements each should have. */
type Arrays = Readonly<Record<string, readonly [array: FloatArray, length: number]>>

/** Throws what is wrong with sizes and arrays. */
function check(where: string, sizes: Sizes, arrays: Arrays): void {
  const [out, x] = Object.values(arrays)
  const fits = Object.values(sizes).every(size => isSize(size)) && sameDtype(out[0], x[0]) &&
    out[0].length === out[1] && x[0].length === x[1]
  if (!fits || overlaps(out[0], x[0])) explain(where, sizes, arrays)
}

/** Throws all that is wrong. */
function explain(where: string, sizes: Sizes, arrays: Arrays): void {
  const faults = new Faults(where)
  const [[, [out]], [name, [x]]] = Object.entries(arrays)
  const whole = Object.entries(sizes).filter(([size, value]) => faults.size(size, value)).map(pair => pair.join('='))
  faults.throwIfAny()
  const like = isFloatArray(out) ? out : new Float32Array(0)
  const axes = whole.join(', ')
  for (const [each, [array, length]] of Object.entries(arrays)) faults.array(each, array, like, length, axes)
  faults.throwIfAny()
  if (overlaps(out, x)) faults.shared(name)
  faults.throwIfAny()
}
