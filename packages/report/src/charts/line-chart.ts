// Lines over a common axis, such as the curves of a training run.
import * as Plot from '@observablehq/plot'
import { axisOf, scaleOf } from './axis.ts'
import {
  characterWidth,
  draw,
  ink,
  isDrawable,
  lengthOf,
  namespace,
  palette,
  shorten,
  size,
  spoken,
  type TimeChartLabels,
} from './draw.ts'

/** A point of a line. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A line of a chart. */
export interface Series {
  readonly name: string
  readonly points: readonly Point[]
  /** Also draw each point. Default false; a point without a neighbour is always drawn. */
  readonly dots?: boolean
}

const legendRow = 24
const margin = { right: 20, bottom: 54 } as const

/**
 * Lines over a common axis, with a legend above. Where a value is NaN or infinite, its line has a gap; where there is
 * no value at all, the chart says so: no report fails because of what a run was like.
 *
 * @returns an `<svg>` element as text
 * @example
 * ```ts
 * import { lineChart } from '@ostinato/report'
 * const points = [{ x: 0, y: 0.7 }, { x: 1, y: 0.5 }, { x: 2, y: NaN }]
 * const svg = lineChart([{ name: 'training', points }], { title: 'Loss', x: 'epoch', y: 'loss' })
 * console.assert(svg.startsWith('<svg') && svg.includes('training'))
 * ```
 */
export function lineChart(series: readonly Series[], { title, x, y, axis = 'number' }: TimeChartLabels): string {
  const lines = series.map(({ name, points, dots = false }, index) => {
    return { name, index, dots, points: withGaps(points) }
  })
  const rows = lines.flatMap(({ index, points }) => points.map((point) => ({ ...point, index })))
  const drawn = rows.filter((point) => isDrawable(point.y))
  const dots = lines.flatMap(({ index, dots: all, points }) => {
    const dotted = points.filter((point, i) => isDrawable(point.y) && (all || isAlone(points, i)))
    return dotted.map((point) => ({ ...point, index }))
  })
  const yLabel = shorten(y, 32)
  const legend = legendRows(series.map(({ name }) => name), yLabel)
  const keys = drawn.length === 0 ? [] : (['x', 'y'] as const)
  const [across, up] = keys.map((key) => axisOf(drawn.map((point) => point[key])))
  const colour = ({ index }: { readonly index: number }) => colourOf(index)
  return draw(
    {
      height: size.height + (legend.length - 1) * legendRow,
      marginTop: legend.length * legendRow + 14,
      marginLeft: 16 + Math.max(4, up?.characters ?? 0) * characterWidth,
      marginRight: margin.right,
      marginBottom: margin.bottom,
      x: {
        label: shorten(x, 36),
        labelOffset: margin.bottom - 8,
        ...(axis === 'date' ? { type: 'utc', ticks: 5 } : { type: 'linear', ...scaleOf(across) }),
      },
      y: { label: yLabel, type: 'linear', grid: true, ...scaleOf(up) },
      marks: [
        ...lines.map(({ index, points }) =>
          Plot.line(points, {
            x: 'x',
            y: 'y',
            stroke: colourOf(index),
            strokeWidth: 2,
            // Beyond the palette the colours come again, dashed.
            ...(index >= palette.length && { strokeDasharray: '6 4' }),
          }),
        ),
        Plot.dot(dots, { x: 'x', y: 'y', fill: colour, r: 3.5 }),
        ...(up === undefined ? [Plot.text(['no values'], { frameAnchor: 'middle', fill: ink })] : []),
      ],
    },
    describe(title, lines),
    (svg, document) => {
      legend.forEach((entries, row) => {
        svg.append(legendText(document, entries, row))
      })
    },
  )
}

const colourOf = (index: number): string => palette[index % palette.length]

/** Points in their order with every value that cannot be drawn as NaN, at which Plot breaks a line. */
const withGaps = (points: readonly Point[]): Point[] =>
  points.filter(({ x }) => isDrawable(x)).map(({ x, y }) => ({ x, y: isDrawable(y) ? y : NaN }))

/** A line needs two points: one without a neighbour would not be seen. */
const isAlone = (points: readonly Point[], i: number): boolean =>
  ![points[i - 1], points[i + 1]].some((neighbour) => neighbour !== undefined && isDrawable(neighbour.y))

interface LegendEntry {
  readonly name: string
  readonly index: number
}

/** Names in rows that are surely not wider than the chart; the label of the axis stands in the first one too. */
function legendRows(names: readonly string[], label: string): LegendEntry[][] {
  const capacity = Math.floor(size.width / characterWidth)
  const rows: LegendEntry[][] = [[]]
  let room = capacity - lengthOf(label) - 3
  names.forEach((full, index) => {
    const name = shorten(full, 28)
    const width = lengthOf(name) + 4
    if (width > room) {
      rows.push([])
      room = capacity
    }
    rows[rows.length - 1].push({ name, index })
    room -= width
  })
  return rows
}

/** A row of the legend: one text, in which each name begins where the one before ends, against the right edge. */
function legendText(document: Document, entries: readonly LegendEntry[], row: number): SVGElement {
  const element = (tag: string, attributes: Readonly<Record<string, string | number>>, content = '') => {
    const made = document.createElementNS(namespace, tag)
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
    made.textContent = content
    return made
  }
  const text = element('text', { x: size.width - margin.right, y: 3 + row * legendRow, dy: '0.71em', 'text-anchor': 'end', fill: ink })
  entries.forEach(({ name, index }, i) => {
    const mark = index >= palette.length ? '╍' : '━'
    text.append(element('tspan', { fill: colourOf(index), dx: i === 0 ? 0 : 16, 'font-weight': 700 }, mark))
    text.append(element('tspan', { dx: 5 }, name))
  })
  return text
}

function describe(title: string, lines: readonly Series[]): string {
  const parts = lines.map(({ name, points }) => {
    const values = points.map(({ y }) => y).filter(isDrawable)
    if (values.length === 0) return `${name}: no values`
    const [first, last] = [values[0], values[values.length - 1]].map(spoken)
    return values.length === 1 ? `${name}: ${first}` : `${name}: from ${first} to ${last}`
  })
  return [title, ...parts].join('. ')
}
