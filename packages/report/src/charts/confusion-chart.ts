// A confusion matrix as a chart. Counting is the business of `@ostinato/train`.
import * as Plot from '@observablehq/plot'
import { formatPercent } from '../format.ts'
import { characterWidth, draw, ink, lengthOf, palette, shorten, size } from './draw.ts'

const longestName = 16

/**
 * A confusion matrix: rows are the true classes, columns the predicted ones. The figures are counts and shares of their
 * row, the shade is the share.
 *
 * @param confusion `confusion[actual][predicted]`, as `classificationScores` counts it
 * @param classes a name for each class; a class without one is called by its number
 * @returns an `<svg>` element as text
 * @example
 * ```ts
 * import { confusionChart } from '@ostinato/report'
 * const svg = confusionChart([[90, 10], [20, 80]], ['negative', 'positive'])
 * console.assert(svg.includes('90.0 %'))
 * ```
 */
export function confusionChart(confusion: readonly (readonly number[])[], classes: readonly string[]): string {
  const nameOf = (id: number) => classes[id] ?? String(id)
  const ids = confusion.map((_, id) => id)
  const cells = confusion.flatMap((row, actual) => {
    const total = row.reduce((a, b) => a + b, 0)
    return row.map((count, predicted) => ({ actual, predicted, count, share: total === 0 ? 0 : count / total }))
  })
  type Cell = (typeof cells)[number]
  const longest = Math.min(longestName, Math.max(3, ...ids.map((id) => lengthOf(nameOf(id)))))
  const side = 44 + longest * characterWidth
  const column = (size.width - side - 12) / Math.max(1, ids.length)
  // Names that are wider than their columns stand upright.
  const upright = longest * characterWidth > column
  const top = 48 + (upright ? longest * characterWidth : 16)
  const label = (id: number) => shorten(nameOf(id), longestName)
  return draw(
    {
      height: Math.max(size.height, top + 12 + (ids.length > 6 ? 28 : 44) * ids.length),
      marginLeft: side,
      marginTop: top,
      marginRight: 12,
      marginBottom: 12,
      padding: 0.04,
      x: { label: 'predicted', domain: ids, axis: 'top', tickFormat: label, tickSize: 0, labelAnchor: 'center', labelArrow: 'none', labelOffset: top - 8, ...(upright && { tickRotate: -90 }) },
      y: { label: 'true', domain: ids, tickFormat: label, tickSize: 0, labelArrow: 'none', labelOffset: side - 6 },
      color: { type: 'linear', domain: [0, 1], range: ['#eef3f7', palette[0]] },
      marks: [
        Plot.cell(cells, { x: 'predicted', y: 'actual', fill: 'share' }),
        Plot.text(cells, {
          x: 'predicted',
          y: 'actual',
          text: (cell: Cell) => figures(cell, column),
          lineHeight: 1.3,
          // The darkest shades alone carry white.
          fill: ({ share }: Cell) => (share > 0.8 ? 'white' : ink),
        }),
      ],
    },
    ['Confusion matrix', ...confusion.map((row, actual) => describe(nameOf(actual), row, nameOf))].join('. '),
  )
}

/** Count and share, the count alone, or nothing, as the column is wide. */
function figures({ count, share }: { readonly count: number; readonly share: number }, column: number): string {
  if (column >= 8 * characterWidth) return `${count}\n${formatPercent(share)}`
  return String(count).length * characterWidth <= column ? String(count) : ''
}

const describe = (actual: string, row: readonly number[], nameOf: (id: number) => string) =>
  `Truly ${actual}: ${row.map((count, id) => `${count} predicted ${nameOf(id)}`).join(', ')}`
