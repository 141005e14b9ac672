// Charts: valid, complete, and drawn whatever the numbers are.
import {
  barChart,
  confusionChart,
  formatCount,
  formatPercent,
  gradientFlowFigures,
  heatMap,
  lineChart,
  palette,
  type Bar,
  type Series,
} from '@ostinato/report'
import { expectClose } from '@ostinato/test-utils'
import fc from 'fast-check'
import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import { parseStrictly } from './support.ts'

const labels = { title: 'Loss', x: 'epoch', y: 'loss' }
const hostile = '</text></svg><script>alert("1")</script> &lt; \' " <!-- ]]>'

const allowed = new Set(['svg', 'style', 'g', 'path', 'line', 'circle', 'rect', 'text', 'title', 'tspan'])

/** The chart as a document, after a strict look at its text and at what every chart has. */
function read(svg: string) {
  expect(parseStrictly(svg).filter((element) => !allowed.has(element))).toEqual([])
  const root = parseHTML(`<!doctype html><html><body>${svg}</body></html>`).document.body.firstElementChild as SVGElement
  expect(root.getAttribute('role')).toBe('img')
  expect(root.getAttribute('aria-label')).toBeTruthy()
  expect(root.getAttribute('viewBox')).toMatch(/^0 0 480 \d+(\.\d+)?$/)
  expect(root.querySelectorAll('[id]')).toHaveLength(0)
  for (const { attributes } of root.querySelectorAll('*')) {
    for (const { name, value } of attributes) if (!name.startsWith('aria-')) expect(value).not.toMatch(/NaN|Infinity|undefined/)
  }
  return root
}

const texts = (root: SVGElement) => [...root.querySelectorAll('text')].map(({ textContent }) => textContent)
/** The drawn lines, by colour. */
const lines = (root: SVGElement) => {
  const groups = [...root.querySelectorAll('g[aria-label=line]')]
  return new Map(groups.map((group) => [group.getAttribute('stroke'), group.querySelector('path')?.getAttribute('d') ?? '']))
}
const dots = (root: SVGElement) => [...root.querySelectorAll('g[aria-label=dot] circle')]

