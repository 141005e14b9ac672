// The nonlinear functions between the layers of a network, element by element. Softmax has a file of its own.
import * as kernels from '@ostinato/kernels'
import { allocate, type DataOf, type FloatDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { none, type None } from '../operations.ts'
import { record, type OperationName } from '../record.ts'
import { erf as erfOf } from '../special.ts'
import { formatShape, sameShape } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import type { Operations } from '../operations.ts'
import { multiply } from './arithmetic.ts'
import { checkFloat, checkSame } from './operand.ts'

/** The form of `leakyRelu`. */
export interface LeakyReluOptions {
  /** What values below 0 are multiplied by. Default 0.01. */
  readonly slope?: number | undefined
}

/** The form of `elu`. */
export interface EluOptions {
  /** How far below 0 it goes. Default 1. */
  readonly alpha?: number | undefined
}

/** How `gelu` is computed: from the error function, or from its approximation by tanh. */
export type GeluApproximation = 'none' | 'tanh'

/** The form of `gelu`. */
export interface GeluOptions {
  /** Default `none`. */
  readonly approximate?: GeluApproximation | undefined
}

export interface ActivationOperations {
  relu: None
  reluInputGradient: None
  sigmoid: None
  tanh: None
  erf: None
  leakyRelu: { readonly slope: number }
  elu: { readonly alpha: number }
  gelu: { readonly approximate: GeluApproximation }
  softplus: { readonly beta: number; readonly threshold: number }
}

type Floats = DataOf<FloatDType>

/** Computes `name` by `loop`, which fills its first argument. */
function apply<K extends OperationName, D extends FloatDType>(
  name: K,
  x: Tensor<D>,
  attributes: Operations[K],
  loop: (out: Floats, x: Floats, attributes: Operations[K]) => void,
): Tensor<D> {
  checkFloat(name, x)
  const out = new Tensor(allocate(x.dtype, x.size), x.shape, x.dtype)
  loop(out.data, x.data, attributes)
  return record(name, [x], out, attributes)
}

/**
 * `max(x, 0)`. Its gradient at 0 is 0.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { relu, tensor } from '@ostinato/tensor'
 * console.assert(String(relu(tensor([-2, 3])).toArray()) === '0,3')
 * ```
 */
export function relu<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return apply('relu', x, none, reluLoop)
}

// In float32 by its bits, without a jump that the signs of real data would make unpredictable. NaN stays.
function reluLoop(out: Floats, x: Floats): void {
  if (x instanceof Float32Array) {
    const from = new Int32Array(x.buffer, x.byteOffset, x.length)
    const to = new Int32Array(out.buffer, out.byteOffset, out.length)
    for (let i = 0; i < x.length; i++) to[i] = from[i] & (Number(x[i] <= 0) - 1)
  } else for (let i = 0; i < x.length; i++) out[i] = x[i] <= 0 ? 0 : x[i]
}

/**
 * `gradient` where `y` is above 0, and 0 elsewhere: the gradient of `relu` in its input, `y` being its result or its
 * input.
 * @throws ShapeError when shapes or element types differ
 * @example
 * ```ts
 * import { reluInputGradient, tensor } from '@ostinato/tensor'
 * console.assert(String(reluInputGradient(tensor([5, 6]), tensor([0, 3])).toArray()) === '0,6')
 * ```
 */
export function reluInputGradient<D extends FloatDType>(gradient: Tensor<D>, y: Tensor<D>): Tensor<D> {
  const where = 'reluInputGradient'
  checkFloat(where, gradient)
  checkSame(where, gradient, y)
  if (!sameShape(gradient.shape, y.shape)) {
    fail(where, `expected a gradient of the shape ${formatShape(y.shape)} of y, got ${formatShape(gradient.shape)}`)
  }
  const out = new Tensor(allocate(y.dtype, y.size), y.shape, y.dtype)
  keepPositive(out.data, gradient.data, y.data)
  return record(where, [gradient, y], out, none)
}

function keepPositive(out: Floats, gradient: Floats, y: Floats): void {
  if (y instanceof Float32Array) {
    const from = new Int32Array(gradient.buffer, gradient.byteOffset, gradient.length)
    const to = new Int32Array(out.buffer, out.byteOffset, out.length)
    for (let i = 0; i < y.length; i++) to[i] = from[i] & -Number(y[i] > 0)
  } else for (let i = 0; i < y.length; i++) out[i] = y[i] > 0 ? gradient[i] : 0
}

/**
 * `1 / (1 + e^-x)`.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { sigmoid, tensor } from '@ostinato/tensor'
 * console.assert(sigmoid(tensor([0])).item() === 0.5)
 * ```
 */
export function sigmoid<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return apply('sigmoid', x, none, kernels.sigmoid<Floats>)
}

/**
 * The hyperbolic tangent.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { tanh, tensor } from '@ostinato/tensor'
 * console.assert(tanh(tensor([0])).item() === 0)
 * ```
 */
export function tanh<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return apply('tanh', x, none, kernels.tanh<Floats>)
}

