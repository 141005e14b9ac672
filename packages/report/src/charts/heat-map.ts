// A table of numbers as colours, such as the weights of an attention or gradients over time. It does not know what the
// numbers mean.
import * as Plot from '@observablehq/plot'
import {
  characterWidth,
  draw,
  ink,
  isDrawable,
  lengthOf,
  namespace,
  shorten,
  size,
  spoken,
  type ChartLabels,
} from './draw.ts'
import { binned, positions, type Cell, type HeatMapAxis } from './heat-map-axis.ts'

/** The words around a heat map, and how it is drawn. */
export interface HeatMapOptions extends ChartLabels {
  /** What the colours stand for. */
  readonly value: string
  /** A name for each row (words, say) or its number (a training step, say). Default: 0, 1, 2, … */
  readonly rows?: HeatMapAxis
  /** A name or a number for each column. Default: 0, 1, 2, … */
  readonly columns?: HeatMapAxis
  /** `log`: equal ratios look equally far apart, for values above 0. Default `linear`. */
  readonly scale?: 'linear' | 'log'
  /** The values at both ends of the colours, which those beyond have too. Default: the least and the most. */
  readonly domain?: readonly [least: number, most: number]
  /** Default: four figures. */
  readonly format?: (value: number) => string
}

/** From dark to light, alike to all eyes (after viridis: Smith & van der Walt 2015). */
const colours = ['#440154', '#46327e', '#365c8d', '#277f8e', '#1fa187', '#4ac16d', '#a0da39', '#fde725'] as const
const nothing = '#dfe4e8'
const longestName = 14
const legend = { height: 58, bar: 150, parts: 50 } as const
/** More rows or columns than this are drawn as means of neighbours. */
const most = { rows: 48, columns: 48 } as const

/**
 * A table of numbers as colours from dark (little) to light (much), with a legend above; each cell tells its value when
 * it is pointed at. Rows run downwards. A value that is NaN or infinite, or is missing because its row is shorter, is
 * grey; on a logarithmic scale 0 has the colour of the least. Where there are very many rows or columns, neighbours are
 * drawn as one cell with their mean (on a logarithmic scale the geometric one).
 *
 * @param values `values[row][column]`
 * @returns an `<svg>` element as text
 * @example
 * ```ts
 * import { heatMap } from '@ostinato/report'
 * const svg = heatMap([[0.9, 0.1], [0.2, 0.8]], {
 *   title: 'Attention', x: 'read', y: 'written', value: 'weight', domain: [0, 1],
 *   rows: ['un', 'chat'], columns: ['a', 'cat'],
 * })
 * console.assert(svg.includes('chat'))
 * ```
 */
export function heatMap(values: readonly (readonly number[])[], options: HeatMapOptions): string {
  const { title, x, y, value, scale = 'linear', format = spoken } = options
  const width = values.reduce((longest, row) => Math.max(longest, row.length), 0)
  const across = positions(width, options.columns, most.columns)
  const down = positions(values.length, options.rows, most.rows)
  const cells = binned(values, { across, down, scale }).map((cell) => ({ ...cell, drawn: isDrawable(cell.value) }))
  type Drawn = (typeof cells)[number]
  const drawn = cells.filter((cell) => cell.drawn).map((cell) => cell.value)
  const ends = options.domain ?? endsOf(drawn, scale)
  const place = (of: number) => placeOf(of, ends, scale)
  const name = (text: string) => shorten(text, longestName)
  const widest = Math.max(2, ...down.ticks.map(({ label }) => Math.min(longestName, lengthOf(label))))
  const left = 34 + widest * characterWidth
  const longestColumn = Math.max(1, ...across.ticks.map(({ label }) => Math.min(longestName, lengthOf(label))))
  const column = (size.width - left - 16) / Math.max(1, across.ticks.length)
  // Names that are wider than their columns stand upright.
  const upright = longestColumn * characterWidth > column
  const bottom = 40 + (upright ? longestColumn * characterWidth : 16)
  const height = Math.max(size.height, legend.height + bottom + down.count * (down.named ? 22 : 5))
  const axis = (ticks: typeof across.ticks) => ({
    ticks: ticks.map(({ at }) => at),
    tickFormat: (at: number) => name(ticks.find((tick) => tick.at === at)?.label ?? ''),
    tickSize: 3,
    type: 'linear' as const,
  })
  return draw(
    {
      height,
      marginTop: legend.height,
      marginLeft: left,
      marginRight: 16,
      marginBottom: bottom,
      x: {
        ...axis(across.ticks),
        domain: [0, Math.max(1, across.count)],
        label: shorten(x, 36),
        labelAnchor: 'center',
        labelArrow: 'none',
        labelOffset: bottom - 4,
        ...(upright && { tickRotate: -90 }),
      },
      y: {
        ...axis(down.ticks),
        domain: [0, Math.max(1, down.count)],
        reverse: true,
        label: shorten(y, 28),
        labelAnchor: 'center',
        labelArrow: 'none',
        labelOffset: left - 6,
      },
      marks: [
        Plot.rect(cells, {
          x1: ({ column: at }: Drawn) => at,
          x2: ({ column: at }: Drawn) => at + 1,
          y1: ({ row }: Drawn) => row,
          y2: ({ row }: Drawn) => row + 1,
          shapeRendering: 'crispEdges',
          fill: (cell: Drawn) => (cell.drawn ? colourAt(place(cell.value)) : nothing),
          title: (cell: Drawn) =>
            `${y} ${down.name(cell.row)}, ${x} ${across.name(cell.column)}: ${cell.drawn ? format(cell.value) : 'no value'}`,
        }),
        ...(cells.some(({ drawn }) => drawn) ? [] : [Plot.text(['no values'], { frameAnchor: 'middle', fill: ink })]),
      ],
    },
    describe(
      cells.filter((cell) => cell.drawn),
      { title, value, format, where: ({ row, column: at }) => `${y} ${down.name(row)}, ${x} ${across.name(at)}` },
    ),
    (svg, document) => {
      const missing = cells.some(({ drawn }) => !drawn)
      for (const part of legendParts({
        value,
        missing,
        ends: ends.map((end) => (end === undefined ? '?' : format(end))),
      })) {
        svg.append(part(document))
      }
    },
  )
}