describe('lineChart', () => {
  const training = { name: 'training', points: [{ x: 0, y: 0.7 }, { x: 1, y: 0.4 }, { x: 2, y: 0.3 }] }
  const validation = { name: 'validation', points: [{ x: 1, y: 0.5 }, { x: 2, y: 0.45 }], dots: true }

  test('draws every series in its colour, names it in the legend, labels the axes', () => {
    const root = read(lineChart([training, validation], labels))
    expect([...lines(root).keys()]).toEqual(palette.slice(0, 2))
    expect(lines(root).get(palette[0])?.match(/L/g)).toHaveLength(2)
    expect(dots(root).map((dot) => dot.getAttribute('fill'))).toEqual([palette[1], palette[1]])
    expect(texts(root)).toContain('━training━validation')
    expect(texts(root)).toContain('epoch →')
    expect(texts(root)).toContain('↑ loss')
    expect(root.getAttribute('aria-label')).toBe('Loss. training: from 0.7 to 0.3. validation: from 0.5 to 0.45')
  })

  test('higher values are further up, within the picture', () => {
    const [[, path]] = lines(read(lineChart([training], labels)))
    const points = [...path.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }))
    expect(points.map(({ x }) => x)).toEqual(points.map(({ x }) => x).toSorted((a, b) => a - b))
    expect(points.map(({ y }) => y)).toEqual(points.map(({ y }) => y).toSorted((a, b) => a - b))
    for (const { x, y } of points) expect(x > 0 && x < 480 && y > 0 && y < 300).toBe(true)
  })

  test('NaN and infinities are gaps; a point that they leave alone is a dot', () => {
    const y = [1, 2, NaN, 3, Infinity, 4, 5, -Infinity]
    const root = read(lineChart([{ name: 'loss', points: y.map((value, x) => ({ x, y: value })) }], labels))
    expect(lines(root).get(palette[0])?.match(/M/g)).toHaveLength(3)
    expect(dots(root)).toHaveLength(1)
    expect(root.getAttribute('aria-label')).toBe('Loss. loss: from 1 to 5')
  })

  test('points without a place on the horizontal axis are left out', () => {
    const points = [{ x: 0, y: 1 }, { x: NaN, y: 9 }, { x: 1, y: 2 }, { x: Infinity, y: 9 }]
    expect(lines(read(lineChart([{ name: 'a', points }], labels))).get(palette[0])?.match(/[ML]/g)).toEqual(['M', 'L'])
  })

  test('a single point is a dot between ticks', () => {
    const root = read(lineChart([{ name: 'one', points: [{ x: 3, y: 0.25 }] }], labels))
    expect(dots(root)).toHaveLength(1)
    expect(texts(root)).toContain('0.25')
  })

  test.each([
    ['no series', []],
    ['no points', [{ name: 'a', points: [] }]],
    ['nothing but NaN', [{ name: 'a', points: [{ x: 0, y: NaN }] }]],
  ] satisfies [string, Series[]][])('%s: the chart says so', (_, series) => {
    const root = read(lineChart(series, labels))
    expect(texts(root)).toContain('no values')
    expect(dots(root)).toHaveLength(0)
  })

  test('series beyond the palette are dashed, and the legend takes the rows that it needs', () => {
    const series = Array.from({ length: 9 }, (_, k) => ({ name: `series ${k}`, points: [{ x: 0, y: k }, { x: 1, y: 2 * k }] }))
    const root = read(lineChart(series, labels))
    expect(root.querySelectorAll('g[aria-label=line]')).toHaveLength(9)
    expect(root.querySelectorAll('g[aria-label=line][stroke-dasharray]')).toHaveLength(3)
    const legend = texts(root).filter((text) => text.includes('series'))
    expect(legend.join('').match(/series \d/g)).toEqual(series.map(({ name }) => name))
    expect(legend.length).toBeGreaterThan(2)
  })

  test('hostile names are text, shortened where they are drawn', () => {
    const given = [{ name: hostile, points: training.points }]
    const root = read(lineChart(given, { title: hostile, x: hostile, y: hostile }))
    expect(root.getAttribute('aria-label')).toBe(`${hostile}. ${hostile}: from 0.7 to 0.3`)
    for (const text of texts(root)) expect(text.length).toBeLessThan(48)
  })

  test('any numbers give a valid chart', () => {
    const point = fc.record({ x: fc.double(), y: fc.double() })
    const name = fc.string({ unit: 'binary-ascii' }).map(printable)
    const series = fc.array(fc.record({ name, points: fc.array(point, { maxLength: 6 }) }), { maxLength: 3 })
    fc.assert(fc.property(series, (given) => { read(lineChart(given, labels)) }), { numRuns: 60 })
  })

  test('ticks stay short enough for their margin', () => {
    for (const scale of [1e-9, 1e-3, 1, 1e3, 1e6, 1e12, 1e30]) {
      for (const [offset, spread] of [[0, 1], [0.5, 1], [-1, 2], [1, 1e-4]]) {
        const points = [0, 1, 2].map((x) => ({ x, y: scale * (offset + (spread * x) / 2) }))
        const root = read(lineChart([{ name: 'a', points }], labels))
        const ticks = root.querySelectorAll('g[aria-label="y-axis tick label"] text')
        expect(ticks.length).toBeGreaterThan(1)
        const margin = Number(/translate\(([\d.]+),/.exec(ticks[0].getAttribute('transform') ?? '')?.[1])
        for (const { textContent } of ticks) expect(textContent.length * 12).toBeLessThanOrEqual(margin)
      }
    }
  })
})

/** XML has no place for control characters. */
const printable = (text: string) => text.replaceAll(/\p{Cc}/gu, '')

