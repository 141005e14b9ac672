// Checks of what layers and losses are given, worded the house's way. Nothing here computes.
import { formatShape, isTensor, ShapeError, type AnyTensor, type DType } from '@ostinato/tensor'

/** An axis of an expected shape: its name, or its name and size. A leading `'...'` stands for any number of axes. */
export type Axis = string | readonly [name: string, size: number]

/** What a tensor must be. */
export interface Expected {
  readonly axes: readonly Axis[]
  readonly dtype: DType
}

const formatAxes = (axes: readonly Axis[]) =>
  `[${axes.map((axis) => (typeof axis === 'string' ? axis : `${axis[0]}=${axis[1]}`)).join(', ')}]`

/**
 * The faults of `x` against `expected`, each a sentence; none: an empty list. `label` names it where there are several.
 */
export function faultsOf(x: AnyTensor, { axes, dtype }: Expected, label = ''): string[] {
  const name = label === '' ? '' : `${label}: `
  if (!isTensor(x)) return [`${name}expected a tensor, got ${x === null ? 'null' : typeof x}`]
  const faults: string[] = []
  if (x.dtype !== dtype) faults.push(`${name}expected ${dtype}, got ${x.dtype}: convert it with cast(x, '${dtype}')`)
  const open = axes[0] === '...'
  const fixed = open ? axes.slice(1) : axes
  const shapes = () => `${name}expected ${formatAxes(axes)}, got ${formatShape(x.shape)}`
  if (open ? x.rank < fixed.length : x.rank !== fixed.length) {
    faults.push(`${shapes()}: ${count(x.rank, 'axis', 'axes')} instead of ${open ? 'at least ' : ''}${fixed.length}`)
    return faults
  }
  const wrong = fixed.flatMap((axis, i) => {
    const size = x.shape[x.rank - fixed.length + i]
    if (typeof axis === 'string' || axis[1] === size) return []
    return [`axis ${open ? i - fixed.length : i} '${axis[0]}' is ${size}`]
  })
  if (wrong.length > 0) faults.push(`${shapes()}: ${wrong.join(', ')}`)
  return faults
}

/** Throws a `ShapeError` unless `x` has the expected axes and element type. */
export function checkTensor(where: string, x: AnyTensor, expected: Expected): void {
  throwFaults(where, faultsOf(x, expected))
}

/** Throws one `ShapeError` with all `faults`, if there are any. */
export function throwFaults(where: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new ShapeError(where, faults)
}

/** Throws one `RangeError` with all `faults` of sizes, options or ids, if there are any. */
export function throwRangeFaults(where: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new RangeError(new ShapeError(where, faults).message)
}

/** The names of those `values` that are not integers of 1 or more, as faults. */
export function sizeFaults(values: Readonly<Record<string, number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    Number.isSafeInteger(value) && value >= 1 ? [] : [`expected ${name} to be an integer of 1 or more, got ${value}`])
}

/** Sizes that may be `[height, width]`, each an integer of `least` or more, as faults. */
export function extentFaults(values: Readonly<Record<string, number | readonly number[]>>, least: number): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const sizes = typeof value === 'number' ? [value] : value
    if (sizes.every((size) => Number.isSafeInteger(size) && size >= least)) return []
    const got = typeof value === 'number' ? String(value) : formatShape(value)
    return [`expected ${name} of integers of ${least} or more, got ${got}`]
  })
}

/** The faults of `value` if it lies outside `[low, high]` or is not a number. */
export function rangeFaults(name: string, value: number, [low, high]: readonly [number, number]): string[] {
  return value >= low && value <= high ? [] : [`expected ${name} from ${low} to ${high}, got ${value}`]
}

/** `1 axis`, `2 axes`. */
const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`
