// New tensors from values. Random ones come from `Rng`.
import { allocate, type DataOf, type DType, type NumericDType } from './dtype.ts'
import { fail } from './errors.ts'
import { checkShape, formatShape, sizeOf, type Shape } from './shape.ts'
import { Tensor, type Nested } from './tensor.ts'

/** The element type of a new tensor; float32 unless said otherwise. */
export interface DTypeOption<D extends DType> {
  readonly dtype?: D
}

/** Where `tensor` takes its values from: nested arrays, or a flat typed array with a `shape`. */
export interface TensorOptions<D extends DType> extends DTypeOption<D> {
  /** The shape of the result; absent: as the values are nested. The number of elements must agree. */
  readonly shape?: Shape
}

const dtypeOfData = (values: unknown): DType | undefined => {
  if (values instanceof Float32Array) return 'float32'
  if (values instanceof Float64Array) return 'float64'
  if (values instanceof Int32Array) return 'int32'
  return undefined
}

/**
 * A tensor of the given values. Numbers become float32, booleans bool, a typed array keeps its type (and is shared, not
 * copied, when no conversion is needed) unless `dtype` says otherwise.
 *
 * @throws ShapeError when rows differ in length, the elements do not fill `shape`, or a value does not fit `dtype`
 * @example
 * ```ts
 * import { tensor } from '@ostinato/tensor'
 * const ids = tensor([[5, 2], [7, 0]], { dtype: 'int32' })
 * const flat = tensor(new Float64Array(6), { shape: [2, 3] })
 * console.assert(ids.shape.join() === '2,2' && flat.dtype === 'float64')
 * ```
 */
export function tensor(values: Float64Array, options?: { readonly shape?: Shape }): Tensor<'float64'>
export function tensor(values: Int32Array, options?: { readonly shape?: Shape }): Tensor<'int32'>
export function tensor(values: Nested<boolean>, options?: { readonly shape?: Shape }): Tensor<'bool'>
export function tensor<D extends DType = 'float32'>(
  values: Nested<number> | Nested<boolean> | ArrayLike<number>,
  options?: TensorOptions<D>,
): Tensor<NoInfer<D>>
export function tensor(
  values: Nested<number> | Nested<boolean> | ArrayLike<number>,
  { dtype, shape }: TensorOptions<DType> = {},
): Tensor<DType> {
  const flat: (number | boolean)[] = []
  const view = ArrayBuffer.isView(values) ? (values as unknown as ArrayLike<number>) : undefined
  const found = view ? [view.length] : flatten(values as Nested<number | boolean>, flat)
  const type = dtype ?? dtypeOfData(values) ?? (typeof flat[0] === 'boolean' ? 'bool' : 'float32')
  const target = shape ?? found
  checkShape('tensor', target)
  const count = sizeOf(found)
  if (count !== sizeOf(target)) fail('tensor', `expected ${sizeOf(target)} values for shape ${formatShape(target)}, got ${count}`)
  if (dtypeOfData(values) === type) return new Tensor(values as DataOf<DType>, target, type)
  const source: ArrayLike<number | boolean> = view ?? flat
  if (type === 'int32') checkIntegers('tensor', source)
  const data = allocate(type, count)
  for (let i = 0; i < count; i++) data[i] = type === 'bool' ? Number(Boolean(source[i])) : Number(source[i])
  return new Tensor(data, target, type)
}

/** Throws when int32 cannot hold a value: a silent conversion would hide a mistake. */
function checkIntegers(where: string, values: ArrayLike<number | boolean>): void {
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i])
    if ((value | 0) !== value) {
      fail(where, `expected integers from -2^31 to 2^31 - 1 for int32, got ${value}: use cast() to drop fractions`)
    }
  }
}

/** Appends the leaves of `values` to `out` and returns their shape. */
function flatten(values: Nested<number | boolean>, out: (number | boolean)[]): number[] {
  if (typeof values === 'number' || typeof values === 'boolean') {
    out.push(values)
    return []
  }
  if (!Array.isArray(values)) fail('tensor', `expected numbers, booleans or nested arrays of them, got ${typeof values}`)
  const items = values as readonly Nested<number | boolean>[]
  let inner: number[] = []
  items.forEach((item, i) => {
    const shape = flatten(item, out)
    if (i === 0) inner = shape
    else if (shape.join() !== inner.join()) {
      fail('tensor', `expected rows of one shape, got ${formatShape(inner)} in row 0 and ${formatShape(shape)} in row ${i}`)
    }
  })
  return [items.length, ...inner]
}

