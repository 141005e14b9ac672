// Linear autoregression with a penalty. The rows it learns from are made in lagged.ts.
import { failIfAny } from '../check.ts'
import type { Forecaster } from '../forecaster.ts'
import { laggedForecaster, type Design, type LaggedOptions } from './lagged.ts'

/** The form of a ridge autoregression. */
export interface RidgeOptions extends LaggedOptions {
  /**
   * The penalties to choose from, relative to the number of rows; columns have variance 1. Default from 1e-6 to 10 in
   * steps of ten. The one with the least squared error on the last fifth of the training part is taken, and the weights
   * are then fitted to all of it.
   */
  readonly penalties?: readonly number[]
}

/**
 * Autoregression with a ridge penalty (Hoerl and Kennard 1970, "Ridge regression"): `w = (XᵀX + λ n I)⁻¹ Xᵀ y` over
 * lags and known covariates, standardised, and an intercept that is not penalised. Forecasts go on from their own
 * results.
 *
 * @throws RangeError when an option does not fit
 * @example
 * ```ts
 * import { ridgeAutoregression } from '@ostinato/forecasting'
 * const values = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 3))
 * const fitted = await ridgeAutoregression({ lags: 4 }).fit([{ values }], { horizon: 3 })
 * console.assert(Math.abs(fitted.predict([{ values }], 3)[0].mean[2] - Math.sin(62 / 3)) < 0.01)
 * ```
 */
export function ridgeAutoregression(options: RidgeOptions): Forecaster {
  const { penalties = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10] } = options
  if (penalties.length === 0 || !penalties.every((penalty) => penalty > 0 && penalty < Infinity)) {
    failIfAny('ridge autoregression', [`expected finite penalties above 0, got [${penalties.join(', ')}]`])
  }
  return laggedForecaster('ridge autoregression', options, (design) => {
    const cut = Math.max(1, Math.floor(0.8 * design.rows))
    const [head, tail] = [part(design, 0, cut), part(design, cut, design.rows)]
    const early = standardised(head)
    const errors = penalties.map((penalty) => squaredError(ridge(early, penalty), tail))
    return ridge(standardised(design), penalties[errors.indexOf(Math.min(...errors))])
  })
}

const part = ({ columns, x, y }: Design, from: number, to: number): Design =>
  ({ rows: to - from, columns, x: x.subarray(from * columns, to * columns), y: y.subarray(from, to) })

function squaredError(predict: (row: Float64Array) => number, { rows, columns, x, y }: Design): number {
  let sum = 0
  for (let i = 0; i < rows; i++) sum += (y[i] - predict(x.subarray(i * columns, (i + 1) * columns))) ** 2
  return sum / rows
}

interface Moments {
  readonly means: Float64Array
  readonly deviations: Float64Array
  readonly target: number
  /** `XᵀX / n` of standardised columns. */
  readonly gram: Float64Array
  /** `Xᵀy / n`. */
  readonly products: Float64Array
}

/** All that ridge regression needs of the rows, for any penalty. */
function standardised({ rows, columns, x, y }: Design): Moments {
  const [means, deviations] = [new Float64Array(columns), new Float64Array(columns)]
  for (let i = 0; i < x.length; i++) means[i % columns] += x[i] / rows
  for (let i = 0; i < x.length; i++) deviations[i % columns] += (x[i] - means[i % columns]) ** 2 / rows
  // A column without spread says nothing: it gets no weight.
  deviations.forEach((value, j) => (deviations[j] = value > 1e-24 ? Math.sqrt(value) : Infinity))
  const target = y.reduce((sum, value) => sum + value, 0) / rows
  const gram = new Float64Array(columns * columns)
  const [products, row] = [new Float64Array(columns), new Float64Array(columns)]
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) row[j] = (x[i * columns + j] - means[j]) / deviations[j]
    for (let j = 0; j < columns; j++) {
      products[j] += (row[j] * (y[i] - target)) / rows
      for (let k = 0; k <= j; k++) gram[j * columns + k] += (row[j] * row[k]) / rows
    }
  }
  return { means, deviations, target, gram, products }
}

function ridge({ means, deviations, target, gram, products }: Moments, penalty: number): (row: Float64Array) => number {
  const n = means.length
  const a = gram.slice()
  for (let j = 0; j < n; j++) a[j * n + j] += penalty
  const weights = solve(a, products)
  return (row) => {
    let sum = target
    for (let j = 0; j < n; j++) sum += (weights[j] * (row[j] - means[j])) / deviations[j]
    return sum
  }
}

/**
 * Solves `A w = b` for a symmetric positive definite `A`, of which the lower half is read and overwritten (Cholesky).
 */
function solve(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k]
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]
    }
  }
  const w = b.slice()
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) w[i] -= a[i * n + k] * w[k]
    w[i] /= a[i * n + i]
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) w[i] -= a[k * n + i] * w[k]
    w[i] /= a[i * n + i]
  }
  return w
}
