// The gradient of a function as a function. It composes: the gradient of a gradient is `grad(grad(f))`.
import { ShapeError, isFloat, isTensor, reshape, zerosLike, type FloatDType, type Tensor } from '@ostinato/tensor'
import { valueAndGrad } from './value-and-grad.ts'

/**
 * The function that gives the gradient of `f` with respect to its argument, of the argument's shape; zeros where `f`
 * does not depend on it. Apply it again for second derivatives; `f` must then return one element each time, such as a
 * `sum`.
 *
 * @throws ShapeError (the returned function) when the argument is not a floating-point tensor or `f` does not return
 * one element
 * @example
 * ```ts
 * import { multiply, sum, tensor } from '@ostinato/tensor'
 * import { grad } from '@ostinato/autograd'
 * const cube = (x: ReturnType<typeof tensor>) => sum(multiply(x, multiply(x, x)))
 * const x = tensor([1, 2])
 * console.assert(String(grad(cube)(x).toArray()) === '3,12')
 * console.assert(String(grad((y) => sum(grad(cube)(y)))(x).toArray()) === '6,12')
 * ```
 */
export function grad<D extends FloatDType = FloatDType>(f: (x: Tensor<D>) => Tensor): (x: Tensor<D>) => Tensor<D> {
  return (x) => {
    if (!isTensor(x) || !isFloat(x.dtype)) throw new ShapeError('grad', [`expected a floating-point tensor, got ${describe(x)}`])
    // Another tensor of the same values: should `f` also see `x` from outside, that is not its argument.
    const argument = reshape(x, x.shape)
    const { grads } = valueAndGrad(argument, () => f(argument))
    // The gradient has the type of what it is the gradient of.
    return (grads.get(argument) ?? zerosLike(argument)) as Tensor<D>
  }
}

const describe = (value: unknown) => (isTensor(value) ? value.dtype : typeof value)
