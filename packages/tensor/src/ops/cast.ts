// The same values under another element type, and the same values without their history.
import { allocate, isFloat, type DataOf, type DType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { record } from '../record.ts'
import { Tensor } from '../tensor.ts'

export interface CastOperations {
  cast: { readonly dtype: DType }
}

/**
 * `x` as element type `dtype`; `x` itself when it has it already. Between float32 and float64 the gradient passes.
 * Floats become int32 by dropping the fraction; true becomes 1; what is not 0 becomes true.
 * @throws ShapeError when a value does not fit into int32
 * @example
 * ```ts
 * import { cast, equal, mean, tensor } from '@ostinato/tensor'
 * const accuracy = mean(cast(equal(tensor([1, 2]), tensor([1, 3])), 'float32'))
 * console.assert(accuracy.item() === 0.5)
 * ```
 */
export function cast<D extends DType>(x: Tensor<DType>, dtype: D): Tensor<D> {
  if (x.dtype === dtype) return x as Tensor<D>
  const out = new Tensor(allocate(dtype, x.size), x.shape, dtype)
  if (dtype === 'bool') toBool(out.data, x.data)
  else {
    if (dtype === 'int32' && isFloat(x.dtype)) checkFits(x.data)
    out.data.set(x.data)
  }
  return record('cast', [x], out, { dtype })
}

function toBool(out: DataOf<DType>, x: DataOf<DType>): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i] !== 0 ? 1 : 0
}

function checkFits(x: DataOf<DType>): void {
  for (let i = 0; i < x.length; i++) {
    if (!(x[i] > -2147483649 && x[i] < 2147483648)) {
      fail('cast', `expected values from -2^31 to 2^31 - 1 for int32, got ${x[i]} at element ${i}`)
    }
  }
}

/**
 * The values of `x`, as if they were constant: no gradient goes through. Shares the data.
 * @example
 * ```ts
 * import { stopGradient, tensor } from '@ostinato/tensor'
 * const target = stopGradient(tensor([1, 2]))
 * console.assert(target.size === 2)
 * ```
 */
export function stopGradient<D extends DType>(x: Tensor<D>): Tensor<D> {
  return new Tensor(x.data, x.shape, x.dtype)
}
