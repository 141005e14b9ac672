// Functions of one argument, element by element. The activations of neural networks have a file of their own.
import * as kernels from '@ostinato/kernels'
import { allocate, type DataOf, type FloatDType, type NumericDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { none, type None } from '../operations.ts'
import { record } from '../record.ts'
import { Tensor } from '../tensor.ts'
import { checkFloat, checkNumeric } from './operand.ts'

/** The operations of this file that have no attributes. */
interface PlainOperations {
  negate: None
  abs: None
  sign: None
  square: None
  sqrt: None
  exp: None
  expm1: None
  log: None
  log1p: None
  sin: None
  cos: None
  floor: None
  ceil: None
  round: None
}

export interface UnaryOperations extends PlainOperations {
  clip: { readonly minimum: number; readonly maximum: number }
}

type Numbers = DataOf<NumericDType>
type Floats = DataOf<FloatDType>

const loops = {
  negate: (out, x) => {
    for (let i = 0; i < x.length; i++) out[i] = -x[i]
  },
  abs: (out, x) => {
    for (let i = 0; i < x.length; i++) out[i] = Math.abs(x[i])
  },
  sign: (out, x) => {
    for (let i = 0; i < x.length; i++) out[i] = Math.sign(x[i])
  },
  square: (out, x) => {
    for (let i = 0; i < x.length; i++) out[i] = x[i] * x[i]
  },
  sqrt: (out, x) => {
    for (let i = 0; i < x.length; i++) out[i] = Math.sqrt(x[i])
  },
  exp: (out, x) => kernels.exp(out as Floats, x as Floats),
  expm1: (out, x) => {
    for (let i = 0; i < x.length; i++) out[i] = Math.expm1(x[i])
  },
  log: (out, x) => {
    for (let i = 0; i < x.length; i++) out[i] = Math.log(x[i])
  },
  log1p: (out, x) => {
    for (let i = 0; i < x.length; i++) out[i] = Math.log1p(x[i])
  },
  sin: (out, x) => {
    for (let i = 0; i < x.length; i++) out[i] = Math.sin(x[i])
  },
  cos: (out, x) => {
    for (let i = 0; i < x.length; i++) out[i] = Math.cos(x[i])
  },
  floor: (out, x) => {
    for (let i = 0; i < x.length; i++) out[i] = Math.floor(x[i])
  },
  ceil: (out, x) => {
    for (let i = 0; i < x.length; i++) out[i] = Math.ceil(x[i])
  },
  round: (out, x) => {
    for (let i = 0; i < x.length; i++) {
      const up = Math.round(x[i])
      out[i] = up - x[i] === 0.5 && up % 2 !== 0 ? up - 1 : up
    }
  },
} satisfies Record<keyof PlainOperations, (out: Numbers, x: Numbers) => void>

function unary<D extends NumericDType>(name: keyof PlainOperations, x: Tensor<D>): Tensor<D> {
  const out = new Tensor(allocate(x.dtype, x.size), x.shape, x.dtype)
  loops[name](out.data, x.data)
  return record(name, [x], out, none)
}

function numericUnary<D extends NumericDType>(name: keyof PlainOperations, x: Tensor<D>): Tensor<D> {
  checkNumeric(name, x)
  return unary(name, x)
}

function floatUnary<D extends FloatDType>(name: keyof PlainOperations, x: Tensor<D>): Tensor<D> {
  checkFloat(name, x)
  return unary(name, x)
}

/**
 * `-x`.
 * @throws ShapeError when `x` is of type bool
 * @example
 * ```ts
 * import { negate, tensor } from '@ostinato/tensor'
 * console.assert(String(negate(tensor([1, -2])).toArray()) === '-1,2')
 * ```
 */
export function negate<D extends NumericDType>(x: Tensor<D>): Tensor<D> {
  return numericUnary('negate', x)
}

/**
 * `|x|`. Its gradient at 0 is 0.
 * @throws ShapeError when `x` is of type bool
 * @example
 * ```ts
 * import { abs, tensor } from '@ostinato/tensor'
 * console.assert(String(abs(tensor([1, -2])).toArray()) === '1,2')
 * ```
 */
export function abs<D extends NumericDType>(x: Tensor<D>): Tensor<D> {
  return numericUnary('abs', x)
}

/**
 * -1, 0 or 1. Its gradient is 0 everywhere.
 * @throws ShapeError when `x` is of type bool
 * @example
 * ```ts
 * import { sign, tensor } from '@ostinato/tensor'
 * console.assert(String(sign(tensor([-5, 0, 2])).toArray()) === '-1,0,1')
 * ```
 */
export function sign<D extends NumericDType>(x: Tensor<D>): Tensor<D> {
  return numericUnary('sign', x)
}

/**
 * `x * x`.
 * @throws ShapeError when `x` is of type bool
 * @example
 * ```ts
 * import { square, tensor } from '@ostinato/tensor'
 * console.assert(String(square(tensor([3, -4])).toArray()) === '9,16')
 * ```
 */
export function square<D extends NumericDType>(x: Tensor<D>): Tensor<D> {
  return numericUnary('square', x)
}

/**
 * The square root; NaN below 0. Its gradient at 0 is infinite.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { sqrt, tensor } from '@ostinato/tensor'
 * console.assert(String(sqrt(tensor([9, 16])).toArray()) === '3,4')
 * ```
 */
export function sqrt<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return floatUnary('sqrt', x)
}

