// A chart in characters: the last values of a series and its forecast with an interval. For terminals and logs.

/** What is drawn. */
export interface TerminalChart {
  readonly past: ArrayLike<number>
  readonly mean: ArrayLike<number>
  readonly lower: ArrayLike<number>
  readonly upper: ArrayLike<number>
}

/** Lines of text: `•` what was, `○` what is forecast, `░` the interval. */
export function terminalChart(
  { past, mean, lower, upper }: TerminalChart,
  { rows = 12, columns = 72 } = {},
): string[] {
  const shown = Array.from(past).slice(-Math.max(8, columns - mean.length))
  const all = [...shown, ...Array.from(mean), ...Array.from(lower), ...Array.from(upper)].filter(Number.isFinite)
  const [least, most] = [Math.min(...all), Math.max(...all)]
  const rowOf = (value: number) => Math.round(((value - least) / (most - least || 1)) * (rows - 1))
  const width = shown.length + mean.length
  const grid = Array.from({ length: rows }, () => new Array<string>(width).fill(' '))
  shown.forEach((value, x) => (grid[rowOf(value)][x] = '•'))
  for (let h = 0; h < mean.length; h++) {
    for (let y = rowOf(lower[h]); y <= rowOf(upper[h]); y++) grid[y][shown.length + h] = '░'
    grid[rowOf(mean[h])][shown.length + h] = '○'
  }
  const label = (y: number) => (least + (y / (rows - 1)) * (most - least)).toPrecision(5)
  const labels = grid.map((_, y) => (y === 0 || y === rows - 1 || y === Math.floor(rows / 2) ? label(y) : ''))
  const space = Math.max(...labels.map((text) => text.length))
  return grid.map((cells, y) => `${labels[y].padStart(space)} ┤${cells.join('').trimEnd()}`).reverse()
}
