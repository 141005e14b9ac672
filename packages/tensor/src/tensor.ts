// The tensor: a typed array, its shape and its element type. Values only: operations are functions in `ops`, gradients
// are the business of `@ostinato/autograd`. Data is always dense and row-major; a reshaped tensor shares it.
import type { DataOf, DType, FloatDType } from './dtype.ts'
import { fail } from './errors.ts'
import { formatShape, sizeOf, type Shape } from './shape.ts'

const brand = Symbol.for('@ostinato/tensor')

/** Numbers nested as deep as the tensor has axes. */
export type Nested<T> = T | readonly Nested<T>[]

/**
 * An n-dimensional array. `Tensor` alone means one of floating-point type; `Tensor<'int32'>` holds ids,
 * `Tensor<'bool'>` masks. Its data belongs to the garbage collector: there is nothing to dispose. Treat it as
 * immutable; only a `Parameter` changes.
 *
 * @example
 * ```ts
 * import { tensor } from '@ostinato/tensor'
 * const x = tensor([[1, 2, 3], [4, 5, 6]])
 * console.assert(x.shape.join() === '2,3' && x.dtype === 'float32')
 * ```
 */
export class Tensor<D extends DType = FloatDType> {
  // Not initialised here: a field with a computed name keeps the class in bundles that do not use it.
  declare readonly [brand]: true
  readonly data: DataOf<D>
  readonly shape: Shape
  readonly dtype: D

  /** Wraps `data` (not copied) as a row-major array of `shape`. Prefer `tensor`, `zeros` and their like. */
  constructor(data: DataOf<D>, shape: Shape, dtype: D) {
    if (data.length !== sizeOf(shape)) {
      fail('Tensor', `expected ${sizeOf(shape)} elements for shape ${formatShape(shape)}, got ${data.length}`)
    }
    this[brand] = true
    this.data = data
    this.shape = shape
    this.dtype = dtype
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length
  }

  /** The number of elements. */
  get size(): number {
    return this.data.length
  }

  /**
   * The one value of a tensor with one element.
   * @throws ShapeError when there are more or none
   */
  item(): number {
    if (this.data.length !== 1) fail('Tensor.item', `expected one element, got shape ${formatShape(this.shape)}: use toArray()`)
    return this.data[0]
  }

  /** The values as nested arrays; a scalar gives a number, a bool tensor booleans. */
  toArray(): Nested<D extends 'bool' ? boolean : number> {
    const { data, shape } = this
    const value = this.dtype === 'bool' ? (i: number) => data[i] !== 0 : (i: number) => data[i]
    const build = (axis: number, start: number, size: number): Nested<number | boolean> => {
      if (axis === shape.length) return value(start)
      const step = shape[axis] === 0 ? 0 : size / shape[axis]
      return Array.from({ length: shape[axis] }, (_, i) => build(axis + 1, start + i * step, step))
    }
    return build(0, 0, data.length) as Nested<D extends 'bool' ? boolean : number>
  }

  /** `float32[2, 3]` and the first values. */
  toString(): string {
    const shown = Array.from(this.data.subarray(0, 8), (v) => (Number.isInteger(v) ? String(v) : v.toPrecision(4))).join(', ')
    return `${this.dtype}${formatShape(this.shape)} {${shown}${this.data.length > 8 ? ', …' : ''}}`
  }
}

/** A tensor of any element type. */
export type AnyTensor = Tensor<DType>

/** Whether `value` is a tensor, also one from another copy of this package. */
export function isTensor(value: unknown): value is AnyTensor {
  return typeof value === 'object' && value !== null && brand in value
}
