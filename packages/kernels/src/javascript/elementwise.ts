// Elementwise functions and row-wise softmax in plain JavaScript: the reference, the float64 path and the fallback.
import type { ScaledSoftmaxArrays } from '../scaled-softmax.ts'
import type { FloatArray } from '../types.ts'
import { exp, log, sigmoid, tanh } from './maths.ts'

export function expInto(out: FloatArray, x: FloatArray): void {
  for (let i = 0; i < x.length; i += 1) out[i] = exp(x[i])
}

export function tanhInto(out: FloatArray, x: FloatArray): void {
  for (let i = 0; i < x.length; i += 1) out[i] = tanh(x[i])
}

export function sigmoidInto(out: FloatArray, x: FloatArray): void {
  for (let i = 0; i < x.length; i += 1) out[i] = sigmoid(x[i])
}

/** softmax(x)_j = exp(x_j - max x) / sum_i exp(x_i - max x), row by row. */
export function softmaxInto(out: FloatArray, x: FloatArray, rows: number, columns: number): void {
  for (let r = 0; r < rows; r += 1) {
    const start = r * columns
    const end = start + columns
    const largest = maximum(x, start, end)
    const sum = exponentials(out, x, [start, end], largest)
    for (let i = start; i < end; i += 1) out[i] /= sum
  }
}

/** The softmax of each row times its own factor, the largest elements and the logarithms of the sums. */
export function scaledSoftmaxInto({ out, tops, logSums, x, factors }: ScaledSoftmaxArrays<FloatArray>): void {
  const columns = x.length / factors.length
  for (let r = 0; r < factors.length; r += 1) {
    const start = r * columns
    const end = start + columns
    const largest = maximum(x, start, end)
    const sum = exponentials(out, x, [start, end], largest)
    const scale = factors[r] / sum
    for (let i = start; i < end; i += 1) out[i] *= scale
    tops[r] = largest
    logSums[r] = log(sum)
  }
}

/** logSoftmax(x)_j = (x_j - max x) - log sum_i exp(x_i - max x), row by row. */
export function logSoftmaxInto(out: FloatArray, x: FloatArray, rows: number, columns: number): void {
  for (let r = 0; r < rows; r += 1) {
    const start = r * columns
    const end = start + columns
    const largest = maximum(x, start, end)
    let sum = 0
    for (let i = start; i < end; i += 1) sum += exp(x[i] - largest)
    const logSum = log(sum)
    for (let i = start; i < end; i += 1) out[i] = x[i] - largest - logSum
  }
}

/** Fills a row with e^(x - largest), and gives their sum. */
function exponentials(
  out: FloatArray, x: FloatArray, [start, end]: readonly [start: number, end: number], largest: number,
): number {
  let sum = 0
  for (let i = start; i < end; i += 1) {
    const e = exp(x[i] - largest)
    out[i] = e
    sum += e
  }
  return sum
}

function maximum(x: FloatArray, start: number, end: number): number {
  let largest = -Infinity
  for (let i = start; i < end; i += 1) if (x[i] > largest) largest = x[i]
  return largest
}
