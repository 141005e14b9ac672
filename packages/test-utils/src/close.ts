// expectClose: numbers that agree within a stated tolerance. It knows no tensor class: an array of numbers will do, or
// whatever has a shape and data.
import { assert } from 'vitest'

/** Numbers in a row, or a tensor by structure: its row-major `data` and its `shape`. */
export type Values = ArrayLike<number> | { readonly shape: readonly number[]; readonly data: ArrayLike<number> }

/** Two numbers agree when `|actual - expected| <= absolute + relative * |expected|`. */
export interface Tolerance {
  /** Default 1e-5: about eighty units in the last place of a float32. */
  readonly relative?: number
  /** Default 1e-7; for values that should be zero. */
  readonly absolute?: number
}

const dataOf = (values: Values): ArrayLike<number> => 'data' in values ? values.data : values
const shapeOf = (values: Values): readonly number[] | undefined => 'shape' in values ? values.shape : undefined

/** `7` -> `7 [1, 2]` where the shape is known. */
const place = (index: number, shape: readonly number[] | undefined): string => {
  if (!shape || shape.length < 2) return String(index)
  const indices: number[] = []
  let rest = index
  for (const size of [...shape].reverse()) {
    indices.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return `${index} [${indices.join(', ')}]`
}

/**
 * Asserts that two rows of numbers, or two tensors, have the same shape and agree within the tolerance. NaN agrees with
 * NaN, an infinity with itself. The message names the worst index.
 *
 * @throws AssertionError with the worst index, what was expected there and what came
 */
export function expectClose(actual: Values, expected: Values, tolerance: Tolerance = {}): void {
  const { relative = 1e-5, absolute = 1e-7 } = tolerance
  const [actualShape, shape] = [shapeOf(actual), shapeOf(expected)]
  if (actualShape && shape && actualShape.join() !== shape.join()) {
    assert.fail(`expectClose: expected shape [${shape.join(', ')}], got [${actualShape.join(', ')}]`)
  }
  const [a, e] = [dataOf(actual), dataOf(expected)]
  if (a.length !== e.length) assert.fail(`expectClose: expected ${e.length} values, got ${a.length}`)

  let outside = 0
  let worst = 0
  let worstExcess = -1
  for (let i = 0; i < e.length; i++) {
    const same = Object.is(a[i], e[i]) || a[i] === e[i]
    const difference = same ? 0 : Math.abs(a[i] - e[i])
    const allowed = absolute + relative * Math.abs(e[i])
    // Where infinity or NaN meets another number, the comparison below is false.
    if (same || (difference <= allowed && Number.isFinite(e[i]))) continue
    outside++
    const excess = Number.isFinite(difference) ? difference / (allowed || Number.MIN_VALUE) : Infinity
    if (excess > worstExcess) [worst, worstExcess] = [i, excess]
  }
  if (outside === 0) return
  const difference = Math.abs(a[worst] - e[worst])
  assert.fail(
    `expectClose: ${outside} of ${e.length} values differ by more than ${absolute} + ${relative} * |expected|; `
    + `worst at ${place(worst, shape ?? actualShape)}: expected ${e[worst]}, got ${a[worst]} `
    + `(difference ${difference.toPrecision(3)}, relative ${(difference / Math.abs(e[worst])).toPrecision(3)})`,
  )
}
