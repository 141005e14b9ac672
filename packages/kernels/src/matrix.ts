// The public matrix product: checks its arguments and hands them to a backend.
import { machineFor, nativeFor } from './backend.ts'
import { Faults, isSize, overlaps, sameDtype } from './faults.ts'
import { multiplyInto } from './javascript/multiply.ts'
import type { FloatArray, MatrixProduct } from './types.ts'
import { multiplyWasm } from './wasm/multiply.ts'

/** Elements in all up to which WebAssembly has read everything before it writes: then buffers are not asked for. */
const SMALL = 32_768

/**
 * The matrix product `out = op(a) op(b)`, or `out += op(a) op(b)` with `accumulate`.
 *
 * out_ij = sum_l op(a)_il op(b)_lj, where op is the transpose when `transposeA` or `transposeB` says so. Everything is
 * row-major: `out` `[m, n]`, `a` `[m, k]` (or `[k, m]`), `b` `[k, n]` (or `[n, k]`). With `k` = 0 the product is zero.
 *
 * @throws RangeError when a size or a length does not fit, or `out` shares memory with `a` or `b`.
 *
 * @example
 * ```ts
 * import { matrixMultiply } from '@ostinato/kernels'
 *
 * const a = Float32Array.of(1, 2, 3, 4) // [[1, 2], [3, 4]]
 * const b = Float32Array.of(5, 6) // [[5], [6]]
 * const out = new Float32Array(2)
 * matrixMultiply(out, a, b, { m: 2, n: 1, k: 2 })
 * out // 17, 39
 * ```
 */
export function matrixMultiply<A extends FloatArray>(out: A, a: A, b: A, product: MatrixProduct): void {
  const { m, n, k, transposeA = false, transposeB = false, accumulate = false, versionB } = product
  const fits =
    isSize(m) && isSize(n) && isSize(k) && sameDtype(out, a) && sameDtype(out, b) &&
    out.length === m * n && a.length === m * k && b.length === k * n
  if (!fits || sharesMemory(out, a, b)) explain(out, a, b, product)
  const forms = { m, n, k, transposeA, transposeB, accumulate, versionB }
  const singles = { out: out as Float32Array, a: a as Float32Array, b: b as Float32Array }
  const native = nativeFor(out)
  const machine = native === undefined ? machineFor(out) : undefined
  if (native !== undefined) native.multiply(singles, forms)
  else if (machine !== undefined) multiplyWasm(machine, singles, forms)
  else {
    multiplyInto({ values: out, at: 0 }, { values: a, at: 0 }, { values: b, at: 0 }, forms)
  }
}

/**
 * Whether `out` shares memory with an operand. To ask for buffers costs more than a small product itself: where all is
 * small and starts its buffer, only the same array counts, as WebAssembly has copied the operands before it writes.
 */
function sharesMemory(out: FloatArray, a: FloatArray, b: FloatArray): boolean {
  const copied = nativeFor(out) === undefined && machineFor(out) !== undefined
  const small = copied && out.length + a.length + b.length <= SMALL
  if (small && out.byteOffset === 0 && a.byteOffset === 0 && b.byteOffset === 0) {
    return out.length > 0 && (out === a || out === b)
  }
  return overlaps(out, a) || overlaps(out, b)
}

/** Throws what is wrong. */
function explain(out: FloatArray, a: FloatArray, b: FloatArray, product: MatrixProduct): void {
  const { m, n, k, transposeA, transposeB } = product
  const faults = new Faults('matrixMultiply')
  const sizes = [faults.size('m', m), faults.size('n', n), faults.size('k', k)]
  if (!sizes.includes(false)) {
    faults.array('out', out, out, m * n, `m=${m}, n=${n}`)
    faults.array('a', a, out, m * k, transposeA === true ? `k=${k}, m=${m}` : `m=${m}, k=${k}`)
    faults.array('b', b, out, k * n, transposeB === true ? `n=${n}, k=${k}` : `k=${k}, n=${n}`)
  }
  faults.throwIfAny()
  for (const [name, operand] of [['a', a], ['b', b]] as const) {
    if (overlaps(out, operand)) {
      faults.add(`expected out to be apart from ${name}, got memory shared by both; give out an array of its own`)
    }
  }
  faults.throwIfAny()
}
