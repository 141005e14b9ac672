/// <reference lib="dom" />
// What all charts share: size, type size, colours, and Observable Plot on a document that needs no browser. It knows no
// kind of chart.
import * as Plot from '@observablehq/plot'
import { DOMParser } from 'linkedom'

/** The words around a chart. */
export interface ChartLabels {
  /** What the chart shows; read out with its values to those who cannot see it. */
  readonly title: string
  /** The quantity along the horizontal axis. */
  readonly x: string
  /** The quantity along the vertical axis. */
  readonly y: string
}

/** The words around a chart whose horizontal axis may be time. */
export interface TimeChartLabels extends ChartLabels {
  /** `date`: `x` is in milliseconds since 1970, UTC. Default `number`. */
  readonly axis?: 'number' | 'date'
}

/**
 * The colours of series and bars, distinguishable with colour blindness (Okabe and Ito 2008, "Color Universal Design").
 *
 * @example
 * ```ts
 * import { palette } from '@ostinato/report'
 * console.assert(palette.every((colour) => /^#[0-9a-f]{6}$/.test(colour)))
 * ```
 */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const

export const namespace = 'http://www.w3.org/2000/svg'

/** The colour of text. */
export const ink = '#1b2733'

/** All charts are of this width, and of this height unless they have too many rows for it. */
export const size = { width: 480, height: 300 } as const

/**
 * A little more than a character needs at the largest type that `htmlPage` sets, in the units of the chart. Nothing can
 * be measured without a browser, so margins are made for this.
 */
export const characterWidth = 12

/**
 * The chart as text: an image whose description is all that is read out. It has neither ids nor rules of style beyond
 * those that all charts have alike, so that many can stand on one page.
 *
 * @param finish may add to the `<svg>` element
 */
export function draw(
  options: Plot.PlotOptions,
  description: string,
  finish: (svg: SVGElement, document: Document) => void = () => undefined,
): string {
  // A document of XML, since one of HTML does not escape all that SVG must have escaped.
  const document = new DOMParser().parseFromString(`<svg xmlns="${namespace}"></svg>`, 'image/svg+xml') as unknown as Document
  const svg = Plot.plot({ ...size, className: 'ostinato-chart', ...options, document, figure: false }) as SVGElement
  svg.setAttribute('xmlns', namespace)
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', description)
  svg.setAttribute('font-size', '13')
  finish(svg, document)
  return svg.outerHTML
}

/** The number of characters: those outside the basic plane count once. */
export function lengthOf(text: string): number {
  return Array.from(text).length
}

/** `text` with at most `length` characters. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text)
  return characters.length <= length ? text : `${characters.slice(0, Math.max(1, length - 1)).join('')}…`
}

/** Whether a number has a place on an axis. Beyond 1e100 (no float32 is) differences begin to overflow. */
export function isDrawable(value: number): boolean {
  return Math.abs(value) <= 1e100
}

/** A value in a description. */
export function spoken(value: number): string {
  return String(Number(value.toPrecision(4)))
}
