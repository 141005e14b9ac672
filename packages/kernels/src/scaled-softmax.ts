// The public softmax with a factor for each row, which also tells what its rows were divided by: it checks its arrays
// and hands them to a backend.
import { runLocal } from './backend.ts'
import { Faults, overlaps } from './faults.ts'
import { scaledSoftmaxInto } from './javascript/elementwise.ts'
import type { FloatArray } from './types.ts'
import { scaledSoftmaxWasm } from './wasm/scaled-softmax.ts'

/** What a scaled softmax reads and writes; of one dtype, and none of those written shares memory with another. */
export interface ScaledSoftmaxArrays<A extends FloatArray> {
  /** `[rows, columns]`, written. */
  readonly out: A
  /** `[rows]`, written: the largest element of each row. */
  readonly tops: A
  /** `[rows]`, written: the logarithm of the sum of each row. */
  readonly logSums: A
  /** `[rows, columns]`, only read. */
  readonly x: A
  /** `[rows]`, only read. */
  readonly factors: A
}

/**
 * The softmax of each row of `x` times a factor of its own, and the two terms of log sum_j e^x_ij: what a
 * cross-entropy and its gradient need, in one pass over the scores.
 *
 * - tops_i = max_j x_ij, logSums_i = log sum_j e^(x_ij - tops_i)
 * - out_ij = factors_i e^(x_ij - tops_i) / sum_j e^(x_ij - tops_i)
 *
 * A row whose elements are all -Infinity, or that holds +Infinity or NaN, becomes NaN.
 *
 * @throws RangeError when a length or dtype does not fit, or arrays share memory.
 *
 * @example
 * ```ts
 * import { scaledSoftmax } from '@ostinato/kernels'
 *
 * const [out, tops, logSums] = [new Float32Array(2), new Float32Array(1), new Float32Array(1)]
 * scaledSoftmax({ out, tops, logSums, x: Float32Array.of(3, 3), factors: Float32Array.of(8) })
 * out // 4, 4
 * tops // 3
 * Math.abs(logSums[0] - Math.LN2) < 1e-6 // true
 * ```
 */
export function scaledSoftmax<A extends FloatArray>(arrays: ScaledSoftmaxArrays<A>): void {
  check(arrays)
  if (arrays.x.length === 0) {
    arrays.tops.fill(-Infinity)
    arrays.logSums.fill(-Infinity)
    return
  }
  const single = arrays as ScaledSoftmaxArrays<FloatArray> as ScaledSoftmaxArrays<Float32Array>
  runLocal(
    arrays.x,
    (native) => { native.scaledSoftmax(single) },
    (machine) => { scaledSoftmaxWasm(machine, single) },
    () => { scaledSoftmaxInto(arrays) },
  )
}

function check({ out, tops, logSums, x, factors }: ScaledSoftmaxArrays<FloatArray>): void {
  const faults = new Faults('scaledSoftmax')
  faults.array('x', x, x, x.length, 'any')
  faults.throwIfAny()
  const rows = factors.length
  const whole = rows === 0 ? 0 : rows * Math.round(x.length / rows)
  faults.array('factors', factors, x, rows, 'any')
  faults.array('x', x, x, whole, `whole rows, one for each of ${rows} factors`)
  faults.array('out', out, x, x.length, `as x: ${x.length}`)
  faults.array('tops', tops, x, rows, `as factors: ${rows}`)
  faults.array('logSums', logSums, x, rows, `as factors: ${rows}`)
  faults.throwIfAny()
  const all = Object.entries({ out, tops, logSums, x, factors })
  all.slice(0, 3).forEach(([name, array], i) => {
    if (!all.some(([, other], j) => j !== i && overlaps(array, other))) return
    faults.add(`expected ${name} to be apart from the others, got memory shared with one; give it an array of its own`)
  })
  faults.throwIfAny()
}
