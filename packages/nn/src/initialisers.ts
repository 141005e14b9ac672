// Starting values of weights. A layer chooses one by default and takes another as its `initialiser`; nothing here knows
// a layer.
import {
  allocate, formatShape, ShapeError, sizeOf, Tensor, type FloatDType, type Rng, type Shape,
} from '@ostinato/tensor'

/** What every initialiser needs: where its random numbers come from, and the element type (default float32). */
export interface InitialiserOptions<D extends FloatDType = FloatDType> {
  readonly rng: Rng
  readonly dtype?: D
}

/** The options of an initialiser that scales its values. */
export interface GainOptions<D extends FloatDType = FloatDType> extends InitialiserOptions<D> {
  /** A factor on the standard deviation, made up for what the activation after it shrinks. Default: see each. */
  readonly gain?: number
}

/** A function from a shape to starting values. */
export type Initialiser = (shape: Shape, options: InitialiserOptions) => Tensor

/**
 * How many inputs reach one output of a weight (`fanIn`), and how many outputs one input reaches (`fanOut`). Weights
 * have PyTorch's layout `[out, in, ...kernel]`; the size of the kernel multiplies both.
 *
 * @throws ShapeError when `shape` has fewer than two axes
 */
export function fans(where: string, shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  if (shape.length < 2) {
    throw new ShapeError(where, [`expected a weight [out, in, ...kernel], got ${formatShape(shape)}: it has no fan-in`])
  }
  const kernel = sizeOf(shape.slice(2))
  return { fanIn: shape[1] * kernel, fanOut: shape[0] * kernel }
}

/** The range of `uniform`. */
export interface UniformInitialiserOptions<D extends FloatDType = FloatDType> extends InitialiserOptions<D> {
  /** Default -1. */
  readonly low?: number
  /** Default 1. */
  readonly high?: number
}

/** The distribution of `normal`. */
export interface NormalInitialiserOptions<D extends FloatDType = FloatDType> extends InitialiserOptions<D> {
  /** Default 0. */
  readonly mean?: number
  /** The standard deviation. Default 1. */
  readonly deviation?: number
}

/**
 * Values spread evenly from `low` up to `high`.
 * @example
 * ```ts
 * import { uniform } from '@ostinato/nn'
 * import { Rng } from '@ostinato/tensor'
 * const weight = uniform([4, 3], { rng: new Rng(0), low: -0.1, high: 0.1 })
 * console.assert(weight.data.every((w) => Math.abs(w) <= 0.1))
 * ```
 */
export function uniform<D extends FloatDType = 'float32'>(shape: Shape, options: UniformInitialiserOptions<D>): Tensor<D> {
  const { rng, low = -1, high = 1, dtype = 'float32' as D } = options
  return rng.uniform(shape, { low, high, dtype })
}

/**
 * Normally distributed values.
 * @example
 * ```ts
 * import { Embedding, normal } from '@ostinato/nn'
 * import { Rng } from '@ostinato/tensor'
 * const small = new Embedding(100, 8, {
 *   rng: new Rng(0),
 *   initialiser: (shape, options) => normal(shape, { ...options, deviation: 0.02 }),
 * })
 * console.assert(small.weight.data.every((w) => Math.abs(w) < 0.2))
 * ```
 */
export function normal<D extends FloatDType = 'float32'>(shape: Shape, options: NormalInitialiserOptions<D>): Tensor<D> {
  const { rng, mean = 0, deviation = 1, dtype = 'float32' as D } = options
  return rng.normal(shape, { mean, deviation, dtype })
}

/**
 * `U(-1/sqrt(fanIn), 1/sqrt(fanIn))`: what PyTorch's `Linear` and convolutions start with
 * (`torch.nn.init.kaiming_uniform_` with `a = sqrt(5)`), after LeCun et al. 1998, "Efficient BackProp", §4.6. The
 * default of this package's layers.
 *
 * @throws ShapeError when `shape` has fewer than two axes
 * @example
 * ```ts
 * import { fanInUniform } from '@ostinato/nn'
 * import { Rng } from '@ostinato/tensor'
 * const weight = fanInUniform([8, 100], { rng: new Rng(0) })
 * console.assert(weight.data.every((w) => Math.abs(w) <= 0.1))
 * ```
 */
