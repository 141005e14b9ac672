// Arithmetic element by element, with broadcasting. Comparisons and functions of one argument have files of their own.
import { allocate, type DataOf, type FloatDType, type NumericDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import type { None } from '../operations.ts'
import { none } from '../operations.ts'
import { record } from '../record.ts'
import { broadcastShapes, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { forEachRun, type InnerLoop } from './broadcast.ts'

export interface ElementwiseOperations {
  add: None
  subtract: None
  multiply: None
  divide: None
}

type Numbers = DataOf<NumericDType>
type Loop = InnerLoop<Numbers, Numbers>

/** A tensor, or a number that stands for a tensor of that value everywhere. At least one operand of a pair is a tensor. */
export type Operand<D extends NumericDType> = Tensor<D> | number

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
} satisfies Record<keyof ElementwiseOperations, Loop>

/** Turns the number of a pair into a tensor of the other's type; two tensors must have one type. */
export function pair<D extends NumericDType>(where: string, a: Operand<D>, b: Operand<D>): [Tensor<D>, Tensor<D>] {
  if (typeof a === 'number') {
    if (typeof b === 'number') fail(where, 'expected at least one tensor, got two numbers')
    return [scalar(where, a, b.dtype), b]
  }
  if (typeof b === 'number') return [a, scalar(where, b, a.dtype)]
  if (a.dtype !== b.dtype) fail(where, `expected operands of one type, got ${a.dtype} and ${b.dtype}: convert one with cast()`)
  return [a, b]
}

function scalar<D extends NumericDType>(where: string, value: number, dtype: D): Tensor<D> {
  if (dtype === 'int32' && (value | 0) !== value) fail(where, `expected an integer beside an int32 tensor, got ${value}`)
  const data = allocate(dtype, 1)
  data.fill(value)
  return new Tensor(data, [], dtype)
}

function binary<D extends NumericDType>(name: keyof ElementwiseOperations, x: Operand<D>, y: Operand<D>): Tensor<D> {
  const [a, b] = pair(name, x, y)
  const shape = broadcastShapes(name, a.shape, b.shape)
  const out = new Tensor(allocate(a.dtype, sizeOf(shape)), shape, a.dtype)
  forEachRun<Numbers, Numbers>(loops[name], { out: out.data, a: a.data, b: b.data }, { out: shape, a: a.shape, b: b.shape })
  return record(name, [a, b], out, none)
}

/** `a + b`, broadcast. */
export function add<D extends NumericDType>(a: Operand<D>, b: Operand<D>): Tensor<D> {
  return binary('add', a, b)
}

/** `a - b`, broadcast. */
export function subtract<D extends NumericDType>(a: Operand<D>, b: Operand<D>): Tensor<D> {
  return binary('subtract', a, b)
}

/** `a * b` element by element, broadcast. */
export function multiply<D extends NumericDType>(a: Operand<D>, b: Operand<D>): Tensor<D> {
  return binary('multiply', a, b)
}

/** `a / b`, broadcast; for floating-point tensors. */
export function divide<D extends FloatDType>(a: Operand<D>, b: Operand<D>): Tensor<D> {
  return binary('divide', a, b)
}
