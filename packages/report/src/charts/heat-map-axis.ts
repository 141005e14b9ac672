// Where the rows or columns of a heat map stand, which of them are labelled, and which are drawn as one. It draws
// nothing.
import { isDrawable } from './draw.ts'

/** Names, or numbers, of rows or columns. */
export type HeatMapAxis = readonly string[] | readonly number[]

/** The places of rows or columns. */
export interface Positions {
  /** Places: each holds one row or column, or several neighbours. */
  readonly count: number
  /** Rows or columns of a place. */
  readonly size: number
  /** Whether they have names, all of which are labelled, and not numbers. */
  readonly named: boolean
  readonly ticks: readonly { readonly at: number; readonly label: string }[]
  /** What a place is called. */
  readonly name: (place: number) => string
}

/** About how many numbers stand along an axis. */
const numbers = 6
const strides = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]

/** @param most places at most */
export function positions(length: number, given: HeatMapAxis | undefined, most: number): Positions {
  const size = Math.max(1, Math.ceil(length / most))
  const count = Math.ceil(length / size)
  const label = (i: number) => String(given?.[i] ?? i)
  const named = given !== undefined && given.some((each) => typeof each === 'string')
  const stride = named ? size : (strides.find((each) => length / each <= numbers) ?? Math.ceil(length / numbers))
  const ticks = Array.from({ length: Math.ceil(length / stride) }, (_, i) => ({
    at: (Math.min(i * stride + (named ? (size - 1) / 2 : 0), length - 1) + 0.5) / size,
    label: label(i * stride),
  }))
  const name = (place: number) => {
    const [first, last] = [place * size, Math.min(length, (place + 1) * size) - 1]
    return first === last ? label(first) : `${label(first)} to ${label(last)}`
  }
  return { count, size, named, ticks, name }
}

/** A cell of a heat map; NaN where none of what it holds can be drawn. */
export interface Cell {
  readonly row: number
  readonly column: number
  readonly value: number
}

/** The cells of all places, each with the mean of what it holds. */
export function binned(
  values: readonly (readonly number[])[],
  { across, down, scale }: { readonly across: Positions; readonly down: Positions; readonly scale: 'linear' | 'log' },
): Cell[] {
  return Array.from({ length: down.count * across.count }, (_, i) => {
    const [row, column] = [Math.floor(i / across.count), i % across.count]
    const held = values
      .slice(row * down.size, (row + 1) * down.size)
      .flatMap((line) => line.slice(column * across.size, (column + 1) * across.size))
      .filter(isDrawable)
    return { row, column, value: mean(held, scale) }
  })
}

/** NaN of nothing; the geometric mean of what is above 0 on a logarithmic scale. */
function mean(values: readonly number[], scale: 'linear' | 'log'): number {
  if (values.length === 1) return values[0]
  const average = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length
  if (scale === 'linear' || values.length === 0) return average(values)
  const above = values.filter((value) => value > 0)
  return above.length === 0 ? 0 : Math.exp(average(above.map(Math.log)))
}
