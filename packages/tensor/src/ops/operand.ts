// What stands beside a tensor in an operation: another tensor of the same element type, or a number. Checks of element
// types; shapes are checked where they matter.
import { allocate, isFloat, type DType, type FloatDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { Tensor, type AnyTensor } from '../tensor.ts'

/**
 * A tensor, or a number that stands for a tensor of that value everywhere. At least one operand of a pair is a tensor.
 */
export type Operand<D extends DType> = Tensor<D> | number

/** Turns the number of a pair into a tensor of the other's type; two tensors must have one type. */
export function pair<D extends DType>(where: string, a: Operand<D>, b: Operand<D>): [Tensor<D>, Tensor<D>] {
  if (typeof a === 'number') {
    if (typeof b === 'number') fail(where, 'expected at least one tensor, got two numbers')
    return [scalar(where, a, b.dtype), b]
  }
  if (typeof b === 'number') return [a, scalar(where, b, a.dtype)]
  checkSame(where, a, b)
  return [a, b]
}

function scalar<D extends DType>(where: string, value: number, dtype: D): Tensor<D> {
  if (dtype === 'bool') fail(where, `expected a bool tensor beside a bool tensor, got the number ${value}`)
  if (dtype === 'int32' && (value | 0) !== value) fail(where, `expected an integer beside an int32 tensor, got ${value}`)
  const data = allocate(dtype, 1)
  data[0] = value
  return new Tensor(data, [], dtype)
}

/** Throws unless both tensors have one element type. */
export function checkSame(where: string, a: AnyTensor, b: AnyTensor): void {
  if (a.dtype !== b.dtype) fail(where, `expected operands of one type, got ${a.dtype} and ${b.dtype}: convert one with cast()`)
}

/** Throws unless `x` is of floating-point type: for callers that the compiler does not check. */
export function checkFloat(where: string, x: AnyTensor): asserts x is Tensor<FloatDType> {
  if (!isFloat(x.dtype)) fail(where, `expected a floating-point tensor, got ${x.dtype}: convert it with cast()`)
}

/** Throws unless `x` is of numeric type. */
export function checkNumeric(where: string, x: AnyTensor): void {
  if (x.dtype === 'bool') fail(where, 'expected a numeric tensor, got bool: convert it with cast()')
}
