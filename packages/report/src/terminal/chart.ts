// A chart of characters, for those who look at a terminal: each series a mark in a grid. It writes nothing itself.

/** The size of a chart of characters. */
export interface TerminalChartOptions {
  /** Lines. Default 10. */
  readonly height?: number
  /** The most columns; longer series are averaged over neighbours. Default 72. */
  readonly width?: number
  /** From where to where something is uncertain, as long as the series; drawn below them. */
  readonly bands?: readonly { readonly lower: ArrayLike<number>; readonly upper: ArrayLike<number> }[]
}

const marks = ['·', '●', '○', '+'] as const
const shade = '░'

/**
 * Series over a common axis, one column a value, later series over earlier ones and all of them over the bands. NaN is
 * a gap: a forecast begins where the history ends.
 *
 * @throws RangeError when the height is below 2 or the width below 1
 * @example
 * ```ts
 * import { terminalChart } from '@ostinato/report/terminal'
 * const chart = terminalChart([[1, 2, 3, NaN, NaN], [NaN, NaN, NaN, 4, 5]], { height: 5 })
 * console.assert(chart.split('\n').length === 5 && chart.startsWith('5.00 ┤    ●'))
 * ```
 */
export function terminalChart(series: readonly ArrayLike<number>[], options: TerminalChartOptions = {}): string {
  const { height = 10, width = 72, bands = [] } = options
  if (!(Number.isInteger(height) && height >= 2 && Number.isInteger(width) && width >= 1)) {
    throw new RangeError(`terminalChart: expected a height of 2 or more, got ${height}, and a width of 1 or more, got ${width}`)
  }
  const edges = bands.map(({ lower, upper }) => [lower, upper])
  const longest = Math.max(0, ...[...series, ...edges.flat()].map(({ length }) => length))
  const fit = (values: ArrayLike<number>) => shrink(Array.from(values), Math.ceil(longest / width))
  const [lines, areas] = [series.map(fit), edges.map((pair) => pair.map(fit))]
  const drawn = [...lines, ...areas.flat()].flat().filter(Number.isFinite)
  if (drawn.length === 0) return 'no values'
  const [least, most] = [Math.min(...drawn), Math.max(...drawn)]
  // A constant has no height: its axis reaches a step to either side.
  const [low, high] = most > least ? [least, most] : [least - 1, most + 1]
  const rowOf = (value: number) => Math.round(((high - value) / (high - low)) * (height - 1))
  const grid = Array.from({ length: height }, () => [] as string[])
  for (const [lower, upper] of areas) {
    lower.forEach((value, column) => {
      if (!Number.isFinite(value) || !Number.isFinite(upper[column])) return
      for (let row = rowOf(upper[column]); row <= rowOf(value); row++) grid[row][column] = shade
    })
  }
  lines.forEach((values, i) => {
    values.forEach((value, column) => {
      if (Number.isFinite(value)) grid[rowOf(value)][column] = marks[i % marks.length]
    })
  })
  const labels = grid.map((_, row) => (high - (row / (height - 1)) * (high - low)).toFixed(2))
  const size = Math.max(...labels.map(({ length }) => length))
  const text = (row: readonly (string | undefined)[]) => Array.from(row, (mark) => mark ?? ' ').join('')
  return grid.map((row, i) => `${labels[i].padStart(size)} ┤${text(row)}`).join('\n')
}

/** Means of `step` neighbours; a gap where all of them are missing. */
function shrink(values: readonly number[], step: number): number[] {
  return Array.from({ length: Math.ceil(values.length / Math.max(1, step)) }, (_, i) => {
    const part = values.slice(i * step, (i + 1) * step).filter(Number.isFinite)
    return part.length === 0 ? NaN : part.reduce((sum, value) => sum + value, 0) / part.length
  })
}