describe('barChart', () => {
  const bars = [{ name: 'majority', value: 0.5 }, { name: 'linear', value: 0.88 }, { name: 'network', value: 0.9, highlight: true }]
  const format = formatPercent
  const rects = (root: SVGElement) => [...root.querySelectorAll('g[aria-label=bar] rect')]

  test('names, values and lengths in the order given', () => {
    const root = read(barChart(bars, { title: 'Accuracy', x: 'accuracy', format }))
    const widths = rects(root).map((rect) => Number(rect.getAttribute('width')))
    expectClose(widths.map((width) => width / widths[2]), [0.5 / 0.9, 0.88 / 0.9, 1])
    expect(rects(root).map((rect) => rect.getAttribute('fill'))).toEqual(['#a7b0b8', '#a7b0b8', palette[0]])
    expect(texts(root)).toEqual(expect.arrayContaining(['majority', 'linear', 'network', '50.0 %', '88.0 %', '90.0 %', 'accuracy →']))
    expect(root.getAttribute('aria-label')).toBe('Accuracy. majority: 50.0 %. linear: 88.0 %. network: 90.0 %')
  })

  test('bars of one name stay apart; without a highlight all are accented', () => {
    const root = read(barChart([{ name: 'a', value: 1 }, { name: 'a', value: 2 }], { title: 't', x: 'n', format: formatCount }))
    const [first, second] = rects(root)
    expect(first.getAttribute('y')).not.toBe(second.getAttribute('y'))
    expect([first, second].map((rect) => rect.getAttribute('fill'))).toEqual([palette[0], palette[0]])
  })

  test('values without a length have no bar but their text; negative ones go the other way', () => {
    const odd = [{ name: 'a', value: NaN }, { name: 'b', value: Infinity }, { name: 'c', value: -2 }, { name: 'd', value: 2 }]
    const root = read(barChart(odd, { title: 't', x: 'n', format: formatCount }))
    const [negative, positive] = rects(root).map((rect) => [Number(rect.getAttribute('x')), Number(rect.getAttribute('width'))])
    expect(rects(root)).toHaveLength(2)
    expect(negative[0] + negative[1]).toBeCloseTo(positive[0], 6)
    expect(texts(root).filter((text) => text === '?')).toHaveLength(2)
  })

  test('nothing, zeros, many and hostile', () => {
    const draw = (given: readonly Bar[]) => read(barChart(given, { title: hostile, x: hostile, format: () => hostile }))
    expect(texts(draw([]))).toContain('no values')
    for (const value of [0, 5e-324, 1e100, -1e-9]) expect(rects(draw([{ name: 'a', value }]))).toHaveLength(1)
    expect(draw([{ name: hostile, value: 1 }]).getAttribute('aria-label')).toContain(hostile)
    const height = (root: SVGElement) => Number(root.getAttribute('height'))
    expect(height(draw(Array.from({ length: 20 }, () => ({ name: 'a', value: 1 }))))).toBeGreaterThan(20 * 40)
  })
})

