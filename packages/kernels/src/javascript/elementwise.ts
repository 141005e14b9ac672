// Elementwise functions and row-wise softmax in plain JavaScript: the reference, the float64 path and the fallback.
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
    let sum = 0
    for (let i = start; i < end; i += 1) {
      const e = exp(x[i] - largest)
      out[i] = e
      sum += e
    }
    for (let i = start; i < end; i += 1) out[i] /= sum
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

function maximum(x: FloatArray, start: number, end: number): number {
  let largest = -Infinity
  for (let i = start; i < end; i += 1) if (x[i] > largest) largest = x[i]
  return largest
}
