// A report as one HTML file that needs nothing else: no script, no font, no network. All text given is escaped.
import { htmlEscape } from 'escape-goat'
import { style } from './style.ts'

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

/** A picture with what was said of it. */
export interface PictureSample {
  /** The picture as a data URI: `data:image/png;base64,…`; JPEG and WebP are fine too. */
  readonly image: string
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
  readonly pictures?: readonly PictureSample[]
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
 * @throws RangeError when a picture is no data URI of a PNG, JPEG or WebP
 * @example
 * ```ts
 * import { htmlPage, lineChart } from '@ostinato/report'
 * const points = [{ x: 1, y: 0.7 }, { x: 2, y: 0.4 }]
 * const svg = lineChart([{ name: 'training', points }], { title: 'Loss', x: 'epoch', y: 'loss' })
 * const html = htmlPage({
 *   title: 'Cats & dogs',
 *   summary: 'The network tells 9 of 10 apart.',
 *   keyFigures: [{ label: 'Accuracy', value: '90.0 %' }],
 *   sections: [{ title: 'How it learned', figures: [{ svg, caption: 'Cross-entropy after each epoch' }] }],
 * })
 * console.assert(html.includes('<h1>Cats &amp; dogs</h1>') && html.includes('<svg'))
 * ```
 */
export function htmlPage({ title, summary, keyFigures = [], sections, footer }: Page): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    // Should a drawing not be what it claims: nothing runs, nothing is fetched.
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'; img-src data:">',
    htmlEscape`<title>${title}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<main>',
    htmlEscape`<header><h1>${title}</h1><p class="summary">${summary}</p></header>`,
    unless(keyFigures.length === 0, () => `<dl class="key">${keyFigures.map(keyFigureHtml).join('')}</dl>`),
    ...sections.map(sectionHtml),
    unless(footer === undefined, () => htmlEscape`<footer>${footer}</footer>`),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

const unless = (absent: boolean, html: () => string): string => (absent ? '' : html())

function keyFigureHtml({ label, value, note }: KeyFigure): string {
  const remark = unless(note === undefined, () => htmlEscape`<dd class="note">${note}</dd>`)
  return htmlEscape`<div><dt>${label}</dt><dd>${value}</dd>` + remark + '</div>'
}

function sectionHtml({ title, text, figures = [], table, samples = [], pictures = [] }: Section): string {
  return [
    htmlEscape`<section><h2>${title}</h2>`,
    unless(text === undefined, () => htmlEscape`<p>${text}</p>`),
    unless(figures.length === 0, () => `<div class="charts">${figures.map(figureHtml).join('')}</div>`),
    table === undefined ? '' : tableHtml(table, title),
    unless(samples.length === 0, () => `<div class="samples">${samples.map(sampleHtml).join('')}</div>`),
    unless(pictures.length === 0, () => `<div class="pictures">${pictures.map(pictureHtml).join('')}</div>`),
    '</section>',
  ].join('')
}

const figureHtml = ({ svg, caption }: Figure): string =>
  `<figure>${svg}` + htmlEscape`<figcaption>${caption}</figcaption></figure>`

/** A number stays beside its unit. */
const noBreakSpace = '\u00a0'

/** The first cell of a row names it. What is wider than the page is scrolled, also with the keyboard. */
function tableHtml({ columns, rows, highlight }: Table, title: string): string {
  const head = columns.map((column) => htmlEscape`<th scope="col">${column}</th>`)
  const body = rows.map(([name, ...values], i) => {
    const cells = values.map((value) => htmlEscape`<td>${value.replace(/(?<=\d) (?=%)/g, noBreakSpace)}</td>`)
    cells.unshift(htmlEscape`<th scope="row">${name ?? ''}</th>`)
    return `<tr${i === highlight ? ' class="highlight"' : ''}>${cells.join('')}</tr>`
  })
  return htmlEscape`<div class="scroll" role="region" tabindex="0" aria-label="${title}">`
    + `<table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
}

function sampleHtml({ text, note, right }: Sample): string {
  const verdict = right ? 'right' : 'wrong'
  return `<blockquote class="${verdict}">` + htmlEscape`<p>${text}</p><footer><b>${right ? '✓' : '✗'} ${verdict}</b> ${note}</footer></blockquote>`
}

const dataUri = /^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/]+=*$/

/** The text names the picture, so the picture itself has no other. */
function pictureHtml({ image, text, note, right }: PictureSample): string {
  if (!dataUri.test(image)) {
    throw new RangeError(
      `htmlPage: expected a picture as data:image/png;base64,… (or jpeg, webp), got ${JSON.stringify(image.slice(0, 40))}`,
    )
  }
  const verdict = right ? 'right' : 'wrong'
  return `<figure class="${verdict}"><img src="${image}" alt="">`
    + htmlEscape`<figcaption><b>${right ? '✓' : '✗'}</b> ${text}<small>${note}</small></figcaption></figure>`
}
