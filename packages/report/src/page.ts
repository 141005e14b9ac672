// A report as one HTML file that needs nothing else: no script, no font, no network. All text given is escaped.
import { htmlEscape } from 'escape-goat'

/** A number at the top of the report. */
export interface KeyFigure {
  readonly label: string
  readonly value: string
  /** A short remark below the value. */
  readonly note?: string
}

/** A table; `highlight` is the index of a row to stress. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly highlight?: number
}

/** A drawing: trusted SVG text as the chart functions make it. */
export interface Figure {
  readonly svg: string
  readonly caption: string
}

/** A quotation with a verdict, for example texts. */
export interface Sample {
  readonly text: string
  readonly note: string
  readonly right: boolean
}

/** One part of a report. */
export interface Section {
  readonly title: string
  readonly text?: string
  readonly figures?: readonly Figure[]
  readonly table?: Table
  readonly samples?: readonly Sample[]
}

/** A whole report. */
export interface Page {
  readonly title: string
  /** What was done and how it went, in a sentence or two. */
  readonly summary: string
  readonly keyFigures?: readonly KeyFigure[]
  readonly sections: readonly Section[]
  /** Where the data come from, versions, seed: small print. */
  readonly footer?: string
}

/**
 * The report as an HTML document.
 *
 * @example
 * ```ts
 * import { htmlPage } from '@ostinato/report'
 * const html = htmlPage({ title: 'A & B', summary: 'Nothing was trained.', sections: [] })
 * console.assert(html.includes('<h1>A &amp; B</h1>'))
 * ```
 */
export function htmlPage({ title, summary, keyFigures = [], sections, footer }: Page): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${htmlEscape(title)}</title><style>${style}</style></head>`,
    '<body><main>',
    htmlEscape`<header><h1>${title}</h1><p class="summary">${summary}</p></header>`,
    keyFigures.length > 0 ? `<dl class="figures">${keyFigures.map(keyFigure).join('')}</dl>` : '',
    ...sections.map(section),
    footer === undefined ? '' : htmlEscape`<footer>${footer}</footer>`,
    '</main></body></html>',
  ].join('\n')
}

const keyFigure = ({ label, value, note }: KeyFigure) =>
  htmlEscape`<div><dt>${label}</dt><dd>${value}</dd>` + (note === undefined ? '' : htmlEscape`<dd class="note">${note}</dd>`) + '</div>'

function section({ title, text, figures = [], table, samples = [] }: Section): string {
  return [
    htmlEscape`<section><h2>${title}</h2>`,
    text === undefined ? '' : htmlEscape`<p>${text}</p>`,
    figures.length > 0 ? `<div class="charts">${figures.map(figure).join('')}</div>` : '',
    table === undefined ? '' : tableHtml(table),
    samples.length > 0 ? `<div class="samples">${samples.map(sample).join('')}</div>` : '',
    '</section>',
  ].join('')
}

const figure = ({ svg, caption }: Figure) => `<figure>${svg}<figcaption>${htmlEscape(caption)}</figcaption></figure>`

function tableHtml({ columns, rows, highlight }: Table): string {
  const head = columns.map((column) => htmlEscape`<th>${column}</th>`).join('')
  const body = rows.map((row, i) => {
    const cells = row.map((cell) => htmlEscape`<td>${cell}</td>`).join('')
    return `<tr${i === highlight ? ' class="highlight"' : ''}>${cells}</tr>`
  })
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`
}

const sample = ({ text, note, right }: Sample) =>
  `<blockquote class="${right ? 'right' : 'wrong'}">` + htmlEscape`<p>${text}</p><footer>${right ? '✓' : '✗'} ${note}</footer></blockquote>`

const style = `
:root { color-scheme: light; --ink: #1b2733; --soft: #5b6b7a; --line: #dfe5ea; --accent: #0072b2; --wrong: #d55e00; --right: #009e73 }
* { box-sizing: border-box }
body { margin: 0; background: #f5f7f9; color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
main { max-width: 1180px; margin: 0 auto; padding: 32px 24px 48px }
h1 { margin: 0 0 8px; font-size: 30px; line-height: 1.2 }
h2 { margin: 0 0 12px; font-size: 19px }
.summary { margin: 0; max-width: 70ch; font-size: 18px; color: var(--soft) }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 16px; margin: 28px 0 }
.figures div, section { background: white; border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px }
.figures dt { color: var(--soft); font-size: 14px }
.figures dd { margin: 0; font-size: 28px; font-weight: 650; font-variant-numeric: tabular-nums }
.figures dd.note { font-size: 13px; font-weight: 400; color: var(--soft) }
section { margin: 16px 0 }
section > p { margin: 0 0 12px; max-width: 80ch }
.charts { display: flex; flex-wrap: wrap; gap: 24px }
figure { margin: 0; flex: 1 1 400px; min-width: 0 }
figure svg { width: 100%; max-width: 620px; height: auto; font-family: inherit }
figcaption { color: var(--soft); font-size: 14px }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: 8px 12px; text-align: right; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left }
th { color: var(--soft); font-weight: 600; font-size: 14px }
tr.highlight { background: #eaf3f9; font-weight: 600 }
.samples { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 14px }
blockquote { margin: 0; padding: 12px 16px; border-left: 4px solid var(--right); background: #f8fafb; border-radius: 0 8px 8px 0; overflow-wrap: anywhere }
blockquote.wrong { border-left-color: var(--wrong) }
blockquote p { margin: 0 0 6px; font-size: 14px }
blockquote footer { color: var(--soft); font-size: 13px }
main > footer { margin-top: 24px; color: var(--soft); font-size: 13px }
`
