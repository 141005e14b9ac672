// How values are spread: counts in bins of one width, such as the residuals of a forecaster.
import * as Plot from '@observablehq/plot'
import { axisOf, scaleOf } from './axis.ts'
import { characterWidth, draw, ink, isDrawable, palette, shorten, spoken, type ChartLabels } from './draw.ts'

const margin = { top: 32, right: 20, bottom: 54 } as const

/**
 * Counts of values in about 30 bins, with a line at 0. Values that are NaN or infinite are not counted; the
 * description says how many there were.
 *
 * @returns an `<svg>` element as text
 * @example
 * ```ts
 * import { histogram } from '@ostinato/report'
 * const svg = histogram([-1, 0, 0.2, 2, NaN], { title: 'Residuals', x: 'error', y: 'forecasts' })
 * console.assert(svg.includes('4 values') && svg.includes('1 left out'))
 * ```
 */
export function histogram(values: ArrayLike<number>, { title, x, y }: ChartLabels): string {
  const drawn = Array.from(values).filter(isDrawable)
  const { bars, across } = binsOf(drawn)
  const up = axisOf([0, ...bars.map(({ count }) => count)])
  const mean = drawn.reduce((sum, value) => sum + value / drawn.length, 0)
  const left = values.length - drawn.length
  return draw(
    {
      marginTop: margin.top,
      marginLeft: 16 + Math.max(4, up.characters) * characterWidth,
      marginRight: margin.right,
      marginBottom: margin.bottom,
      x: {
        label: shorten(x, 36),
        labelOffset: margin.bottom - 8,
        ...scaleOf(across),
        ticks: drawn.length === 0 ? [] : 5,
      },
      y: { label: shorten(y, 32), grid: true, ...scaleOf(up) },
      marks: [
        Plot.rectY(bars, { x1: 'from', x2: 'to', y: 'count', fill: palette[0], inset: 0.5 }),
        ...(across.domain[0] <= 0 && across.domain[1] >= 0
          ? [Plot.ruleX([0], { stroke: palette[1], strokeWidth: 2 })]
          : []),
        ...(drawn.length === 0 ? [Plot.text(['no values'], { frameAnchor: 'middle', fill: ink })] : []),
      ],
    },
    [
      title,
      `${drawn.length} values`,
      ...(drawn.length > 0 ? [`mean ${spoken(mean)}`] : []),
      ...(left > 0 ? [`${left} left out`] : []),
    ].join('. '),
  )
}

const binCount = 30

function binsOf(values: readonly number[]) {
  const across = axisOf(values.length === 0 ? [0] : values)
  const [least, most] = across.domain
  const width = (most - least) / binCount
  const bars = Array.from({ length: values.length === 0 ? 0 : binCount }, (_, i) =>
    ({ from: least + i * width, to: least + (i + 1) * width, count: 0 }))
  for (const value of values) bars[Math.min(binCount - 1, Math.floor((value - least) / width))].count++
  return { bars, across }
}
