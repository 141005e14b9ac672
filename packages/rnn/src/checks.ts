// Checks of what attention and decoders are given, worded the house's way. Nothing here computes.
import { formatShape, ShapeError, type AnyTensor, type DType } from '@ostinato/tensor'

/** An axis of an expected shape: its name, or its name and size. */
export type Axis = string | readonly [name: string, size: number]

/** The faults of `x`, called `label`, against the axes and the element type expected of it. */
export function tensorFaults(label: string, x: AnyTensor, axes: readonly Axis[], dtype: DType): string[] {
  const faults: string[] = []
  if (x.dtype !== dtype) faults.push(`${label}: expected ${dtype}, got ${x.dtype}: convert it with cast(x, '${dtype}')`)
  const names = axes.map((axis) => (typeof axis === 'string' ? axis : `${axis[0]}=${axis[1]}`)).join(', ')
  const shapes = `${label}: expected [${names}], got ${formatShape(x.shape)}`
  if (x.rank !== axes.length) return [...faults, `${shapes}: ${x.rank} axes instead of ${axes.length}`]
  const wrong = axes.flatMap((axis, i) =>
    typeof axis === 'string' || axis[1] === x.shape[i] ? [] : [`axis ${i} '${axis[0]}' is ${x.shape[i]}`],
  )
  return wrong.length > 0 ? [...faults, `${shapes}: ${wrong.join(', ')}`] : faults
}

/** Throws one `ShapeError` with all `faults`, if there are any. */
export function throwFaults(where: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new ShapeError(where, faults)
}

/** Throws one `RangeError` with all `faults` of options, if there are any. */
export function throwRangeFaults(where: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new RangeError(new ShapeError(where, faults).message)
}

/** The names of those `values` that are not integers of 1 or more, as faults. */
export function sizeFaults(values: Readonly<Record<string, number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    Number.isSafeInteger(value) && value >= 1 ? [] : [`expected ${name} to be an integer of 1 or more, got ${value}`],
  )
}
