// Charts as SVG text, drawn by Observable Plot on a document that needs no browser.
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

/** A line of a chart. */
export interface Series {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
  /** Also draw each point. Default false. */
  readonly dots?: boolean
}

/** The words around a chart. */
export interface ChartLabels {
  /** What a reader who cannot see the chart is told. */
  readonly title: string
  readonly x: string
  readonly y: string
}

/** The colours of series and bars, distinguishable with colour blindness (Okabe & Ito 2008). */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const

const size = { width: 560, height: 300, marginLeft: 56, marginBottom: 40 } as const

function draw(options: Plot.PlotOptions, title: string): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const figure = Plot.plot({ ...size, ariaLabel: title, ...options, document: document as unknown as Document, figure: false })
  return figure.outerHTML
}

/**
 * Lines over a common axis, with a legend in the chart.
 * @returns an `<svg>` element as text
 * @throws RangeError when there is nothing to draw
 * @example
 * ```ts
 * import { lineChart } from '@ostinato/report'
 * const svg = lineChart([{ name: 'loss', points: [{ x: 0, y: 1 }, { x: 1, y: 0.5 }] }], { title: 'Loss', x: 'step', y: 'loss' })
 * console.assert(svg.startsWith('<svg'))
 * ```
 */
export function lineChart(series: readonly Series[], { title, x, y }: ChartLabels): string {
  if (series.every(({ points }) => points.length === 0)) throw new RangeError(`lineChart: expected at least one point, got none for '${title}'`)
  const rows = series.flatMap(({ name, points, dots = false }) => points.map((point) => ({ ...point, name, dots })))
  const names = series.map(({ name }) => name)
  const last = series.flatMap(({ name, points }) => points.slice(-1).map((point) => ({ ...point, name })))
  return draw(
    {
      x: { label: x },
      y: { label: y, grid: true },
      marginRight: 96,
      color: { domain: names, range: palette.slice(0, names.length) },
      marks: [
        Plot.line(rows, { x: 'x', y: 'y', stroke: 'name', z: 'name', strokeWidth: 1.8 }),
        Plot.dot(rows.filter((row) => row.dots), { x: 'x', y: 'y', fill: 'name', r: 3 }),
        Plot.text(spread(last), { x: 'x', y: 'y', text: 'name', fill: 'name', textAnchor: 'start', dx: 8, fontWeight: 600 }),
      ],
    },
    title,
  )
}

/** Moves labels that would lie on each other apart, by a share of the range that they span. */
function spread<T extends { readonly y: number }>(labels: readonly T[]): T[] {
  const sorted = [...labels].sort((a, b) => a.y - b.y)
  if (sorted.length < 2) return sorted
  const gap = (sorted[sorted.length - 1].y - sorted[0].y) / Math.max(8, 2 * sorted.length)
  let previous = -Infinity
  return sorted.map((label) => {
    const y = Math.max(label.y, previous + gap)
    previous = y
    return { ...label, y }
  })
}

/** One bar. */
export interface Bar {
  readonly name: string
  readonly value: number
  /** Draw it in the accent colour. */
  readonly highlight?: boolean
}

/**
 * Horizontal bars with their values at the end, in the order given.
 * @returns an `<svg>` element as text
 */
export function barChart(bars: readonly Bar[], { title, x, format }: { readonly title: string; readonly x: string; readonly format: (value: number) => string }): string {
  return draw(
    {
      height: 60 + 44 * bars.length,
      marginLeft: 190,
      marginRight: 64,
      x: { label: x, grid: true, domain: [0, Math.max(...bars.map(({ value }) => value), 0) || 1] },
      y: { label: null, domain: bars.map(({ name }) => name) },
      marks: [
        Plot.barX(bars, { x: 'value', y: 'name', fill: (bar: Bar) => (bar.highlight === true ? palette[0] : '#a7b0b8'), insetTop: 3, insetBottom: 3 }),
        Plot.text(bars, { x: 'value', y: 'name', text: (bar: Bar) => format(bar.value), textAnchor: 'start', dx: 6 }),
      ],
    },
    title,
  )
}

/**
 * A confusion matrix: rows are the true classes, columns the predicted ones; shade and figures are counts.
 * @param confusion `confusion[actual][predicted]`
 * @returns an `<svg>` element as text
 */
export function confusionChart(confusion: readonly (readonly number[])[], classes: readonly string[]): string {
  const cells = confusion.flatMap((row, actual) => {
    const total = row.reduce((a, b) => a + b, 0)
    return row.map((count, predicted) => ({ actual: classes[actual], predicted: classes[predicted], count, share: total === 0 ? 0 : count / total }))
  })
  return draw(
    {
      width: 380,
      height: 320,
      marginLeft: 90,
      marginTop: 40,
      padding: 0.04,
      x: { label: 'predicted', domain: classes, axis: 'top' },
      y: { label: 'true', domain: classes },
      color: { type: 'linear', domain: [0, 1], range: ['#eef3f7', palette[0]] },
      marks: [
        Plot.cell(cells, { x: 'predicted', y: 'actual', fill: 'share' }),
        Plot.text(cells, {
          x: 'predicted',
          y: 'actual',
          text: (cell: (typeof cells)[number]) => `${cell.count}\n${(100 * cell.share).toFixed(1)} %`,
          fill: (cell: (typeof cells)[number]) => (cell.share > 0.5 ? 'white' : '#1b2733'),
          fontSize: 14,
        }),
      ],
    },
    'Confusion matrix',
  )
}
