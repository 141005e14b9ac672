// The report: whole, well-formed, and nothing but text where text was given.
import { barChart, confusionChart, htmlPage, lineChart, type Page } from '@ostinato/report'
import fc from 'fast-check'
import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { parseStrictly } from './support.ts'

/** The page as a document, after a strict look at its text. */
function read(page: Page): Document {
  const html = htmlPage(page)
  const elements = parseStrictly(html.trim())
  for (const forbidden of ['script', 'link', 'iframe', 'object', 'a']) expect(elements).not.toContain(forbidden)
  expect(html).not.toMatch(/\bhref|url\(|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg")/)
  return parseHTML(html).document
}

const all = (document: Document, selector: string) =>
  [...document.querySelectorAll(selector)].map(({ textContent }) => textContent)

/** A PNG of one white pixel. */
const dot = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg=='

/** A page with `text(n)` in its nth place. */
const pageOf = (text: (place: string) => string): Page => ({
  title: text('title'),
  summary: text('summary'),
  keyFigures: [{ label: text('label'), value: text('value'), note: text('remark') }, { label: text('label 2'), value: text('value 2') }],
  sections: [
    {
      title: text('section'),
      text: text('text'),
      figures: [{ svg: '<svg></svg>', caption: text('caption') }],
      table: { columns: [text('column'), text('column 2')], rows: [[text('cell'), text('cell 2')]], highlight: 0 },
      samples: [{ text: text('sample'), note: text('note'), right: true }, { text: text('sample 2'), note: text('note 2'), right: false }],
      pictures: [{ image: dot, text: text('picture'), note: text('its note'), right: false }],
    },
    { title: text('section 2') },
  ],
  footer: text('footer'),
})

test('everything given is there, in its place', () => {
  const document = read(pageOf((place) => `the ${place}`))
  expect(document.title).toBe('the title')
  expect(all(document, 'h1')).toEqual(['the title'])
  expect(all(document, 'dt')).toEqual(['the label', 'the label 2'])
  expect(all(document, 'dd')).toEqual(['the value', 'the remark', 'the value 2'])
  expect(all(document, 'h2')).toEqual(['the section', 'the section 2'])
  expect(all(document, '.charts figure')).toEqual(['the caption'])
  expect(all(document, '.pictures figure.wrong')).toEqual(['✗ the picturethe its note'])
  expect(document.querySelector('img')?.getAttribute('src')).toBe(dot)
  expect(all(document, 'thead th[scope=col]')).toEqual(['the column', 'the column 2'])
  expect(all(document, 'tr.highlight th[scope=row], tr.highlight td')).toEqual(['the cell', 'the cell 2'])
  expect(all(document, 'blockquote.right')).toEqual(['the sample✓ right the note'])
  expect(all(document, 'blockquote.wrong')).toEqual(['the sample 2✗ wrong the note 2'])
  expect(all(document, 'main > footer')).toEqual(['the footer'])
})

test.each(['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '</style></title></h1>', '&lt;b&gt; & &amp;', "'--><!--"])(
  'hostile text stays text: %s',
  (hostile) => {
    const document = read(pageOf((place) => `${place} ${hostile}`))
    expect(document.title).toBe(`title ${hostile}`)
    for (const selector of ['h1', 'dt', 'dd', 'h2', 'section > p', 'figcaption', 'th', 'td', 'blockquote p', 'blockquote footer', 'main > footer']) {
      const found = all(document, selector)
      expect(found.length).toBeGreaterThan(0)
      for (const text of found) expect(text).toContain(hostile)
    }
    expect(document.querySelector('[role=region]')?.getAttribute('aria-label')).toBe(`section ${hostile}`)
  },
)

test('any text gives a well-formed page', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => { read(pageOf(() => text)) }), { numRuns: 50 })
})

test('a page without parts is a page', () => {
  const document = read({ title: 'T', summary: 'S', sections: [] })
  expect(document.querySelectorAll('section, dl, footer')).toHaveLength(0)
  expect(document.documentElement.getAttribute('lang')).toBe('en')
})

test('a row of a table may be empty', () => {
  const document = read({ title: 'T', summary: 'S', sections: [{ title: 'A', table: { columns: ['a'], rows: [[]] } }] })
  expect(all(document, 'tbody th')).toEqual([''])
})

test('charts on a page: images with a description, each id (if any) once, shown as text nowhere', () => {
  const points = [{ x: 1, y: 2 }, { x: 2, y: 1 }]
  const labels = { title: 'A & B', x: 'x', y: 'y' }
  const svgs = [
    lineChart([{ name: 'a', points }], labels),
    lineChart([{ name: 'b', points, dots: true }], labels),
    barChart([{ name: 'c', value: 1 }], { ...labels, format: String }),
    confusionChart([[1, 0], [0, 1]], ['d', 'e']),
  ]
  const document = read({ title: 'T', summary: 'S', sections: [{ title: 'A', figures: svgs.map((svg) => ({ svg, caption: 'c' })) }] })
  const charts = [...document.querySelectorAll('figure > svg')]
  expect(charts).toHaveLength(4)
  for (const chart of charts) expect(chart.getAttribute('role')).toBe('img')
  expect(charts.map((chart) => chart.getAttribute('aria-label')?.split('.')[0])).toEqual(['A & B', 'A & B', 'A & B', 'Confusion matrix'])
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('nothing runs and nothing is fetched, even from a drawing that is none', () => {
  const policy = read({ title: 'T', summary: 'S', sections: [] }).querySelector('meta[http-equiv=Content-Security-Policy]')
  expect(policy?.getAttribute('content')).toMatch(/^default-src 'none'; style-src 'unsafe-inline'/)
})

test.each(['https://example.org/a.png', 'data:image/svg+xml;base64,PHN2Zz4=', 'data:image/png;base64,"><script>', ''])(
  'a picture that is no data URI of a bitmap is refused: %j',
  (image) => {
    const page = { title: '', summary: '', sections: [{ title: '', pictures: [{ image, text: '', note: '', right: true }] }] }
    expect(() => htmlPage(page)).toThrow(/htmlPage: expected a picture as data:image\/png;base64/)
  },
)