describe('confusionChart', () => {
  const cells = (root: SVGElement) => [...root.querySelectorAll('g[aria-label=cell] rect')]
  const inCells = (root: SVGElement) => [...root.querySelectorAll('g[aria-label=text] text')].map(({ textContent }) => textContent)

  test('counts with the shares of their rows, darker where larger', () => {
    const root = read(confusionChart([[90, 10], [5, 15]], ['negative', 'positive']))
    expect(inCells(root)).toEqual(['9090.0 %', '1010.0 %', '525.0 %', '1575.0 %'])
    const shades = cells(root).map((rect) => Number(/rgb\((\d+)/.exec(rect.getAttribute('fill') ?? '')?.[1]))
    expect(shades[0]).toBeLessThan(shades[3])
    expect(shades[3]).toBeLessThan(shades[2])
    expect(shades[2]).toBeLessThan(shades[1])
    expect(texts(root)).toEqual(expect.arrayContaining(['predicted', 'true']))
    expect(texts(root).filter((text) => text === 'negative')).toHaveLength(2)
    expect(root.getAttribute('aria-label')).toBe(
      'Confusion matrix. Truly negative: 90 predicted negative, 10 predicted positive. Truly positive: 5 predicted negative, 15 predicted positive',
    )
  })

  test('rows are the true classes: the cell of row 0 and column 1 is right of that of row 0 and column 0', () => {
    const [a, b, c] = cells(read(confusionChart([[1, 2], [3, 4]], ['a', 'b'])))
    expect(Number(b.getAttribute('x'))).toBeGreaterThan(Number(a.getAttribute('x')))
    expect(b.getAttribute('y')).toBe(a.getAttribute('y'))
    expect(Number(c.getAttribute('y'))).toBeGreaterThan(Number(a.getAttribute('y')))
  })

  test('an empty row has no share; classes without a name are numbered; one name may come twice', () => {
    expect(inCells(read(confusionChart([[0, 0], [0, 0]], [])))).toEqual(Array<string>(4).fill('00.0 %'))
    expect(texts(read(confusionChart([[0, 0], [0, 0]], []))).filter((text) => text === '1')).toHaveLength(2)
    expect(cells(read(confusionChart([[1, 2], [3, 4]], ['same', 'same'])))).toHaveLength(4)
  })

  test('many classes and long, hostile names', () => {
    const matrix = Array.from({ length: 30 }, (_, i) => Array.from({ length: 30 }, (__, j) => (i === j ? 1000 : 0)))
    const root = read(confusionChart(matrix, matrix.map(() => hostile)))
    expect(cells(root)).toHaveLength(900)
    expect(inCells(root)).not.toContain('1000')
    for (const text of texts(root)) expect(text.length).toBeLessThanOrEqual(16)
    expect(read(confusionChart([], []))).toBeTruthy()
  })
})

describe('heatMap', () => {
  const given = { title: 'Attention', x: 'read', y: 'written', value: 'weight' }
  const cells = (root: SVGElement) => [...root.querySelectorAll('g[aria-label=rect] rect')]
  const fills = (root: SVGElement) => cells(root).map((rect) => rect.getAttribute('fill'))
  const titles = (root: SVGElement) => cells(root).map((rect) => rect.querySelector('title')?.textContent)
  const brightness = (fill: string | null) =>
    [1, 3, 5].reduce((sum, at) => sum + parseInt(fill?.slice(at, at + 2) ?? '', 16), 0)

  test('each value in its row and column, lighter where larger, told when pointed at', () => {
    const root = read(heatMap([[0, 0.5], [0.75, 1]], { ...given, rows: ['un', 'chat'], columns: ['a', 'cat'] }))
    const place = (key: string) => cells(root).map((rect) => Number(rect.getAttribute(key)))
    const [x, y] = [place('x'), place('y')]
    expect([x[0], x[1], y[0], y[2]]).toEqual([x[2], x[3], y[1], y[3]])
    expect(x[1]).toBeGreaterThan(x[0])
    expect(y[2]).toBeGreaterThan(y[0])
    const shades = fills(root).map(brightness)
    expect(shades).toEqual(shades.toSorted((a, b) => a - b))
    expect(new Set(shades).size).toBe(4)
    expect(titles(root)[1]).toBe('written un, read cat: 0.5')
    expect(texts(root)).toEqual(expect.arrayContaining(['un', 'chat', 'a', 'cat', 'read', 'written', 'weight', '0', '1']))
    expect(root.getAttribute('aria-label')).toBe(
      'Attention. weight: least 0 (written un, read a), most 1 (written chat, read cat)',
    )
  })

  test('on a logarithmic scale equal ratios are equally far apart; 0 is the least', () => {
    const root = read(heatMap([[0, 1e-6, 1e-3, 1]], { ...given, scale: 'log' }))
    const middle = read(heatMap([[0, 50, 100]], given))
    expect(fills(root)[0]).toBe(fills(root)[1])
    expect([fills(root)[2], fills(root)[3]]).toEqual([fills(middle)[1], fills(middle)[2]])
    expect(titles(root)[0]).toBe('written 0, read 0: 0')
    expect(texts(root)).toEqual(expect.arrayContaining(['0.000001', '1']))
  })

  test('missing, infinite and NaN are grey, and the legend says so', () => {
    const root = read(heatMap([[1, 2, 3], [NaN, Infinity]], given))
    expect(fills(root).slice(3)).toEqual(Array<string>(3).fill('#dfe4e8'))
    expect(titles(root)[5]).toBe('written 1, read 2: no value')
    expect(texts(root)).toContain('no value')
    expect(texts(read(heatMap([[1, 2]], given)))).not.toContain('no value')
  })

  test('a domain holds for several maps; what lies beyond has the colour of its end', () => {
    const root = read(heatMap([[-1, 0, 1, 2]], { ...given, domain: [0, 1] }))
    expect([fills(root)[0], fills(root)[3]]).toEqual([fills(root)[1], fills(root)[2]])
  })

  test('very many rows and columns are means of neighbours', () => {
    const wide = (scale: 'linear' | 'log') =>
      read(heatMap([Array.from({ length: 96 }, (_, i) => (i % 2 === 0 ? 1 : 100))], { ...given, scale }))
    expect(cells(wide('linear'))).toHaveLength(48)
    expect(titles(wide('linear'))[1]).toBe('written 0, read 2 to 3: 50.5')
    expect(titles(wide('log'))[1]).toBe('written 0, read 2 to 3: 10')
    const steps = Array.from({ length: 120 }, (_, i) => 1 + 10 * i)
    const tall = read(heatMap(steps.map((step) => [step]), { ...given, rows: steps }))
    expect(titles(tall)[0]).toBe('written 1 to 21, read 0: 11')
    expect(texts(tall)).toEqual(expect.arrayContaining(['1', '201', '1001']))
  })

  test('nothing, one value, hostile names, any numbers', () => {
    for (const none of [[], [[]], [[NaN]]]) expect(texts(read(heatMap(none, given)))).toContain('no values')
    expect(cells(read(heatMap([[7]], given)))).toHaveLength(1)
    const words = { title: hostile, x: hostile, y: hostile, value: hostile, rows: [hostile], columns: [hostile] }
    const root = read(heatMap([[1]], words))
    for (const text of texts(root)) expect(text.length).toBeLessThanOrEqual(36)
    const rows = fc.array(fc.array(fc.double(), { maxLength: 5 }), { maxLength: 5 })
    fc.assert(fc.property(rows, fc.constantFrom('linear' as const, 'log' as const), (values, scale) => {
      read(heatMap(values, { ...given, scale }))
    }), { numRuns: 40 })
  })
})

describe('gradientFlowFigures', () => {
  const layer = (name: string, state: string, norms: number[]) => ({ name, state, norms })

  test('a map and two lines for each state of each layer, which need not be in every event', () => {
    const figures = gradientFlowFigures([
      { totalSteps: 1, layers: [layer('', 'hidden', [1e-3, 1e-2])] },
      { totalSteps: 41, layers: [layer('', 'hidden', [1e-2, 0, 1]), layer('b', 'cell', [1, 1])] },
    ])
    expect(figures.map(({ caption }) => caption.split(':')[0])).toEqual(['hidden', 'hidden', 'b, cell', 'b, cell'])
    const root = read(figures[0].svg)
    expect(root.getAttribute('aria-label')).toContain('most 1.0e+0 (training step 41, step in the sequence 2)')
    expect(texts(root)).toContain('no value')
    expect(texts(read(figures[1].svg)).join()).toMatch(/training step 1.*training step 41/)
    expect(gradientFlowFigures([])).toEqual([])
  })

  test('layers have the titles that they are given, or are left out', () => {
    const events = [{ totalSteps: 1, layers: [layer('a', 'hidden', [1]), layer('a', 'cell', [1])] }]
    const figures = gradientFlowFigures(events, { label: ({ state }) => (state === 'cell' ? 'memory' : undefined) })
    expect(figures.map(({ caption }) => caption.split(':')[0])).toEqual(['memory', 'memory'])
  })
})

test('charts on one page share no id and no rule that differs', () => {
  const charts = [
    lineChart([{ name: 'a', points: [{ x: 0, y: 1 }] }], labels),
    lineChart([], labels),
    barChart([{ name: 'a', value: 1 }], { ...labels, format: String }),
    confusionChart([[1]], ['a']),
    heatMap([[1, 2]], { ...labels, value: 'v' }),
  ]
  const styles = charts.map((svg) => /<style>([^<]*)<\/style>/.exec(svg)?.[1])
  expect(new Set(styles).size).toBe(1)
  expect(styles[0]).toMatch(/^:where\(\.ostinato-chart\)/)
  expect(charts.join('')).not.toMatch(/ id=|url\(#/)
})
