// The report of a run: what it scored, how it learned, and a grid of pictures with what they are called.
import {
  barChart,
  formatDuration,
  formatPercent,
  htmlPage,
  lineChart,
  type Figure,
  type PictureSample,
} from '@ostinato/report'
import { attentionFigures } from './attention-figures.ts'
import { isRight, type Captioned } from './caption.ts'
import { dataUri } from './data-uri.ts'
import { baselineNames, type CaptionScores, type Judgement } from './judge.ts'
import type { RunResult } from './train.ts'
import { textOf } from './words.ts'

/** The report as an HTML document. */
export function runReport(result: RunResult): string {
  const { judgement, settings, parts, pictures, log } = result
  const { scores, baselines, captioned } = judgement
  const attention = attentionFigures(result)
  return htmlPage({
    title: 'Captions for pictures',
    summary: verdict(result),
    keyFigures: [
      {
        label: 'Exact match',
        value: formatPercent(scores.exactMatch),
        note: `${captioned.length} pictures never seen`,
      },
      {
        label: 'Nearest neighbour, pixels',
        value: formatPercent(baselines.nearestPixels.exactMatch),
        note: 'the baseline worth beating',
      },
      { label: 'Token F1', value: scores.tokenF1.toFixed(3) },
      { label: 'CIDEr', value: scores.cider.toFixed(2) },
      {
        label: 'Time',
        value: formatDuration(log.seconds),
        note: `${Math.round(log.examplesPerSecond)} pictures/s in training`,
      },
    ],
    sections: [
      { title: 'How it learned', figures: [learningCurve(result)] },
      { title: 'Beside the baselines', figures: [baselineChart(judgement)], table: scoreTable(judgement) },
      {
        title: 'By kind of picture',
        text: 'The share of captions right to the word. In brackets: how many pictures.',
        figures: [groupChart(judgement)],
      },
      {
        title: 'Pictures and captions',
        text: 'Some of the pictures that were held out, evenly chosen. In small print: the true name, where it is another.',
        pictures: sample(captioned, 48).map((one) => pictureSample(one, result)),
      },
      {
        title: 'Wrong and sure',
        text: 'The mistakes that the model would have bet most on.',
        pictures: surest(captioned, 18).map((one) => pictureSample(one, result)),
      },
      ...(attention.length === 0
        ? []
        : [
            {
              title: 'Where it looked',
              text: 'The weight of each part of the picture, word by word.',
              figures: attention,
            },
          ]),
    ],
    footer: [
      ...pictures.sources.map(({ title, author, license }) => `${title} by ${author} (${license}).`),
      'Names: Unicode CLDR, from emojibase-data.',
      `Seed ${settings.seed}, ${settings.epochs} epochs, ${parts.train.length} training and ${parts.validation.length} validation pictures of ${settings.model.size} pixels.`,
    ].join(' '),
  })
}

function verdict({ judgement: { scores, baselines, captioned }, settings: { holdOut } }: RunResult): string {
  const [[name, best]] = (Object.entries(baselines) as [keyof Judgement['baselines'], CaptionScores][]).sort(
    ([, a], [, b]) => b.exactMatch - a.exactMatch,
  )
  const unseen =
    holdOut === 'tones'
      ? `${captioned.length} nouns with skin tones never seen together`
      : `${captioned.length} drawings by ${holdOut}, a style it never saw`
  const points = formatPercent(Math.abs(scores.exactMatch - best.exactMatch)).replace(' %', '')
  const beside = scores.exactMatch > best.exactMatch ? `${points} points above` : `${points} points below`
  return `The network names ${formatPercent(scores.exactMatch)} of ${unseen}, right to the word: ${beside} the best baseline, ${baselineNames[name]}.`
}

function learningCurve({ log, epochs }: RunResult): Figure {
  const training = log.points.map(({ epoch, scores }) => ({ x: epoch, y: scores.loss }))
  const validation = epochs.flatMap(({ epoch, validation: scores }) =>
    scores === undefined ? [] : [{ x: epoch, y: scores.loss }],
  )
  const svg = lineChart(
    [
      { name: 'training', points: training },
      { name: 'validation', points: validation, dots: true },
    ],
    { title: 'loss', x: 'epoch', y: 'loss' },
  )
  return {
    svg,
    caption:
      'Cross-entropy of the next word: batches of changed pictures (a moving mean of 20), validation after each epoch',
  }
}

const rowsOf = ({ scores, baselines }: Judgement): (readonly [string, CaptionScores])[] => [
  ...(Object.entries(baselineNames) as [keyof Judgement['baselines'], string][]).map(
    ([key, name]) => [name, baselines[key]] as const,
  ),
  ['the network', scores],
]

function baselineChart(judgement: Judgement): Figure {
  const bars = rowsOf(judgement).map(([name, { exactMatch }]) => ({
    name,
    value: exactMatch,
    highlight: name === 'the network',
  }))
  return {
    svg: barChart(bars, { title: 'Exact match', x: 'exact match', format: formatPercent }),
    caption: 'The share of captions right to the word',
  }
}

function scoreTable(judgement: Judgement) {
  const rows = rowsOf(judgement)
  return {
    columns: ['', 'exact match', 'token F1', 'BLEU-1', 'BLEU-2', 'BLEU-3', 'BLEU-4', 'CIDEr'],
    rows: rows.map(([name, { exactMatch, tokenF1, bleu, cider }]) => [
      name,
      formatPercent(exactMatch),
      ...[tokenF1, ...bleu].map((score) => score.toFixed(3)),
      cider.toFixed(2),
    ]),
    highlight: rows.length - 1,
  }
}

function groupChart({ captioned }: Judgement): Figure {
  const groups = [...new Set(captioned.map(({ row }) => row.group))]
  const bars = groups.map((group) => {
    const own = captioned.filter(({ row }) => row.group === group)
    return { name: `${group.replaceAll('-', ' ')} (${own.length})`, value: own.filter(isRight).length / own.length }
  })
  const toned = captioned.filter(({ row }) => row.tones.length > 0)
  const all = [
    ...bars,
    { name: `with a skin tone (${toned.length})`, value: toned.filter(isRight).length / toned.length },
  ]
  return {
    svg: barChart(
      all.filter(({ value }) => !Number.isNaN(value)).sort((a, b) => b.value - a.value),
      {
        title: 'Exact match by group',
        x: 'exact match',
        format: formatPercent,
      },
    ),
    caption: 'By the groups of Unicode',
  }
}

/** Evenly spread over all, which are in the order of Unicode. */
function sample(captioned: readonly Captioned[], count: number): Captioned[] {
  const some = Math.min(count, captioned.length)
  return Array.from({ length: some }, (_, i) => captioned[Math.floor(((i + 0.5) * captioned.length) / some)])
}

const surest = (captioned: readonly Captioned[], count: number) =>
  captioned
    .filter((one) => !isRight(one))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count)

function pictureSample(one: Captioned, { settings: { language, model } }: RunResult): PictureSample {
  const { row, words, probability } = one
  const right = isRight(one)
  const sure = `${Math.round(100 * probability)} % sure`
  return {
    image: dataUri(row.pixels, model.size),
    text: textOf(words, language),
    note: right ? sure : `${sure}; truly: ${textOf(row.words, language)}`,
    right,
  }
}