/** The least and the most value; of those above 0 on a logarithmic scale. */
function endsOf(values: readonly number[], scale: 'linear' | 'log'): readonly [number, number] | readonly [] {
  const usable = scale === 'log' ? values.filter((value) => value > 0) : values
  if (usable.length === 0) return []
  return [usable.reduce((a, b) => Math.min(a, b)), usable.reduce((a, b) => Math.max(a, b))]
}

/** Where a value lies between the ends, from 0 to 1; in the middle where they are one. */
function placeOf(value: number, ends: readonly number[], scale: 'linear' | 'log'): number {
  const on = (of: number) => (scale === 'log' ? Math.log(Math.max(of, 0)) : of)
  const [least, most] = ends
  if (least === undefined || most === undefined) return 0
  const span = on(most) - on(least)
  const at = (on(value) - on(least)) / span
  return span > 0 ? Math.min(1, Math.max(0, at)) : value < least ? 0 : 0.5
}

/** The colour at a place from 0 to 1. */
function colourAt(place: number): string {
  const at = place * (colours.length - 1)
  const below = Math.min(colours.length - 2, Math.floor(at))
  const part = (colour: string, channel: number) => parseInt(colour.slice(1 + 2 * channel, 3 + 2 * channel), 16)
  const channels = [0, 1, 2].map((channel) => {
    const [from, to] = [part(colours[below], channel), part(colours[below + 1], channel)]
    return Math.round(from + (to - from) * (at - below))
  })
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}

/** What the colours stand for, and the colours between the values at their ends. */
function legendParts(words: { readonly value: string; readonly missing: boolean; readonly ends: readonly string[] }) {
  const part =
    (tag: string, attributes: Readonly<Record<string, string | number>>, content = '') =>
    (document: Document): SVGElement => {
      const made = document.createElementNS(namespace, tag)
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
      made.textContent = content
      return made
    }
  const right = size.width - 16
  const [least = '?', greatest = '?'] = words.ends
  const to = right - 8 - greatest.length * characterWidth * 0.8
  const from = to - legend.bar
  const width = legend.bar / legend.parts
  const bar = Array.from({ length: legend.parts }, (_, i) =>
    part('rect', {
      x: from + i * width,
      y: 26,
      width: width + 0.5,
      height: 12,
      fill: colourAt(i / (legend.parts - 1)),
    }),
  )
  const text = { fill: ink, dy: '0.71em' } as const
  return [
    part('text', { ...text, x: right, y: 4, 'text-anchor': 'end' }, shorten(words.value, 34)),
    ...bar,
    part('text', { ...text, x: from - 6, y: 27, 'text-anchor': 'end' }, least),
    part('text', { ...text, x: to + 6, y: 27, 'text-anchor': 'start' }, greatest),
    ...(words.missing
      ? [
          part('rect', { x: 16, y: 26, width: 12, height: 12, fill: nothing }),
          part('text', { ...text, x: 33, y: 27, 'text-anchor': 'start' }, 'no value'),
        ]
      : []),
  ]
}

interface Description {
  readonly title: string
  readonly value: string
  readonly format: (value: number) => string
  readonly where: (cell: Cell) => string
}

/** The extremes and where they are. */
function describe(cells: readonly Cell[], { title, value, format, where }: Description): string {
  if (cells.length === 0) return `${title}. ${value}: no values`
  const least = cells.reduce((a, b) => (b.value < a.value ? b : a))
  const most = cells.reduce((a, b) => (b.value > a.value ? b : a))
  const told = (cell: Cell) => `${format(cell.value)} (${where(cell)})`
  return `${title}. ${value}: least ${told(least)}, most ${told(most)}`
}
