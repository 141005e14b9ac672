// A linear axis for given values: from where to where, how its ticks are written, how much room they take. It draws
// nothing.
import type { ScaleOptions } from '@observablehq/plot'

/** What a chart needs to know of an axis before it is drawn. */
export interface Axis {
  readonly domain: readonly [least: number, most: number]
  /** For Plot: plain numbers where it is absent. */
  readonly tickFormat?: string
  /** The length of the longest tick label, about. */
  readonly characters: number
}

/** About how many ticks an axis has. */
const tickCount = 6

/** An axis over `values`, which are drawable and at least one; a single value stands in its middle. */
export function axisOf(values: readonly number[]): Axis {
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  const size = Math.max(Math.abs(least), Math.abs(most))
  // Values that are the same but for rounding get an axis of a width that does not come from them.
  if (most - least <= Math.max(1e-9 * size, 1e-100)) {
    const margin = size > 1e-100 ? size / 2 : 1
    least -= margin
    most += margin
  }
  const largest = Math.max(Math.abs(least), Math.abs(most))
  const [order, finest] = [largest, (most - least) / tickCount].map((value) => Math.floor(Math.log10(value)))
  const sign = least < 0 ? 1 : 0
  const domain = [least, most] as const
  if (largest >= 0.01 && largest < 1e4) {
    const decimals = Math.max(0, -finest)
    // A thousand has a comma.
    const whole = order < 3 ? Math.max(1, order + 1) : 5
    return { domain, characters: sign + whole + (decimals === 0 ? 0 : decimals + 1) }
  }
  const figures = Math.min(16, order - finest + 1)
  return largest >= 1e4 && largest < 1e15
    ? { domain, tickFormat: '~s', characters: sign + figures + 3 }
    : { domain, tickFormat: '~e', characters: sign + figures + 5 }
}

/** The axis as Plot is told of it; without values there is one without ticks. */
export function scaleOf(axis: Axis | undefined): ScaleOptions {
  if (axis === undefined) return { domain: [0, 1], ticks: [] }
  const { domain, tickFormat } = axis
  return { domain, ticks: tickCount, ...(tickFormat !== undefined && { tickFormat }) }
}
