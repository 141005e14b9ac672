// Numbers as people read them. A number that is none (NaN, an infinity) is shown as `?`.

/**
 * Seconds as `0:07`, `12:30` or `1:02:03`.
 *
 * @example
 * ```ts
 * import { formatDuration } from '@ostinato/report'
 * console.assert(formatDuration(3723) === '1:02:03')
 * ```
 */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const whole = Math.max(0, Math.round(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] > 0 ? parts : parts.slice(1)
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

const units = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const

/**
 * A count; from a thousand on with three figures: `950`, `41.2k`, `3.10M`.
 *
 * @example
 * ```ts
 * import { formatCount } from '@ostinato/report'
 * console.assert(formatCount(41_234) === '41.2k' && formatCount(950) === '950')
 * ```
 */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return '?'
  if (Math.abs(count) < 999.5) return String(Math.round(count) + 0)
  // Rounded first: 999,960 is 1.00M, not 1000k.
  const rounded = Number(count.toPrecision(3))
  const [size, unit] = units.find(([least]) => Math.abs(rounded) >= least) ?? units[3]
  const value = rounded / size
  return Math.abs(value) < 1000 ? `${value.toPrecision(3)}${unit}` : rounded.toExponential(2)
}

/**
 * A share of 1 as a percentage with one decimal: `87.4 %`.
 *
 * @example
 * ```ts
 * import { formatPercent } from '@ostinato/report'
 * console.assert(formatPercent(0.8736) === '87.4 %')
 * ```
 */
export function formatPercent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '?'
}

/** A loss or metric with four decimals, or four figures where those say little. */
export function formatScore(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const magnitude = Math.abs(value)
  return magnitude === 0 || (magnitude >= 0.01 && magnitude < 1000) ? value.toFixed(4) : value.toPrecision(4)
}
