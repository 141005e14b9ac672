// Where a window that slides over a plane lies: the sizes, strides, paddings and output sizes that convolution and
// pooling share. Computes no value.
import { ShapeError } from '../errors.ts'
import { formatShape, type Shape } from '../shape.ts'

/** Height and width. */
export type Plane = readonly [height: number, width: number]

/** One number for height and width alike, or both. */
export type Extent = number | Plane

/**
 * How a window slides: at output `i` and offset `k` within the window it reads input `i * stride - padding + k *
 * dilation`, along height and width; places outside the input are padding.
 */
export interface Window {
  readonly input: Plane
  readonly kernel: Plane
  readonly output: Plane
  readonly stride: Plane
  readonly padding: Plane
  readonly dilation: Plane
}

const AXES = ['height', 'width'] as const

/** Collects what is wrong with the arguments of one call, and throws it all at once. */
export class WindowCheck {
  readonly #faults: string[] = []

  /** @param where the function that was called */
  constructor(readonly where: string) {}

  expect(condition: boolean, fault: () => string): void {
    if (!condition) this.#faults.push(fault())
  }

  /** Both values of an extent, each a whole number of at least `least`. */
  plane(name: string, value: Extent, least: number): Plane {
    const plane: Plane = typeof value === 'number' ? [value, value] : value
    this.expect(plane.length === 2 && plane.every((n) => Number.isInteger(n) && n >= least), () => {
      const got = typeof value === 'number' ? String(value) : `[${value.join(', ')}]`
      return `expected ${name} of ${least} or more, a whole number or [height, width], got ${got}`
    })
    return plane
  }

  /** That a tensor has the axes named. */
  rank(name: string, shape: Shape, axes: readonly string[]): void {
    this.expect(shape.length === axes.length, () => `expected ${name} [${axes.join(', ')}], got ${formatShape(shape)}`)
  }

  throwIfAny(): void {
    if (this.#faults.length > 0) throw new ShapeError(this.where, this.#faults)
  }
}

/** How much of the input a window spans. */
export const spanOf = (kernel: Plane, dilation: Plane, axis: number): number => dilation[axis] * (kernel[axis] - 1) + 1

/**
 * How many places a window takes along each axis: `floor((input + 2 padding - span) / stride) + 1`. With `ceilMode` the
 * quotient is rounded up, but the last window must start within the input or the padding before it.
 */
export function slide(
  check: WindowCheck,
  { input, kernel, stride, padding, dilation }: Omit<Window, 'output'>,
  { ceilMode = false }: { readonly ceilMode?: boolean } = {},
): Plane {
  const along = (axis: 0 | 1) => {
    const span = spanOf(kernel, dilation, axis)
    const steps = (input[axis] + 2 * padding[axis] - span) / stride[axis]
    const rounded = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1
    const places = ceilMode && (rounded - 1) * stride[axis] >= input[axis] + padding[axis] ? rounded - 1 : rounded
    check.expect(places >= 1, () =>
      `expected an input that the window fits into, got ${AXES[axis]} ${input[axis]}`
      + `${padding[axis] > 0 ? ` with padding ${padding[axis]} at both ends` : ''}: the window spans ${span}`)
    return places
  }
  return [along(0), along(1)]
}
