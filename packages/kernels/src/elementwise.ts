// The public elementwise functions and softmax: they check their arguments and hand them to a backend.
import { runLocal } from './backend.ts'
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
  run('exp', out, x, expInto)
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
  run('tanh', out, x, tanhInto)
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
  run('sigmoid', out, x, sigmoidInto)
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
  runRows('softmax', { out, x, rows, columns }, softmaxInto)
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
  runRows('logSoftmax', { out, x, rows, columns }, logSoftmaxInto)
}

function run(
  name: 'exp' | 'tanh' | 'sigmoid', out: FloatArray, x: FloatArray, javascript: (out: FloatArray, x: FloatArray) => void,
): void {
  check(name, out, x)
  const [to, from] = [out as Float32Array, x as Float32Array]
  runLocal(
    x,
    (native) => { native.elementwise(name, to, from) },
    (machine) => { elementwiseWasm(machine, name, to, from) },
    () => { javascript(out, x) },
  )
}

/** What a function of rows is given. */
interface Rows {
  readonly out: FloatArray
  readonly x: FloatArray
  readonly rows: number
  readonly columns: number
}

function runRows(
  name: 'softmax' | 'logSoftmax', { out, x, rows, columns }: Rows,
  javascript: (out: FloatArray, x: FloatArray, rows: number, columns: number) => void,
): void {
  checkRows(name, out, x, rows, columns)
  const [to, from] = [out as Float32Array, x as Float32Array]
  const form = { columns, logarithm: name === 'logSoftmax' }
  runLocal(
    x,
    (native) => { native.softmax(to, from, form) },
    (machine) => { softmaxWasm(machine, to, from, form) },
    () => { javascript(out, x, rows, columns) },
  )
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
