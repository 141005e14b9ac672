// Horizontal bars, such as scores side by side. It does not sort them.
import * as Plot from '@observablehq/plot'
import { draw, ink, isDrawable, palette, shorten, size, type ChartLabels } from './draw.ts'

/** One bar. */
export interface Bar {
  readonly name: string
  readonly value: number
  /** Draw it in the accent colour. Where no bar asks for that, all have it. */
  readonly highlight?: boolean
}

/** The words around a bar chart, and how its values are written. */
export interface BarChartLabels extends Pick<ChartLabels, 'title' | 'x'> {
  readonly format: (value: number) => string
}

const margin = { top: 8, bottom: 54, side: 32 } as const
const row = 56

/**
 * Horizontal bars in the order given, each below its name and value. A value that is NaN or infinite has no bar.
 *
 * @returns an `<svg>` element as text
 * @example
 * ```ts
 * import { barChart, formatPercent } from '@ostinato/report'
 * const bars = [{ name: 'majority', value: 0.5 }, { name: 'network', value: 0.9, highlight: true }]
 * const svg = barChart(bars, { title: 'Accuracy on the test part', x: 'accuracy', format: formatPercent })
 * console.assert(svg.includes('90.0 %'))
 * ```
 */
export function barChart(bars: readonly Bar[], { title, x, format }: BarChartLabels): string {
  const accented = bars.some(({ highlight = false }) => highlight)
  const rows = bars.map(({ name, value, highlight = !accented }, index) => ({ name, value, highlight, index }))
  type Row = (typeof rows)[number]
  const values = rows.map(({ value }) => value).filter(isDrawable)
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)]
  const height = Math.max(size.height, row * rows.length + margin.top + margin.bottom)
  const band = rows.length === 0 ? 0 : (height - margin.top - margin.bottom) / rows.length
  // The words stand in the upper part of a band, the bar fills the lower one.
  const words = { y: 'index', dy: 12 - band / 2, fill: ink } as const
  return draw(
    {
      height,
      marginTop: margin.top,
      marginBottom: margin.bottom,
      marginLeft: margin.side,
      marginRight: margin.side,
      x: {
        label: shorten(x, 36),
        labelOffset: margin.bottom - 8,
        ticks: 5,
        tickFormat: format,
        domain: most - least > 1e-100 ? [least, most] : [0, 1],
      },
      y: { axis: null, padding: 0, domain: rows.map(({ index }) => index) },
      marks: [
        Plot.barX(rows.filter(({ value }) => isDrawable(value)), {
          x: 'value',
          y: 'index',
          fill: ({ highlight }: Row) => (highlight ? palette[0] : '#a7b0b8'),
          insetTop: 24,
          insetBottom: Math.max(6, (band - 24) / 4),
        }),
        ...(least < 0 ? [Plot.ruleX([0])] : []),
        Plot.text(rows, { ...words, frameAnchor: 'left', textAnchor: 'start', text: ({ name }: Row) => shorten(name, 36) }),
        Plot.text(rows, { ...words, frameAnchor: 'right', textAnchor: 'end', text: ({ value }: Row) => format(value) }),
        ...(rows.length === 0 ? [Plot.text(['no values'], { frameAnchor: 'middle', fill: ink })] : []),
      ],
    },
    [title, ...rows.map(({ name, value }) => `${name}: ${format(value)}`)].join('. '),
  )
}
