// A parameter: the one kind of tensor whose values change. Which parameters a model has is the business of
// `@ostinato/nn`.
import type { FloatDType } from './dtype.ts'
import { fail } from './errors.ts'
import { formatShape, sameShape } from './shape.ts'
import { Tensor } from './tensor.ts'

const brand = Symbol.for('@ostinato/tensor/parameter')

/**
 * A tensor that training changes in place. It is an operand like any other: `matmul(x, this.weight)`.
 *
 * @example
 * ```ts
 * import { Parameter, zeros } from '@ostinato/tensor'
 * const bias = new Parameter(zeros([4]))
 * bias.update((data) => data.fill(0.5))
 * console.assert(bias.version === 1)
 * ```
 */
export class Parameter<D extends FloatDType = FloatDType> extends Tensor<D> {
  // Not initialised here: a field with a computed name keeps the class in bundles that do not use it.
  declare readonly [brand]: true
  /** Whether training changes it; `false` freezes it: no gradient is computed. */
  trainable: boolean
  #version = 0

  /** Takes over the values of `initial` (not copied). */
  constructor(initial: Tensor<D>, { trainable = true }: { readonly trainable?: boolean } = {}) {
    super(initial.data, initial.shape, initial.dtype)
    this[brand] = true
    this.trainable = trainable
  }

  /**
   * Counts the changes, so that what was computed from the values (packed weights, say) can be kept until they change.
   */
  get version(): number {
    return this.#version
  }

  /** Changes the values in place through `change`. */
  update(change: (data: Tensor<D>['data']) => void): void {
    change(this.data)
    this.#version++
  }

  /**
   * Copies the values of `source`, converting between float32 and float64.
   * @throws ShapeError when the shapes differ
   */
  assign(source: Tensor): void {
    if (!sameShape(source.shape, this.shape)) {
      fail('Parameter.assign', `expected shape ${formatShape(this.shape)}, got ${formatShape(source.shape)}`)
    }
    this.update((data) => {
      data.set(source.data)
    })
  }
}

/** Whether `value` is a parameter, also one from another copy of this package. */
export function isParameter(value: unknown): value is Parameter {
  return typeof value === 'object' && value !== null && brand in value
}