export function fanInUniform<D extends FloatDType = 'float32'>(shape: Shape, options: GainOptions<D>): Tensor<D> {
  const { gain = 1 } = options
  return symmetric(shape, gain / Math.sqrt(fans('fanInUniform', shape).fanIn), options)
}

/**
 * `U(-a, a)` with `a = gain sqrt(6 / (fanIn + fanOut))`, variance `2 gain² / (fanIn + fanOut)`: Glorot and Bengio 2010,
 * "Understanding the difficulty of training deep feedforward neural networks", eq. 16. For tanh and sigmoid.
 *
 * @throws ShapeError when `shape` has fewer than two axes
 * @example
 * ```ts
 * import { glorotUniform, Linear } from '@ostinato/nn'
 * import { Rng } from '@ostinato/tensor'
 * const layer = new Linear(64, 32, { rng: new Rng(0), initialiser: glorotUniform })
 * console.assert(layer.weight.data.every((w) => Math.abs(w) <= Math.sqrt(6 / 96)))
 * ```
 */
export function glorotUniform<D extends FloatDType = 'float32'>(shape: Shape, options: GainOptions<D>): Tensor<D> {
  const { fanIn, fanOut } = fans('glorotUniform', shape)
  const { gain = 1 } = options
  return symmetric(shape, gain * Math.sqrt(6 / (fanIn + fanOut)), options)
}

/**
 * `N(0, 2 gain² / (fanIn + fanOut))`: Glorot and Bengio 2010, eq. 12.
 * @throws ShapeError when `shape` has fewer than two axes
 * @example
 * ```ts
 * import { glorotNormal } from '@ostinato/nn'
 * import { Rng } from '@ostinato/tensor'
 * const weight = glorotNormal([8, 4, 3], { rng: new Rng(0), dtype: 'float64' })
 * console.assert(weight.shape.join() === '8,4,3')
 * ```
 */
export function glorotNormal<D extends FloatDType = 'float32'>(shape: Shape, options: GainOptions<D>): Tensor<D> {
  const { fanIn, fanOut } = fans('glorotNormal', shape)
  const { gain = 1 } = options
  return normal(shape, { ...options, deviation: gain * Math.sqrt(2 / (fanIn + fanOut)) })
}

/**
 * `U(-a, a)` with `a = gain sqrt(3 / fanIn)`, variance `gain² / fanIn`; gain `sqrt(2)` unless said otherwise, for ReLU:
 * He et al. 2015, "Delving deep into rectifiers", eq. 10.
 *
 * @throws ShapeError when `shape` has fewer than two axes
 * @example
 * ```ts
 * import { heUniform } from '@ostinato/nn'
 * import { Rng } from '@ostinato/tensor'
 * const weight = heUniform([8, 6], { rng: new Rng(0) })
 * console.assert(weight.data.every((w) => Math.abs(w) <= 1))
 * ```
 */
export function heUniform<D extends FloatDType = 'float32'>(shape: Shape, options: GainOptions<D>): Tensor<D> {
  const { gain = Math.SQRT2 } = options
  return symmetric(shape, gain * Math.sqrt(3 / fans('heUniform', shape).fanIn), options)
}

/**
 * `N(0, gain² / fanIn)`; gain `sqrt(2)` unless said otherwise, for ReLU: He et al. 2015, eq. 10.
 * @throws ShapeError when `shape` has fewer than two axes
 * @example
 * ```ts
 * import { heNormal, Linear } from '@ostinato/nn'
 * import { Rng } from '@ostinato/tensor'
 * const layer = new Linear(64, 32, { rng: new Rng(0), initialiser: heNormal })
 * console.assert(layer.weight.shape.join() === '32,64')
 * ```
 */
