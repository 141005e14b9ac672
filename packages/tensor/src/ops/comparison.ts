// Comparisons and logic, element by element. The result is of type bool and carries no gradient.
import { allocate, type DataOf, type DType, type NumericDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { none, type None } from '../operations.ts'
import { record } from '../record.ts'
import { broadcastShapes, sizeOf } from '../shape.ts'
import { Tensor, type AnyTensor } from '../tensor.ts'
import { forEachRun, type InnerLoop } from './broadcast.ts'
import { checkFloat, checkNumeric, pair, type Operand } from './operand.ts'

interface PairOperations {
  equal: None
  notEqual: None
  less: None
  lessEqual: None
  greater: None
  greaterEqual: None
  logicalAnd: None
  logicalOr: None
}

export interface ComparisonOperations extends PairOperations {
  logicalNot: None
  isNaN: None
  isFinite: None
}

type Loop = InnerLoop<Uint8Array, DataOf<DType>>

// Number() of a comparison is computed without a jump; a jump that cannot be predicted costs more than all the rest.
const loops = {
  equal: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) out[at + i] = Number(a[aAt + i * aStep] === b[bAt + i * bStep])
  },
  notEqual: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) out[at + i] = Number(a[aAt + i * aStep] !== b[bAt + i * bStep])
  },
  less: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) out[at + i] = Number(a[aAt + i * aStep] < b[bAt + i * bStep])
  },
  lessEqual: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) out[at + i] = Number(a[aAt + i * aStep] <= b[bAt + i * bStep])
  },
  greater: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) out[at + i] = Number(a[aAt + i * aStep] > b[bAt + i * bStep])
  },
  greaterEqual: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) out[at + i] = Number(a[aAt + i * aStep] >= b[bAt + i * bStep])
  },
  logicalAnd: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) out[at + i] = a[aAt + i * aStep] & b[bAt + i * bStep]
  },
  logicalOr: ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
    for (let i = 0; i < count; i++) out[at + i] = a[aAt + i * aStep] | b[bAt + i * bStep]
  },
} satisfies Record<keyof PairOperations, Loop>

function compare(name: keyof PairOperations, a: AnyTensor, b: AnyTensor): Tensor<'bool'> {
  const shape = broadcastShapes(name, a.shape, b.shape)
  const out = new Tensor(new Uint8Array(sizeOf(shape)), shape, 'bool')
  const shapes = { out: shape, a: a.shape, b: b.shape }
  forEachRun<Uint8Array, DataOf<DType>>(loops[name], { out: out.data, a: a.data, b: b.data }, shapes)
  return record(name, [a, b], out, none)
}

function order(where: string, x: Operand<NumericDType>, y: Operand<NumericDType>): [AnyTensor, AnyTensor] {
  const operands = pair(where, x, y)
  checkNumeric(where, operands[0])
  return operands
}

function logic(name: 'logicalAnd' | 'logicalOr', a: Tensor<'bool'>, b: Tensor<'bool'>): Tensor<'bool'> {
  checkBool(name, a)
  checkBool(name, b)
  return compare(name, a, b)
}

function checkBool(where: string, x: AnyTensor): void {
  if (x.dtype !== 'bool') fail(where, `expected a bool tensor, got ${x.dtype}: compare it with a value`)
}

/**
 * `a = b` element by element, broadcast; NaN equals nothing.
 * @throws ShapeError when the shapes do not broadcast or the element types differ
 * @example
 * ```ts
 * import { equal, tensor } from '@ostinato/tensor'
 * const hit = equal(tensor([1, 2, 3]), 2)
 * console.assert(hit.dtype === 'bool' && String(hit.toArray()) === 'false,true,false')
 * ```
 */
export function equal<D extends DType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<'bool'>
export function equal<D extends DType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<'bool'>
export function equal(a: Operand<DType>, b: Operand<DType>): Tensor<'bool'> {
  return compare('equal', ...pair('equal', a, b))
}

/**
 * `a ≠ b` element by element, broadcast; true where either is NaN.
 * @throws ShapeError when the shapes do not broadcast or the element types differ
 * @example
 * ```ts
 * import { notEqual, tensor } from '@ostinato/tensor'
 * console.assert(String(notEqual(tensor([1, 2]), 2).toArray()) === 'true,false')
 * ```
 */
export function notEqual<D extends DType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<'bool'>
export function notEqual<D extends DType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<'bool'>
export function notEqual(a: Operand<DType>, b: Operand<DType>): Tensor<'bool'> {
  return compare('notEqual', ...pair('notEqual', a, b))
}

/**
 * `a < b` element by element, broadcast; false where either is NaN.
 * @throws ShapeError when the shapes do not broadcast, the element types differ or are bool
 * @example
 * ```ts
 * import { less, tensor } from '@ostinato/tensor'
 * console.assert(String(less(tensor([1, 2]), 2).toArray()) === 'true,false')
 * ```
 */
export function less<D extends NumericDType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<'bool'>
export function less<D extends NumericDType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<'bool'>
export function less(a: Operand<NumericDType>, b: Operand<NumericDType>): Tensor<'bool'> {
  return compare('less', ...order('less', a, b))
}