/**
 * `e^x`.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { exp, tensor } from '@ostinato/tensor'
 * console.assert(String(exp(tensor([0, -Infinity])).toArray()) === '1,0')
 * ```
 */
export function exp<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return floatUnary('exp', x)
}

/**
 * `e^x - 1`, precise near 0.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { expm1, tensor } from '@ostinato/tensor'
 * console.assert(expm1(tensor([1e-20], { dtype: 'float64' })).item() === 1e-20)
 * ```
 */
export function expm1<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return floatUnary('expm1', x)
}

/**
 * The natural logarithm; -Infinity at 0, NaN below.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { log, tensor } from '@ostinato/tensor'
 * console.assert(String(log(tensor([1, 0])).toArray()) === '0,-Infinity')
 * ```
 */
export function log<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return floatUnary('log', x)
}

/**
 * `ln(1 + x)`, precise near 0.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { log1p, tensor } from '@ostinato/tensor'
 * console.assert(log1p(tensor([1e-20], { dtype: 'float64' })).item() === 1e-20)
 * ```
 */
export function log1p<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return floatUnary('log1p', x)
}

/**
 * The sine of `x` in radians.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { sin, tensor } from '@ostinato/tensor'
 * console.assert(sin(tensor([0])).item() === 0)
 * ```
 */
export function sin<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return floatUnary('sin', x)
}

/**
 * The cosine of `x` in radians.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { cos, tensor } from '@ostinato/tensor'
 * console.assert(cos(tensor([0])).item() === 1)
 * ```
 */
export function cos<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return floatUnary('cos', x)
}

/**
 * The greatest integer that is not above `x`. Its gradient is 0 everywhere.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { floor, tensor } from '@ostinato/tensor'
 * console.assert(String(floor(tensor([1.5, -1.5])).toArray()) === '1,-2')
 * ```
 */
export function floor<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return floatUnary('floor', x)
}

/**
 * The least integer that is not below `x`. Its gradient is 0 everywhere.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { ceil, tensor } from '@ostinato/tensor'
 * console.assert(String(ceil(tensor([1.5, -1.5])).toArray()) === '2,-1')
 * ```
 */
export function ceil<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return floatUnary('ceil', x)
}

/**
 * The nearest integer, halves to the even one (IEEE 754, as PyTorch and NumPy do it). Its gradient is 0 everywhere.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { round, tensor } from '@ostinato/tensor'
 * console.assert(String(round(tensor([0.5, 1.5, 2.4])).toArray()) === '0,2,2')
 * ```
 */
export function round<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return floatUnary('round', x)
}

/** The bounds of `clip`; an absent one does not bound. */
export interface ClipOptions {
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
}

/**
 * `x` with what lies outside of `minimum … maximum` set to the nearer bound; NaN stays. The gradient passes where `x`
 * lies within the bounds, these included, and is 0 outside.
 * @throws ShapeError when `minimum` is above `maximum` or either is NaN, or `x` is of type bool
 * @example
 * ```ts
 * import { clip, tensor } from '@ostinato/tensor'
 * console.assert(String(clip(tensor([-3, 0, 3]), { minimum: -1, maximum: 1 }).toArray()) === '-1,0,1')
 * ```
 */
export function clip<D extends NumericDType>(
  x: Tensor<D>,
  { minimum = -Infinity, maximum = Infinity }: ClipOptions,
): Tensor<D> {
  checkNumeric('clip', x)
  if (!(minimum <= maximum)) fail('clip', `expected a minimum that is not above the maximum, got ${minimum} and ${maximum}`)
  const out = new Tensor(allocate(x.dtype, x.size), x.shape, x.dtype)
  clipLoop(out.data, x.data, minimum, maximum)
  return record('clip', [x], out, { minimum, maximum })
}

function clipLoop(out: Numbers, x: Numbers, minimum: number, maximum: number): void {
  for (let i = 0; i < x.length; i++) {
    const value = x[i]
    out[i] = value < minimum ? minimum : value > maximum ? maximum : value
  }
}