export function heNormal<D extends FloatDType = 'float32'>(shape: Shape, options: GainOptions<D>): Tensor<D> {
  const { gain = Math.SQRT2 } = options
  return normal(shape, { ...options, deviation: gain / Math.sqrt(fans('heNormal', shape).fanIn) })
}

function symmetric<D extends FloatDType>(shape: Shape, bound: number, options: InitialiserOptions<D>): Tensor<D> {
  return uniform(shape, { ...options, low: -bound, high: bound })
}

/**
 * A matrix with orthonormal rows or columns, whichever are fewer, times `gain`; axes after the first are taken as one.
 * It keeps the length of what it multiplies, which suits recurrent weights: Saxe et al. 2014, "Exact solutions to the
 * nonlinear dynamics of learning in deep linear neural networks", §3. Uniform over such matrices, as the orthogonal
 * factor of a matrix of normal values with a positive diagonal in the triangular one (Mezzadri 2007, "How to generate
 * random matrices from the classical compact groups").
 *
 * @throws ShapeError when `shape` has fewer than two axes
 * @example
 * ```ts
 * import { orthogonal } from '@ostinato/nn'
 * import { Rng } from '@ostinato/tensor'
 * const [[a, b], [c, d]] = orthogonal([2, 2], { rng: new Rng(0), dtype: 'float64' }).toArray() as number[][]
 * console.assert(Math.abs(a * c + b * d) < 1e-12 && Math.abs(a * a + b * b - 1) < 1e-12)
 * ```
 */
export function orthogonal<D extends FloatDType = 'float32'>(shape: Shape, options: GainOptions<D>): Tensor<D> {
  const { rng, gain = 1, dtype = 'float32' as D } = options
  if (shape.length < 2) {
    throw new ShapeError('orthogonal', [`expected at least two axes, got ${formatShape(shape)}`])
  }
  const rows = shape[0]
  const columns = sizeOf(shape.slice(1))
  const count = Math.min(rows, columns)
  const length = Math.max(rows, columns)
  const vectors = rng.normal([count, length], { dtype: 'float64' }).data
  orthonormalise(vectors, count, length)
  const out = new Tensor(allocate(dtype, rows * columns), shape, dtype)
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < length; j++) {
      out.data[rows <= columns ? i * columns + j : j * columns + i] = gain * vectors[i * length + j]
    }
  }
  return out
}

/**
 * Makes the `count` rows of `vectors` orthonormal: Gram-Schmidt, each row taken twice so that rounding does not add up
 * (Giraud et al. 2005, "Rounding error analysis of the classical Gram-Schmidt orthogonalization process").
 */
function orthonormalise(vectors: Float64Array, count: number, length: number): void {
  for (let i = 0; i < count; i++) {
    const current = vectors.subarray(i * length, (i + 1) * length)
    for (let pass = 0; pass < 2; pass++) {
      const whole = i - (i % 4)
      for (let j = 0; j < whole; j += 4) removeFour(current, vectors, j * length)
      for (let j = whole; j < i; j++) remove(current, vectors.subarray(j * length, (j + 1) * length))
    }
    const norm = Math.sqrt(dot(current, current))
    for (let k = 0; k < length; k++) current[k] /= norm
  }
}

/** Takes from `current` its part along each of the four rows that begin at `from`: one walk over memory for all. */
function removeFour(current: Float64Array, rows: Float64Array, from: number): void {
  const { length } = current
  const [second, third, fourth] = [from + length, from + 2 * length, from + 3 * length]
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let k = 0; k < length; k++) {
    const value = current[k]
    a += value * rows[from + k]
    b += value * rows[second + k]
    c += value * rows[third + k]
    d += value * rows[fourth + k]
  }
  for (let k = 0; k < length; k++) {
    current[k] -= a * rows[from + k] + b * rows[second + k] + (c * rows[third + k] + d * rows[fourth + k])
  }
}

/** Takes from `current` its part along `row`. */
function remove(current: Float64Array, row: Float64Array): void {
  const overlap = dot(current, row)
  for (let k = 0; k < current.length; k++) current[k] -= overlap * row[k]
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}