/**
 * `a ≤ b` element by element, broadcast; false where either is NaN.
 * @throws ShapeError when the shapes do not broadcast, the element types differ or are bool
 * @example
 * ```ts
 * import { lessEqual, tensor } from '@ostinato/tensor'
 * console.assert(String(lessEqual(tensor([1, 2]), 2).toArray()) === 'true,true')
 * ```
 */
export function lessEqual<D extends NumericDType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<'bool'>
export function lessEqual<D extends NumericDType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<'bool'>
export function lessEqual(a: Operand<NumericDType>, b: Operand<NumericDType>): Tensor<'bool'> {
  return compare('lessEqual', ...order('lessEqual', a, b))
}

/**
 * `a > b` element by element, broadcast; false where either is NaN.
 * @throws ShapeError when the shapes do not broadcast, the element types differ or are bool
 * @example
 * ```ts
 * import { greater, tensor } from '@ostinato/tensor'
 * console.assert(String(greater(tensor([-1, 0, 1]), 0).toArray()) === 'false,false,true')
 * ```
 */
export function greater<D extends NumericDType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<'bool'>
export function greater<D extends NumericDType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<'bool'>
export function greater(a: Operand<NumericDType>, b: Operand<NumericDType>): Tensor<'bool'> {
  return compare('greater', ...order('greater', a, b))
}

/**
 * `a ≥ b` element by element, broadcast; false where either is NaN.
 * @throws ShapeError when the shapes do not broadcast, the element types differ or are bool
 * @example
 * ```ts
 * import { greaterEqual, tensor } from '@ostinato/tensor'
 * console.assert(String(greaterEqual(tensor([1, 2]), 2).toArray()) === 'false,true')
 * ```
 */
export function greaterEqual<D extends NumericDType>(a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<'bool'>
export function greaterEqual<D extends NumericDType>(a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<'bool'>
export function greaterEqual(a: Operand<NumericDType>, b: Operand<NumericDType>): Tensor<'bool'> {
  return compare('greaterEqual', ...order('greaterEqual', a, b))
}

/**
 * Whether both are true, element by element, broadcast.
 * @throws ShapeError when the shapes do not broadcast or an operand is not of type bool
 * @example
 * ```ts
 * import { logicalAnd, tensor } from '@ostinato/tensor'
 * console.assert(String(logicalAnd(tensor([true, false]), tensor([true])).toArray()) === 'true,false')
 * ```
 */
export function logicalAnd(a: Tensor<'bool'>, b: Tensor<'bool'>): Tensor<'bool'> {
  return logic('logicalAnd', a, b)
}

/**
 * Whether either is true, element by element, broadcast.
 * @throws ShapeError when the shapes do not broadcast or an operand is not of type bool
 * @example
 * ```ts
 * import { logicalOr, tensor } from '@ostinato/tensor'
 * console.assert(String(logicalOr(tensor([true, false]), tensor([false])).toArray()) === 'true,false')
 * ```
 */
export function logicalOr(a: Tensor<'bool'>, b: Tensor<'bool'>): Tensor<'bool'> {
  return logic('logicalOr', a, b)
}

/**
 * Whether it is false, element by element.
 * @throws ShapeError when `x` is not of type bool
 * @example
 * ```ts
 * import { logicalNot, tensor } from '@ostinato/tensor'
 * console.assert(String(logicalNot(tensor([true, false])).toArray()) === 'false,true')
 * ```
 */
export function logicalNot(x: Tensor<'bool'>): Tensor<'bool'> {
  checkBool('logicalNot', x)
  const out = new Uint8Array(x.size)
  for (let i = 0; i < out.length; i++) out[i] = 1 - x.data[i]
  return record('logicalNot', [x], new Tensor(out, x.shape, 'bool'), none)
}

/**
 * Whether it is NaN, element by element.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { isNaN, tensor } from '@ostinato/tensor'
 * console.assert(String(isNaN(tensor([1, NaN])).toArray()) === 'false,true')
 * ```
 */
export function isNaN(x: Tensor): Tensor<'bool'> {
  checkFloat('isNaN', x)
  const out = allocate('bool', x.size)
  const { data } = x
  for (let i = 0; i < out.length; i++) out[i] = Number(data[i] !== data[i])
  return record('isNaN', [x], new Tensor(out, x.shape, 'bool'), none)
}

/**
 * Whether it is neither NaN nor infinite, element by element.
 * @throws ShapeError when `x` is not of floating-point type
 * @example
 * ```ts
 * import { isFinite, tensor } from '@ostinato/tensor'
 * console.assert(String(isFinite(tensor([1, -Infinity])).toArray()) === 'true,false')
 * ```
 */
export function isFinite(x: Tensor): Tensor<'bool'> {
  checkFloat('isFinite', x)
  const out = allocate('bool', x.size)
  const { data } = x
  for (let i = 0; i < out.length; i++) out[i] = Number(data[i] - data[i] === 0)
  return record('isFinite', [x], new Tensor(out, x.shape, 'bool'), none)
}
