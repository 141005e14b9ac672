// The affine map of rows: a product of matrices that starts from a bias in place of zero.
import { matrixMultiply } from '@ostinato/kernels'
import { allocate, type DataOf, type FloatDType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { none, type None } from '../operations.ts'
import { record } from '../record.ts'
import { formatShape, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { keptVersion, matmul } from './matmul.ts'
import { checkFloat, checkSame } from './operand.ts'

export interface LinearOperations {
  linear: None
}

type Floats = DataOf<FloatDType>

/**
 * `x Wᵀ + b`: each row of `x` `[…, inputs]` by a weight `[outputs, inputs]` and a bias `[outputs]`, or none, to
 * `[…, outputs]`.
 *
 * @throws ShapeError when the sizes do not agree, or the element types differ or are not floating-point
 * @example
 * ```ts
 * import { linear, tensor } from '@ostinato/tensor'
 * const y = linear(tensor([1, 2]), tensor([[3, 4], [0, 1]]), tensor([10, 20]))
 * console.assert(y.data.join() === '21,22')
 * ```
 */
export function linear<D extends FloatDType>(
  x: Tensor<D>, weight: Tensor<NoInfer<D>>, bias: Tensor<NoInfer<D>> | null,
): Tensor<D>
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  if (bias === null) return matmul(x, weight, { transposeB: true })
  check(x, weight, bias)
  const [n, k] = weight.shape
  const shape = x.shape.with(-1, n)
  const out = new Tensor(allocate(x.dtype, sizeOf(shape)), shape, x.dtype)
  const m = sizeOf(x.shape.slice(0, -1))
  const product = { m, n, k, transposeB: true, bias: bias.data, versionB: keptVersion(weight) }
  matrixMultiply<Floats>(out.data, x.data, weight.data, product)
  return record('linear', [x, weight, bias], out, none)
}

function check(x: Tensor, weight: Tensor, bias: Tensor): void {
  const where = 'linear'
  checkFloat(where, x)
  checkSame(where, x, weight)
  checkSame(where, x, bias)
  const [outputs, inputs] = weight.shape
  const fits = x.rank > 0 && x.shape[x.rank - 1] === inputs
  if (weight.rank === 2 && fits && bias.rank === 1 && bias.size === outputs) return
  const got = [x, weight, bias].map(({ shape }) => formatShape(shape)).join(', ')
  fail(where, `expected x [..., inputs], weight [outputs, inputs] and bias [outputs], got ${got}`)
}