/**
 * The error function `2/√π ∫₀ˣ exp(-t²) dt`; W. J. Cody 1969, "Rational Chebyshev approximations for the error
 * function".
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { erf, tensor } from '@ostinato/tensor'
 * console.assert(Math.abs(erf(tensor([1])).item() - 0.8427008) < 1e-6)
 * ```
 */
export function erf<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return apply('erf', x, none, erfLoop)
}

function erfLoop(out: Floats, x: Floats): void {
  for (let i = 0; i < x.length; i++) out[i] = erfOf(x[i])
}

/**
 * `x` above 0, else `slope * x` (default slope 0.01). Maas et al. 2013, "Rectifier nonlinearities improve neural
 * network acoustic models".
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { leakyRelu, tensor } from '@ostinato/tensor'
 * console.assert(String(leakyRelu(tensor([-4, 2]), { slope: 0.5 }).toArray()) === '-2,2')
 * ```
 */
export function leakyRelu<D extends FloatDType>(x: Tensor<D>, { slope = 0.01 }: LeakyReluOptions = {}): Tensor<D> {
  return apply('leakyRelu', x, { slope }, leakyReluLoop)
}

function leakyReluLoop(out: Floats, x: Floats, { slope }: ActivationOperations['leakyRelu']): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i] > 0 ? x[i] : slope * x[i]
}

/**
 * `x` above 0, else `alpha * (e^x - 1)` (default alpha 1). Clevert et al. 2016, "Fast and accurate deep network
 * learning by exponential linear units".
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { elu, tensor } from '@ostinato/tensor'
 * console.assert(String(elu(tensor([-Infinity, 2]), { alpha: 3 }).toArray()) === '-3,2')
 * ```
 */
export function elu<D extends FloatDType>(x: Tensor<D>, { alpha = 1 }: EluOptions = {}): Tensor<D> {
  return apply('elu', x, { alpha }, eluLoop)
}

function eluLoop(out: Floats, x: Floats, { alpha }: ActivationOperations['elu']): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i] > 0 ? x[i] : alpha * Math.expm1(x[i])
}

/**
 * `x Φ(x)`, where `Φ` is the distribution function of the standard normal; with `approximate: 'tanh'`
 * `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`. Hendrycks & Gimpel 2016, "Gaussian error linear units".
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { gelu, tensor } from '@ostinato/tensor'
 * console.assert(Math.abs(gelu(tensor([1])).item() - 0.8413447) < 1e-6)
 * ```
 */
export function gelu<D extends FloatDType>(x: Tensor<D>, { approximate = 'none' }: GeluOptions = {}): Tensor<D> {
  return apply('gelu', x, { approximate }, approximate === 'tanh' ? geluTanhLoop : geluLoop)
}

function geluLoop(out: Floats, x: Floats): void {
  for (let i = 0; i < x.length; i++) out[i] = 0.5 * x[i] * (1 + erfOf(x[i] * Math.SQRT1_2))
}

// (1 + tanh u) / 2 = sigmoid(2u)
function geluTanhLoop(out: Floats, x: Floats): void {
  const scale = 2 * Math.sqrt(2 / Math.PI)
  for (let i = 0; i < x.length; i++) out[i] = scale * x[i] * (1 + 0.044715 * x[i] * x[i])
  kernels.sigmoid(out, out)
  for (let i = 0; i < x.length; i++) out[i] *= x[i]
}

/**
 * `x sigmoid(x)`. Elfwing et al. 2018, "Sigmoid-weighted linear units for neural network function approximation".
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { silu, tensor } from '@ostinato/tensor'
 * console.assert(silu(tensor([0])).item() === 0)
 * ```
 */
export function silu<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  checkFloat('silu', x)
  return multiply(x, sigmoid(x))
}

/** The form of `softplus`. */
export interface SoftplusOptions {
  /** How sharply it bends. Default 1. */
  readonly beta?: number | undefined
  /** Above this value of `beta x` it is the identity. Default 20. */
  readonly threshold?: number | undefined
}

/**
 * `ln(1 + e^(beta x)) / beta`, and `x` where `beta x` is above `threshold`, as PyTorch does it. Dugas et al. 2001,
 * "Incorporating second-order functional knowledge for better option pricing".
 * @throws ShapeError when `beta` is 0 or `x` is not of floating-point type
 * @example
 * ```ts
 * import { softplus, tensor } from '@ostinato/tensor'
 * console.assert(Math.abs(softplus(tensor([0])).item() - Math.LN2) < 1e-6)
 * ```
 */
export function softplus<D extends FloatDType>(
  x: Tensor<D>,
  { beta = 1, threshold = 20 }: SoftplusOptions = {},
): Tensor<D> {
  if (beta === 0) fail('softplus', 'expected a beta other than 0, got 0')
  return apply('softplus', x, { beta, threshold }, softplusLoop)
}

function softplusLoop(out: Floats, x: Floats, { beta, threshold }: ActivationOperations['softplus']): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i] * beta > threshold ? x[i] : Math.log1p(Math.exp(x[i] * beta)) / beta
}
