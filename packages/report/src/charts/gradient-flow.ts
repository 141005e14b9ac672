// The flow of gradients through time as figures of a report. Observing it is the business of `@ostinato/rnn`, telling
// of it that of `@ostinato/train`.
import type { GradientFlowEvent } from '@ostinato/train'
import type { Figure } from '../page/page.ts'
import { heatMap } from './heat-map.ts'
import { lineChart } from './line-chart.ts'

/** Which layers are drawn, and what they are called. */
export interface GradientFlowFigureOptions {
  /** A title for a layer's state; undefined leaves it out. Default: both names. */
  readonly label?: (layer: { readonly name: string; readonly state: string }) => string | undefined
}

/**
 * Two figures for each state of each recurrent layer: the norm of the gradient at each step of the sequence (across)
 * during training (downwards) as a heat map with logarithmic colours, and the first and the last of these rows as
 * lines. A gradient that vanishes is dark at the early steps, one that explodes is bright there.
 *
 * @param events the `gradientFlow` events of a run, in their order
 * @returns none where there are no events
 * @example
 * ```ts
 * import { gradientFlowFigures } from '@ostinato/report'
 * const norms = [1e-6, 1e-4, 1e-2]
 * const figures = gradientFlowFigures([
 *   { totalSteps: 1, layers: [{ name: 'encoder', state: 'hidden', norms }] },
 *   { totalSteps: 51, layers: [{ name: 'encoder', state: 'hidden', norms: norms.toReversed() }] },
 * ])
 * console.assert(figures.length === 2 && figures[0].svg.startsWith('<svg'))
 * ```
 */
export function gradientFlowFigures(
  events: readonly Pick<GradientFlowEvent, 'totalSteps' | 'layers'>[],
  { label = nameBoth }: GradientFlowFigureOptions = {},
): Figure[] {
  const all = new Map<string, { readonly name: string; readonly state: string }>()
  for (const { layers } of events) for (const { name, state } of layers) all.set(`${name} ${state}`, { name, state })
  return Array.from(all.values()).flatMap((layer) => {
    const title = label(layer)
    const rows = events.flatMap(({ totalSteps, layers }) => {
      const found = layers.find(({ name, state }) => name === layer.name && state === layer.state)
      return found === undefined ? [] : [{ totalSteps, norms: found.norms }]
    })
    return title === undefined ? [] : figuresOf(title, rows)
  })
}

interface Row {
  readonly totalSteps: number
  readonly norms: readonly number[]
}

function figuresOf(title: string, rows: readonly Row[]): Figure[] {
  const x = 'step in the sequence'
  const map = heatMap(
    rows.map(({ norms }) => norms),
    {
      title: `Gradient norm, ${title}`,
      x,
      y: 'training step',
      value: 'gradient norm, logarithmic',
      rows: rows.map(({ totalSteps }) => totalSteps),
      scale: 'log',
      format: short,
    },
  )
  const ends = rows.length > 1 ? [rows[0], rows[rows.length - 1]] : rows
  const lines = lineChart(
    ends.map(({ totalSteps, norms }) => ({
      name: `training step ${totalSteps}`,
      points: norms.map((norm, step) => ({ x: step, y: norm > 0 ? Math.log10(norm) : NaN })),
    })),
    { title: `Gradient norm, ${title}, at first and at last`, x, y: 'log10 of norm' },
  )
  return [
    { svg: map, caption: `${title}: how much gradient reaches each step while it learns` },
    { svg: lines, caption: `${title}: the first and the last of it` },
  ]
}

/** Two figures and a power of ten. */
const short = (norm: number): string => (norm === 0 ? '0' : norm.toExponential(1))

const nameBoth = ({ name, state }: { readonly name: string; readonly state: string }): string =>
  name === '' ? state : `${name}, ${state}`