/**
 * A tensor filled with `value`.
 * @example
 * ```ts
 * import { full } from '@ostinato/tensor'
 * console.assert(String(full([2, 2], 7).toArray()) === '7,7,7,7')
 * ```
 */
export function full<D extends DType = 'float32'>(
  shape: Shape,
  value: number,
  options: DTypeOption<D> = {},
): Tensor<NoInfer<D>> {
  checkShape('full', shape)
  const dtype = options.dtype ?? ('float32' as D)
  if (dtype === 'int32') checkIntegers('full', [value])
  const data = allocate(dtype, sizeOf(shape))
  if (value !== 0) data.fill(dtype === 'bool' ? 1 : value)
  return new Tensor(data, shape, dtype)
}

/**
 * A tensor of zeros.
 * @example
 * ```ts
 * import { zeros } from '@ostinato/tensor'
 * console.assert(zeros([2], { dtype: 'int32' }).dtype === 'int32')
 * ```
 */
export function zeros<D extends DType = 'float32'>(shape: Shape, options: DTypeOption<D> = {}): Tensor<NoInfer<D>> {
  return full(shape, 0, options)
}

/**
 * A tensor of ones.
 * @example
 * ```ts
 * import { ones } from '@ostinato/tensor'
 * console.assert(String(ones([2]).toArray()) === '1,1')
 * ```
 */
export function ones<D extends DType = 'float32'>(shape: Shape, options: DTypeOption<D> = {}): Tensor<NoInfer<D>> {
  return full(shape, 1, options)
}

/**
 * Zeros of the shape and type of `x`.
 * @example
 * ```ts
 * import { ones, zerosLike } from '@ostinato/tensor'
 * console.assert(String(zerosLike(ones([2])).toArray()) === '0,0')
 * ```
 */
export function zerosLike<D extends DType>(x: Tensor<D>): Tensor<D> {
  return zeros(x.shape, { dtype: x.dtype })
}

/**
 * Ones of the shape and type of `x`.
 * @example
 * ```ts
 * import { onesLike, zeros } from '@ostinato/tensor'
 * console.assert(String(onesLike(zeros([2])).toArray()) === '1,1')
 * ```
 */
export function onesLike<D extends DType>(x: Tensor<D>): Tensor<D> {
  return ones(x.shape, { dtype: x.dtype })
}

/** What `range` counts by. */
export interface RangeOptions<D extends NumericDType> extends DTypeOption<D> {
  readonly step?: number
}

/**
 * `start, start + step, …` up to but without `stop`, shape `[count]`.
 * @throws ShapeError when `step` is 0 or not finite, or a value does not fit `dtype`
 * @example
 * ```ts
 * import { range } from '@ostinato/tensor'
 * console.assert(String(range(0, 1, { step: 0.25 }).toArray()) === '0,0.25,0.5,0.75')
 * ```
 */
export function range<D extends NumericDType = 'float32'>(
  start: number,
  stop: number,
  options: RangeOptions<D> = {},
): Tensor<NoInfer<D>> {
  const { step = 1, dtype = 'float32' as D } = options
  if (step === 0 || ![start, stop, step].every(Number.isFinite)) {
    fail('range', `expected finite bounds and a step other than 0, got start ${start}, stop ${stop}, step ${step}`)
  }
  if (dtype === 'int32') checkIntegers('range', [start, step])
  const count = Math.max(0, Math.ceil((stop - start) / step))
  const data = allocate(dtype, count)
  for (let i = 0; i < count; i++) data[i] = start + i * step
  return new Tensor(data, [count], dtype)
}

/**
 * The identity matrix, shape `[size, size]`.
 * @example
 * ```ts
 * import { identity } from '@ostinato/tensor'
 * console.assert(String(identity(2).toArray()) === '1,0,0,1')
 * ```
 */
export function identity<D extends NumericDType = 'float32'>(
  size: number,
  options: DTypeOption<D> = {},
): Tensor<NoInfer<D>> {
  const out = zeros([size, size], options)
  for (let i = 0; i < size; i++) out.data[i * size + i] = 1
  return out
}
