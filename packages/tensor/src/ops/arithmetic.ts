// Arithmetic of two operands element by element, with broadcasting. Comparisons and functions of one argument have
// files of their own.
import { allocate, type DataOf, type FloatDType, type NumericDType } from '../dtype.ts'
import { none, type None } from '../operations.ts'
import { record } from '../record.ts'
import { broadcastShapes, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { forEachRun, type InnerLoop } from './broadcast.ts'
import { checkFloat, checkNumeric, pair, type Operand } from './operand.ts'

export interface ArithmeticOperations {
  add: None
  subtract: None
  multiply: None
  divide: None
  power: None
  maximum: None
  minimum: None
}

type Numbers = DataOf<NumericDType>
type Numeric = Operand<NumericDType>
type Loop = InnerLoop<Numbers, Numbers>

const loops = {
  add: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) out[at + i] = a[aAt + i * aStep] + b[bAt + i * bStep]
  },
  subtract: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) out[at + i] = a[aAt + i * aStep] - b[bAt + i * bStep]
  },
  multiply: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) out[at + i] = a[aAt + i * aStep] * b[bAt + i * bStep]
  },
  divide: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) out[at + i] = a[aAt + i * aStep] / b[bAt + i * bStep]
  },
  power: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) {
      const base = a[aAt + i * aStep]
      // IEEE 754 pow(1, NaN) and pow(1, ±Infinity) are 1; JavaScript's ** gives NaN.
      out[at + i] = base === 1 ? 1 : base ** b[bAt + i * bStep]
    }
  },
  // A NaN on either side comes through: NaN is neither greater nor equal to itself.
  maximum: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) {
      const left = a[aAt + i * aStep]
      const right = b[bAt + i * bStep]
      out[at + i] = left > right || left !== left ? left : right
    }
  },
  minimum: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) {
      const left = a[aAt + i * aStep]
      const right = b[bAt + i * bStep]
      out[at + i] = left < right || left !== left ? left : right
    }
  },
} satisfies Record<keyof ArithmeticOperations, Loop>

function binary(name: keyof ArithmeticOperations, x: Numeric, y: Numeric): Tensor<NumericDType> {
  const [a, b] = pair(name, x, y)
  checkNumeric(name, a)
  const shape = broadcastShapes(name, a.shape, b.shape)
  const out = new Tensor(allocate(a.dtype, sizeOf(shape)), shape, a.dtype)
  const shapes = { out: shape, a: a.shape, b: b.shape }
  forEachRun<Numbers, Numbers>(loops[name], { out: out.data, a: a.data, b: b.data }, shapes)
  return record(name, [a, b], out, none)
}

function floatBinary(name: 'divide' | 'power', a: Numeric, b: Numeric): Tensor<NumericDType> {
  if (typeof a !== 'number') checkFloat(name, a)
  if (typeof b !== 'number') checkFloat(name, b)
  return binary(name, a, b)
}

/**
 * `a + b`, broadcast.
 * @throws ShapeError when the shapes do not broadcast or the element types differ
 * @example
 * ```ts
 * import { add, tensor } from '@ostinato/tensor'
 * const sum = add(tensor([[1, 2], [3, 4]]), tensor([10, 20]))
 * console.assert(String(sum.toArray()) === '11,22,13,24')
 * ```
 */
export function add<D extends NumericDType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<D>
export function add<D extends NumericDType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<D>
export function add(a: Numeric, b: Numeric): Tensor<NumericDType> {
  return binary('add', a, b)
}

/**
 * `a - b`, broadcast.
 * @throws ShapeError when the shapes do not broadcast or the element types differ
 * @example
 * ```ts
 * import { subtract, tensor } from '@ostinato/tensor'
 * console.assert(String(subtract(1, tensor([1, 2])).toArray()) === '0,-1')
 * ```
 */
export function subtract<D extends NumericDType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<D>
export function subtract<D extends NumericDType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<D>
export function subtract(a: Numeric, b: Numeric): Tensor<NumericDType> {
  return binary('subtract', a, b)
}

/**
 * `a * b` element by element, broadcast. The product of matrices is `matmul`.
 * @throws ShapeError when the shapes do not broadcast or the element types differ
 * @example
 * ```ts
 * import { multiply, tensor } from '@ostinato/tensor'
 * console.assert(String(multiply(tensor([1, 2]), 3).toArray()) === '3,6')
 * ```
 */
export function multiply<D extends NumericDType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<D>
export function multiply<D extends NumericDType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<D>
export function multiply(a: Numeric, b: Numeric): Tensor<NumericDType> {
  return binary('multiply', a, b)
}

/**
 * `a / b`, broadcast; for floating-point tensors.
 * @throws ShapeError when the shapes do not broadcast, the element types differ or are not floating-point
 * @example
 * ```ts
 * import { divide, tensor } from '@ostinato/tensor'
 * console.assert(String(divide(1, tensor([2, 4])).toArray()) === '0.5,0.25')
 * ```
 */
export function divide<D extends FloatDType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<D>
export function divide<D extends FloatDType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<D>
export function divide(a: Numeric, b: Numeric): Tensor<NumericDType> {
  return floatBinary('divide', a, b)
}

/**
 * `a` to the power `b` element by element, broadcast; for floating-point tensors. A negative base with a fractional
 * exponent gives NaN. The gradient with respect to the exponent is `y ln a`, which is NaN for a negative base; it is 0
 * where the base is 0 and the exponent at least 0.
 * @throws ShapeError when the shapes do not broadcast, the element types differ or are not floating-point
 * @example
 * ```ts
 * import { power, tensor } from '@ostinato/tensor'
 * console.assert(String(power(tensor([2, 3]), 2).toArray()) === '4,9')
 * ```
 */
export function power<D extends FloatDType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<D>
export function power<D extends FloatDType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<D>
export function power(a: Numeric, b: Numeric): Tensor<NumericDType> {
  return floatBinary('power', a, b)
}

/**
 * The greater of `a` and `b` element by element, broadcast; NaN where either is NaN. Where they are equal each gets
 * half of the gradient. The greatest element of one tensor is `max`.
 * @throws ShapeError when the shapes do not broadcast or the element types differ
 * @example
 * ```ts
 * import { maximum, tensor } from '@ostinato/tensor'
 * console.assert(String(maximum(tensor([1, 5]), tensor([3, 2])).toArray()) === '3,5')
 * ```
 */
export function maximum<D extends NumericDType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<D>
export function maximum<D extends NumericDType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<D>
export function maximum(a: Numeric, b: Numeric): Tensor<NumericDType> {
  return binary('maximum', a, b)
}

/**
 * The lesser of `a` and `b` element by element, broadcast; NaN where either is NaN. Where they are equal each gets half
 * of the gradient. The least element of one tensor is `min`.
 * @throws ShapeError when the shapes do not broadcast or the element types differ
 * @example
 * ```ts
 * import { minimum, tensor } from '@ostinato/tensor'
 * console.assert(String(minimum(tensor([1, 5]), 3).toArray()) === '1,3')
 * ```
 */
export function minimum<D extends NumericDType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<D>
export function minimum<D extends NumericDType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<D>
export function minimum(a: Numeric, b: Numeric): Tensor<NumericDType> {
  return binary('minimum', a, b)
}
