// The report of a run on colours: what it scored, how it learned, and patches of colour with what they are called.
import {
  barChart,
  formatDuration,
  formatPercent,
  htmlPage,
  lineChart,
  type Figure,
  type PictureSample,
} from '@ostinato/report'
import { colourBaselines, type ColoursResult, type NamedColour, type NameScores } from './colours.ts'
import type { Triple } from './colour-space.ts'
import { dataUri } from './data-uri.ts'
import { textOf } from './words.ts'

/** The report as an HTML document. */
export function coloursReport(result: ColoursResult): string {
  const { settings, counts, scores, baselines, named, lists, known, seconds } = result
  const patches = [...named].sort(byHue).filter((_, i) => i % Math.ceil(named.length / mostShown) === 0)
  return htmlPage({
    title: 'Names for colours',
    summary: verdict(result),
    keyFigures: [
      { label: 'Exact match', value: formatPercent(scores.exactMatch), note: `${counts.test} colours never seen` },
      { label: 'Nearest colour', value: formatPercent(baselines.nearestColour.exactMatch), note: 'the same colours' },
      { label: 'Token F1', value: scores.tokenF1.toFixed(3), note: `nearest: ${baselines.nearestColour.tokenF1.toFixed(3)}` },
      { label: 'Cross-entropy', value: scores.crossEntropy.toFixed(3), note: 'nats a word' },
      { label: 'Time', value: formatDuration(seconds) },
    ],
    sections: [
      { title: 'How it learned', figures: [learningCurve(result)] },
      {
        title: 'Beside the baselines',
        text: `People call one colour by several names, so that few agree to the word; token F1 counts the words that do. ${formatPercent(1 - known)} of the true names do not stand in training at all: only composing finds them.`,
        figures: [
          chart(result, { title: 'Exact match', valueOf: ({ exactMatch }) => exactMatch, format: formatPercent }),
          chart(result, { title: 'Token F1', valueOf: ({ tokenF1 }) => tokenF1, format: (value) => value.toFixed(3) }),
        ],
      },
      {
        title: 'Colours and their names',
        text: 'From the colours that were held out: what the network calls them. In small print: the true name, where it is another, and two names sampled as the network weighs them.',
        pictures: patches.map(patch),
      },
    ],
    footer: [
      ...lists.map(({ title, license }) => `${title} (${license}).`),
      `Seed ${settings.seed}, ${settings.epochs} epochs, decoder ${settings.decoder}; ${counts.train} training and ${counts.validation} validation colours.`,
    ].join(' '),
  })
}

const mostShown = 60

const isRight = ({ row, words }: NamedColour) => words.join(' ') === row.words.join(' ')

function verdict({ scores, baselines: { nearestColour }, counts }: ColoursResult): string {
  return `The network gives ${formatPercent(scores.exactMatch)} of ${counts.test} colours, which it never saw, their name to the word, beside ${formatPercent(nearestColour.exactMatch)} for the name of the nearest colour. Of single words it agrees on ${scores.tokenF1.toFixed(3)} (F1) beside ${nearestColour.tokenF1.toFixed(3)}.`
}

function learningCurve({ points, validation }: ColoursResult): Figure {
  return {
    svg: lineChart(
      [
        { name: 'training', points: points.map(({ epoch, scores }) => ({ x: epoch, y: scores.loss })) },
        { name: 'validation', points: validation.map((loss, i) => ({ x: i + 1, y: loss })) },
      ],
      { title: 'Loss', x: 'epoch', y: 'loss' },
    ),
    caption: 'Cross-entropy of the next word: batches (a moving mean of 20), validation after each epoch',
  }
}

interface ChartOptions {
  readonly title: string
  readonly valueOf: (scores: NameScores) => number
  readonly format: (value: number) => string
}

function chart({ scores, baselines }: ColoursResult, { title, valueOf, format }: ChartOptions): Figure {
  const bars = [
    { name: colourBaselines.mostFrequent, value: valueOf(baselines.mostFrequent) },
    { name: colourBaselines.nearestColour, value: valueOf(baselines.nearestColour) },
    { name: 'the network', value: valueOf(scores), highlight: true },
  ]
  return { svg: barChart(bars, { title, x: title, format }), caption: `${title} with the true names` }
}

/** Greys first, then round the circle of hues. */
function byHue({ row: a }: NamedColour, { row: b }: NamedColour): number {
  return hueOf(a.colour) - hueOf(b.colour)
}

function hueOf([red, green, blue]: Triple): number {
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)]
  const range = most - least
  if (range < 0.06) return -2 + most
  if (most === red) return (((green - blue) / range) + 6) % 6
  return most === green ? 2 + (blue - red) / range : 4 + (red - green) / range
}

function patch(named: NamedColour): PictureSample {
  const { row, words, samples } = named
  const right = isRight(named)
  const others = samples.slice(0, 2).map((sample) => textOf(sample, 'en')).join(', ')
  return {
    image: patchUri(row.colour),
    text: textOf(words, 'en'),
    note: right ? `sampled: ${others}` : `truly: ${row.caption}; sampled: ${others}`,
    right,
  }
}

/** A square of one colour. */
function patchUri(colour: Triple): string {
  const size = 8
  const pixel = [...colour.map((value) => Math.round(255 * value)), 255]
  return dataUri(Uint8Array.from({ length: 4 * size * size }, (_, i) => pixel[i % 4]), size)
}
