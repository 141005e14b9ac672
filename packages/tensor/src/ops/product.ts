// The product over axes, made of multiplications. Sums have a file of their own.
import { ones } from '../create.ts'
import type { NumericDType } from '../dtype.ts'
import { resolveAxes } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { multiply } from './arithmetic.ts'
import { checkNumeric } from './operand.ts'
import { finish, keptShape, type ReductionOptions } from './reduce.ts'
import { slice } from './slice.ts'

/**
 * The product over `axis` (default: all axes). Of no elements it is 1. Halves are multiplied with each other until one
 * element is left, so that the gradient needs no division and is right where elements are 0.
 * @throws ShapeError when an axis does not exist or is given twice, or `x` is of type bool
 * @example
 * ```ts
 * import { product, tensor } from '@ostinato/tensor'
 * console.assert(String(product(tensor([[1, 2], [3, 4]]), { axis: 1 }).toArray()) === '2,12')
 * ```
 */
export function product<D extends NumericDType>(
  x: Tensor<D>,
  { axis, keepAxes = false }: ReductionOptions = {},
): Tensor<D> {
  checkNumeric('product', x)
  const axes = resolveAxes('product', axis, x.rank)
  let out = x
  for (const reduced of axes) out = productAlong(out, reduced)
  return finish(out, axes, keepAxes)
}

function productAlong<D extends NumericDType>(x: Tensor<D>, axis: number): Tensor<D> {
  if (x.shape[axis] === 0) return ones(keptShape(x.shape, [axis]), { dtype: x.dtype })
  let rest: Tensor<D> | undefined
  let out = x
  while (out.shape[axis] > 1) {
    const length = out.shape[axis]
    const half = length >> 1
    const first = part(out, axis, 0, half)
    const second = part(out, axis, half, 2 * half)
    if (length % 2 === 1) {
      const odd = part(out, axis, length - 1, length)
      rest = rest === undefined ? odd : multiply(rest, odd)
    }
    out = multiply(first, second)
  }
  return rest === undefined ? out : multiply(out, rest)
}

function part<D extends NumericDType>(x: Tensor<D>, axis: number, start: number, stop: number): Tensor<D> {
  return slice(x, [...new Array<undefined>(axis).fill(undefined), [start, stop]])
}
