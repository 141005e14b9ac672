// The public elementwise functions and softmax: they check their arguments and hand them to a backend.
import { localMachineFor, nativeFor } from './backend.ts'
import { Faults, isFloatArray, isSize, overlaps, sameDtype } from './faults.ts'
import { expInto, logSoftmaxInto, sigmoidInto, softmaxInto, tanhInto } from './javascript/elementwise.ts'
import type { FloatArray } from './types.ts'
import { elementwiseWasm, softmaxWasm } from './wasm/elementwise.ts'

/**
 * `out` = e^`x`, element by element. `out` may be `x` itself.
 *
 * @throws RangeError when the lengths or dtypes differ, or the arrays overlap in part.
 *
 * @example
 * ```ts
 * import { exp } from '@ostinato/kernels'
 *
 * const x = Float32Array.of(0, -Infinity)
 * exp(x, x)
 * x // 1, 0
 * ```
 */
export function exp<A extends FloatArray>(out: A, x: A): void {
  check('exp', out, x)
  if (!elementwiseFast('exp', out, x)) expInto(out, x)
}

/**
 * `out` = tanh `x` = (e^2x - 1) / (e^2x + 1), element by element. `out` may be `x` itself.
 *
 * @throws RangeError when the lengths or dtypes differ, or the arrays overlap in part.
 *
 * @example
 * ```ts
 * import { tanh } from '@ostinato/kernels'
 *
 * const x = Float32Array.of(0, Infinity)
 * tanh(x, x)
 * x // 0, 1
 * ```
 */
export function tanh<A extends FloatArray>(out: A, x: A): void {
  check('tanh', out, x)
  if (!elementwiseFast('tanh', out, x)) tanhInto(out, x)
}

/**
 * `out` = 1 / (1 + e^-`x`), element by element. `out` may be `x` itself.
 *
 * @throws RangeError when the lengths or dtypes differ, or the arrays overlap in part.
 *
 * @example
 * ```ts
 * import { sigmoid } from '@ostinato/kernels'
 *
 * const x = Float32Array.of(0, Infinity)
 * sigmoid(x, x)
 * x // 0.5, 1
 * ```
 */
export function sigmoid<A extends FloatArray>(out: A, x: A): void {
  check('sigmoid', out, x)
  if (!elementwiseFast('sigmoid', out, x)) sigmoidInto(out, x)
}

/**
 * The softmax of each row of `x` `[rows, columns]`: out_j = e^(x_j - max x) / sum_i e^(x_i - max x). `out` may be `x`.
 *
 * A row whose elements are all -Infinity, or that holds +Infinity or NaN, becomes NaN.
 *
 * @throws RangeError when a size, length or dtype does not fit, or the arrays overlap in part.
 *
 * @example
 * ```ts
 * import { softmax } from '@ostinato/kernels'
 *
 * const x = Float32Array.of(1, 1, 0, -Infinity)
 * softmax(x, x, 2, 2)
 * x // 0.5, 0.5, 1, 0
 * ```
 */
export function softmax<A extends FloatArray>(out: A, x: A, rows: number, columns: number): void {
  checkRows('softmax', out, x, rows, columns)
  if (!softmaxFast(out, x, { columns, logarithm: false })) softmaxInto(out, x, rows, columns)
}

/**
 * The logarithm of {@link softmax}, without its loss of precision:
 * out_j = (x_j - max x) - log sum_i e^(x_i - max x). `out` may be `x`.
 *
 * @throws RangeError when a size, length or dtype does not fit, or the arrays overlap in part.
 *
 * @example
 * ```ts
 * import { logSoftmax } from '@ostinato/kernels'
 *
 * const x = Float32Array.of(0, -Infinity)
 * logSoftmax(x, x, 1, 2)
 * x // 0, -Infinity
 * ```
 */
export function logSoftmax<A extends FloatArray>(out: A, x: A, rows: number, columns: number): void {
  checkRows('logSoftmax', out, x, rows, columns)
  if (!softmaxFast(out, x, { columns, logarithm: true })) logSoftmaxInto(out, x, rows, columns)
}

/** Computes in machine code or WebAssembly, where the arrays and the backend allow; says whether it did. */
function elementwiseFast(name: 'exp' | 'tanh' | 'sigmoid', out: FloatArray, x: FloatArray): boolean {
  const [to, from] = [out as Float32Array, x as Float32Array]
  const native = nativeFor(x)
  const machine = native === undefined ? localMachineFor(x) : undefined
  if (native !== undefined) native.elementwise(name, to, from)
  else if (machine !== undefined) elementwiseWasm(machine, name, to, from)
  return native !== undefined || machine !== undefined
}

function softmaxFast(
  out: FloatArray, x: FloatArray, form: { readonly columns: number; readonly logarithm: boolean },
): boolean {
  const [to, from] = [out as Float32Array, x as Float32Array]
  const native = nativeFor(x)
  const machine = native === undefined ? localMachineFor(x) : undefined
  if (native !== undefined) native.softmax(to, from, form)
  else if (machine !== undefined) softmaxWasm(machine, to, from, form)
  return native !== undefined || machine !== undefined
}

function check(where: string, out: FloatArray, x: FloatArray): void {
  if (sameDtype(out, x) && out.length === x.length && !cross(out, x)) return
  const faults = new Faults(where)
  faults.array('x', x, x, x.length, 'any')
  faults.throwIfAny()
  faults.array('out', out, x, x.length, `as x: ${x.length}`)
  faults.throwIfAny()
  faults.add('expected out to be x or to lie apart from it, got two views that overlap')
  faults.throwIfAny()
}

/** Whether two arrays of one length share memory without starting at the same place. */
function cross(a: FloatArray, b: FloatArray): boolean {
  return a.byteOffset !== b.byteOffset && overlaps(a, b)
}

function checkRows(where: string, out: FloatArray, x: FloatArray, rows: number, columns: number): void {
  if (!isFloatArray(x) || !isSize(rows) || !isSize(columns) || rows * columns !== x.length) {
    const faults = new Faults(where)
    const sizes = [faults.size('rows', rows), faults.size('columns', columns)]
    if (!sizes.includes(false)) faults.array('x', x, x, rows * columns, `rows=${rows}, columns=${columns}`)
    faults.throwIfAny()
  }
  check(where, out, x)
}
