// Forecasts with how sure they are: what was, what is expected, bands around it, what came. One chart of one time axis;
// what the numbers mean is said by who made them.
import * as Plot from '@observablehq/plot'
import { axisOf, scaleOf } from './axis.ts'
import {
  characterWidth,
  draw,
  ink,
  isDrawable,
  namespace,
  palette,
  shorten,
  size,
  spoken,
  type TimeChartLabels,
} from './draw.ts'
import type { Point } from './line-chart.ts'

/** A step of a band. */
export interface BandPoint {
  readonly x: number
  readonly lower: number
  readonly upper: number
}

/** A forecast from one origin. */
export interface Fan {
  /** The point forecast, the median say. */
  readonly median: readonly Point[]
  /** From the widest to the narrowest, such as those of 95 and 80 %. */
  readonly bands: readonly { readonly name: string; readonly points: readonly BandPoint[] }[]
}

/** What a fan chart shows. */
export interface FanChartData {
  /** What was known, and what came true: one line, drawn over the bands. */
  readonly actual: readonly Point[]
  readonly fans: readonly Fan[]
}

const margin = { top: 40, right: 20, bottom: 54 } as const

/**
 * A line of what happened, and forecasts from one or more origins with their bands. Values that are NaN or infinite
 * leave a gap.
 *
 * @returns an `<svg>` element as text
 * @example
 * ```ts
 * import { fanChart } from '@ostinato/report'
 * const actual = [{ x: 0, y: 5 }, { x: 1, y: 6 }, { x: 2, y: 5.5 }]
 * const median = [{ x: 1, y: 5.5 }, { x: 2, y: 5.6 }]
 * const points = [{ x: 1, lower: 5, upper: 6 }, { x: 2, lower: 4.6, upper: 6.6 }]
 * const fans = [{ median, bands: [{ name: '80 %', points }] }]
 * const svg = fanChart({ actual, fans }, { title: 'Sales', x: 'day', y: 'pieces' })
 * console.assert(svg.startsWith('<svg') && svg.includes('80 %'))
 * ```
 */
export function fanChart({ actual, fans }: FanChartData, { title, x, y, axis = 'number' }: TimeChartLabels): string {
  const line = (points: readonly Point[]) =>
    points.map((point) => ({ x: point.x, y: isDrawable(point.y) ? point.y : NaN }))
  const isWhole = ({ lower, upper }: BandPoint) => isDrawable(lower) && isDrawable(upper)
  const bands = fans.map((fan) => fan.bands.map(({ points }) => points.filter(isWhole)))
  const all = bands.flat(2)
  const lines = [actual, ...fans.map(({ median }) => median)].flat().filter((point) => isDrawable(point.y))
  const heights = [...lines.map((point) => point.y), ...all.flatMap(({ lower, upper }) => [lower, upper])]
  const up = heights.length === 0 ? undefined : axisOf(heights)
  const names = [...new Set(fans.flatMap(({ bands }) => bands.map(({ name }) => name)))]
  const shade = (i: number, count: number) => 0.18 + (0.24 * i) / Math.max(1, count - 1)
  const lead = Math.max(0, ...fans.map((fan) => fan.bands.length))
  const key = [
    { mark: '━', name: 'actual', fill: ink, opacity: 1 },
    { mark: '━', name: 'forecast', fill: palette[1], opacity: 1 },
    ...names.map((name, i) => ({ mark: '▇', name, fill: palette[0], opacity: shade(i, lead) })),
  ]
  return draw(
    {
      height: size.height + 20,
      marginTop: margin.top,
      marginLeft: 16 + Math.max(4, up?.characters ?? 0) * characterWidth,
      marginRight: margin.right,
      marginBottom: margin.bottom,
      x: { label: shorten(x, 36), labelOffset: margin.bottom - 8, type: axis === 'date' ? 'utc' : 'linear', ticks: 5 },
      y: { label: shorten(y, 20), grid: true, ...scaleOf(up) },
      marks: [
        ...bands.flatMap((of) => of.map((points, i) => {
          const fill = { fill: palette[0], fillOpacity: shade(i, of.length) }
          return Plot.areaY(points, { x: 'x', y1: 'lower', y2: 'upper', ...fill })
        })),
        Plot.line(line(actual), { x: 'x', y: 'y', stroke: ink, strokeWidth: 1.6 }),
        ...fans.map(({ median }) => Plot.line(line(median), { x: 'x', y: 'y', stroke: palette[1], strokeWidth: 2 })),
        ...(up === undefined ? [Plot.text(['no values'], { frameAnchor: 'middle', fill: ink })] : []),
      ],
    },
    describe(title, { actual, fans }),
    (svg, document) => {
      const text = document.createElementNS(namespace, 'text')
      const place = { x: String(size.width - margin.right), y: '3', dy: '0.71em', 'text-anchor': 'end' }
      for (const [name, value] of Object.entries(place)) text.setAttribute(name, value)
      const span = (attributes: Readonly<Record<string, string | number>>, words: string) => {
        const made = document.createElementNS(namespace, 'tspan')
        for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
        made.textContent = words
        text.append(made)
      }
      key.forEach(({ mark, name, fill, opacity }, i) => {
        span({ fill, 'fill-opacity': opacity, dx: i === 0 ? 0 : 14 }, mark)
        span({ fill: ink, dx: 5 }, name)
      })
      svg.append(text)
    },
  )
}

function describe(title: string, { actual, fans }: FanChartData): string {
  const parts = fans.map(({ median, bands }) => {
    const end = median[median.length - 1]
    const around = bands.flatMap(({ name, points }) => {
      const last = points[points.length - 1]
      return last === undefined ? [] : [`${name} from ${spoken(last.lower)} to ${spoken(last.upper)}`]
    })
    return end === undefined ? 'an empty forecast' : [`forecast of ${spoken(end.y)} at the end`, ...around].join(', ')
  })
  const last = actual[actual.length - 1]
  return [title, ...(last === undefined ? [] : [`the last actual value is ${spoken(last.y)}`]), ...parts].join('. ')
}
