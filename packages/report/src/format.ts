// Numbers as people read them.

/** Seconds as `0:07`, `12:30` or `1:02:03`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const whole = Math.max(0, Math.round(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] > 0 ? parts : parts.slice(1)
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

/** A count with three figures: `950`, `41.2k`, `3.10M`. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return '?'
  for (const [size, unit] of [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const) {
    if (count >= size) return `${(count / size).toPrecision(3)}${unit}`
  }
  return String(Math.round(count))
}

/** A share of 1 as a percentage with one decimal: `87.4 %`. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
