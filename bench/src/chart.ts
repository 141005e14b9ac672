// The ratios to the peers as a chart in SVG: one row a job, one dot a peer, on a logarithmic axis whose 1 is this
// project. Only drawing.
import type { Cell } from './report.ts'

const palette = ['#0969da', '#cf222e', '#8250df', '#1a7f37', '#bc4c00', '#6e7781']
const [left, width, rowHeight, top] = [150, 640, 26, 64]

/** Draws the cells that have a ratio. */
export function drawRatios(cells: readonly Cell[], names: readonly string[]): string {
  const peers = names.filter(name => name !== 'ostinato')
  const shown = cells.filter(({ program, ratio }) => program !== 'ostinato' && Number.isFinite(ratio))
  const jobs = [...new Set(shown.map(({ job }) => job))]
  const logs = shown.map(({ ratio }) => Math.log10(ratio))
  const [low, high] = [Math.floor(Math.min(0, ...logs)), Math.ceil(Math.max(1, ...logs))]
  const x = (log: number): number => left + ((log - low) / (high - low)) * width
  const height = top + jobs.length * rowHeight + 40
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => low + i)
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 40} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    '<text x="12" y="22" font-size="15" font-weight="600">Time of each peer over that of Ostinato (right of 1: Ostinato is faster)</text>',
    ...peers.map((name, i) => `<circle cx="${18 + i * 158}" cy="42" r="5" fill="${palette[i]}"/><text x="${28 + i * 158}" y="46" font-size="11">${escape(name)}</text>`),
    ...ticks.map(log => `<line x1="${x(log)}" x2="${x(log)}" y1="${top}" y2="${height - 34}" stroke="${log === 0 ? '#24292f' : '#d0d7de'}"/><text x="${x(log)}" y="${height - 16}" text-anchor="middle">${10 ** log}x</text>`),
    ...jobs.flatMap((job, row) => {
      const y = top + row * rowHeight + rowHeight / 2
      return [
        `<text x="${left - 10}" y="${y + 4}" text-anchor="end">${escape(job)}</text>`,
        `<line x1="${left}" x2="${left + width}" y1="${y}" y2="${y}" stroke="#eaeef2"/>`,
        ...shown.filter(cell => cell.job === job).map(({ program, ratio }) =>
          `<circle cx="${x(Math.log10(ratio)).toFixed(1)}" cy="${y}" r="5" fill="${palette[peers.indexOf(program)]}" fill-opacity="0.85"><title>${escape(`${program}, ${job}: ${ratio.toPrecision(3)}x`)}</title></circle>`),
      ]
    }),
    '</svg>', '',
  ]
  return parts.join('\n')
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
