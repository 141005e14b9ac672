// The public matrix product: checks its arguments and hands them to a backend.
import { machineFor, nativeFor } from './backend.ts'
import { Faults, isSize, overlaps, sameDtype } from './faults.ts'
import { multiplyInto } from './javascript/multiply.ts'
import type { AffineProduct, FloatArray, ProductArrays } from './types.ts'
import { multiplyWasm } from './wasm/multiply.ts'

/** Elements in all up to which WebAssembly has read everything before it writes: then buffers are not asked for. */
const SMALL = 32_768

/**
 * The matrix product `out = op(a) op(b)`, or `out += op(a) op(b)` with `accumulate`, or with `bias` that plus `bias` in
 * each row.
 *
 * out_ij = sum_l op(a)_il op(b)_lj, where op is the transpose when `transposeA` or `transposeB` says so. Everything is
 * row-major: `out` `[m, n]`, `a` `[m, k]` (or `[k, m]`), `b` `[k, n]` (or `[n, k]`). With `k` = 0 the product is zero.
 *
 * @throws RangeError when a size or a length does not fit, `out` shares memory with another array, or there are both
 * `bias` and `accumulate`.
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
export function matrixMultiply<A extends FloatArray>(
  out: A, a: A, b: A, product: AffineProduct<NoInfer<A>>,
): void {
  const { m, n, k, transposeA = false, transposeB = false, accumulate = false, bias, versionB } = product
  const fits =
    isSize(m) && isSize(n) && isSize(k) && sameDtype(out, a) && sameDtype(out, b) &&
    out.length === m * n && a.length === m * k && b.length === k * n
  const starts = bias === undefined || (!accumulate && sameDtype(out, bias) && bias.length === n)
  if (!fits || !starts || sharesMemory(out, a, b, bias)) explain(out, a, b, product)
  const arrays: ProductArrays<FloatArray> = { out, a, b, bias }
  const singles = arrays as ProductArrays<Float32Array>
  const native = nativeFor(out)
  const machine = native === undefined ? machineFor(out) : undefined
  const forms = { m, n, k, transposeA, transposeB, accumulate, versionB }
  if (native !== undefined) native.multiply(singles, forms)
  else if (machine !== undefined) multiplyWasm(machine, singles, forms)
  else {
    if (bias !== undefined) {
      repeat(out, bias)
      forms.accumulate = true
    }
    multiplyInto({ values: out, at: 0 }, { values: a, at: 0 }, { values: b, at: 0 }, forms)
  }
}

/** Fills `out` with `row` again and again, by copies that double. */
function repeat(out: FloatArray, row: FloatArray): void {
  if (out.length === 0) return
  out.set(row)
  for (let done = row.length; done < out.length; done *= 2) out.copyWithin(done, 0, out.length - done)
}

/**
 * Whether `out` shares memory with an operand. To ask for buffers costs more than a small product itself: where all is
 * small and starts its buffer, only the same array counts, as WebAssembly has copied the operands before it writes.
 */
function sharesMemory(out: FloatArray, a: FloatArray, b: FloatArray, bias: FloatArray = b): boolean {
  const copied = nativeFor(out) === undefined && machineFor(out) !== undefined
  const small = copied && out.length + a.length + b.length <= SMALL
  if (small && out.byteOffset === 0 && a.byteOffset === 0 && b.byteOffset === 0 && bias.byteOffset === 0) {
    return out.length > 0 && (out === a || out === b || out === bias)
  }
  return overlaps(out, a) || overlaps(out, b) || overlaps(out, bias)
}

/** Throws what is wrong. */
function explain(out: FloatArray, a: FloatArray, b: FloatArray, product: AffineProduct<FloatArray>): void {
  const { m, n, k, transposeA, transposeB, accumulate, bias } = product
  const faults = new Faults('matrixMultiply')
  const sizes = [faults.size('m', m), faults.size('n', n), faults.size('k', k)]
  if (!sizes.includes(false)) {
    faults.array('out', out, out, m * n, `m=${m}, n=${n}`)
    faults.array('a', a, out, m * k, transposeA === true ? `k=${k}, m=${m}` : `m=${m}, k=${k}`)
    faults.array('b', b, out, k * n, transposeB === true ? `n=${n}, k=${k}` : `k=${k}, n=${n}`)
    if (bias !== undefined) faults.array('bias', bias, out, n, `n=${n}`)
  }
  if (bias !== undefined && accumulate === true) faults.add('expected either bias or accumulate, got both')
  faults.throwIfAny()
  for (const [name, operand] of Object.entries({ a, b, ...(bias && { bias }) })) {
    if (overlaps(out, operand)) faults.shared(name)
  }
  faults.throwIfAny()
}
