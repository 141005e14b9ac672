// The report of a run: what it scored, how it learned, where it was right and wrong.
import {
  barChart,
  confusionChart,
  formatCount,
  formatDuration,
  formatPercent,
  gradientFlowFigures,
  htmlPage,
  lineChart,
  type Figure,
  type Sample,
} from '@ostinato/report'
import { classes, type Prediction } from './predict.ts'
import type { RunResult } from './train.ts'

/** The report as an HTML document. */
export function runReport(result: RunResult): string {
  const { scores, baselines, settings, reviews, log } = result
  const { accuracy } = scores
  return htmlPage({
    title: 'Sentiment of film reviews',
    summary: verdict(accuracy, baselines.linear, reviews.test.length),
    keyFigures: [
      { label: 'Test accuracy', value: formatPercent(accuracy), note: `${reviews.test.length} reviews never seen` },
      { label: 'Linear model on TF-IDF', value: formatPercent(baselines.linear), note: 'the baseline worth beating' },
      { label: 'Majority class', value: formatPercent(baselines.majority) },
      {
        label: 'Time',
        value: formatDuration(log.seconds),
        note: `${formatCount(log.tokensPerSecond)} tokens/s in training`,
      },
    ],
    sections: [
      { title: 'How it learned', figures: curves(result) },
      {
        title: 'Gradient flow through time',
        text: "How much of the loss's gradient reaches the hidden state at each word of a review: the norm for a row, averaged over those that have the word. Each direction hands the gradient on from its last word to its first; what is dark at one end has forgotten what stood there.",
        figures: gradientFlowFigures(log.flows, { label: ({ name }) => directions[name] }),
      },
      {
        title: 'Beside the baselines',
        figures: [
          {
            svg: barChart(
              [
                { name: 'majority class', value: baselines.majority },
                { name: 'linear model on TF-IDF', value: baselines.linear },
                { name: 'bidirectional GRU', value: accuracy, highlight: true },
              ],
              { title: 'Test accuracy', x: 'accuracy', format: formatPercent },
            ),
            caption: 'Accuracy on the test reviews',
          },
          {
            svg: confusionChart(scores.confusion, classes),
            caption: 'What was predicted (columns) for what was true (rows)',
          },
        ],
        table: {
          columns: ['class', 'precision', 'recall', 'F1', 'reviews'],
          rows: scores.classes.map(({ precision, recall, f1, support }, i) => [
            classes[i],
            ...[precision, recall, f1].map((value) => value.toFixed(4)),
            String(support),
          ]),
        },
      },
      {
        title: 'By length',
        text: 'Accuracy on test reviews of different lengths, in words of the text.',
        figures: [lengths(result)],
      },
      { title: 'Right and sure', samples: samples(result, { right: true }) },
      {
        title: 'Wrong and sure',
        text: 'The mistakes that the model would have bet most on.',
        samples: samples(result, { right: false }),
      },
    ],
    footer: `${reviews.source.citation} Package ${reviews.source.package}. Seed ${settings.seed}, ${settings.epochs} epochs, ${reviews.train.length} training, ${reviews.validation.length} validation reviews; ${reviews.repeated} training reviews left out because they repeat in the test part.`,
  })
}

/** The layers of the model, in words. */
const directions: Readonly<Record<string, string>> = {
  forwards: 'forwards reading GRU',
  backwards: 'backwards reading GRU',
}

function verdict(accuracy: number, linear: number, tested: number): string {
  const beside =
    accuracy > linear
      ? `${formatPercent(accuracy - linear).replace(' %', '')} points above`
      : accuracy < linear
        ? `${formatPercent(linear - accuracy).replace(' %', '')} points below`
        : 'level with'
  return `A bidirectional GRU judges ${formatPercent(accuracy)} of ${tested} unseen reviews rightly, ${beside} a linear model on bags of words.`
}

function curves({ log, epochs }: RunResult): Figure[] {
  return (['loss', 'accuracy'] as const).map((metric) => {
    const training = log.points.map(({ epoch, scores }) => ({ x: epoch, y: scores[metric] }))
    const validation = epochs.flatMap(({ epoch, validation: scores }) =>
      scores === undefined ? [] : [{ x: epoch, y: scores[metric] }],
    )
    return {
      svg: lineChart(
        [
          { name: 'training', points: training },
          { name: 'validation', points: validation, dots: true },
        ],
        { title: metric, x: 'epoch', y: metric },
      ),
      caption:
        metric === 'loss'
          ? 'Cross-entropy: batches (a moving mean of 20), validation after each epoch'
          : 'Accuracy, likewise',
    }
  })
}

function lengths({ predictions, reviews }: RunResult) {
  const edges = [0, 100, 150, 200, 300, 500, Infinity]
  const words = predictions.map(({ index }) => reviews.test.get(index).text.split(/\s+/).length)
  const bars = edges.slice(1).flatMap((to, i) => {
    const inside = predictions.filter((_, row) => words[row] > edges[i] && words[row] <= to)
    if (inside.length === 0) return []
    const name = to === Infinity ? `over ${edges[i]} words` : `${edges[i] + 1} to ${to} words`
    return [{ name: `${name} (${inside.length})`, value: inside.filter(isRight).length / inside.length }]
  })
  return {
    svg: barChart(bars, { title: 'Accuracy by length', x: 'accuracy', format: formatPercent }),
    caption: 'In brackets: how many reviews',
  }
}

const isRight = ({ positive, label }: Prediction) => Number(positive > 0.5) === label

function samples({ predictions, reviews }: RunResult, { right }: { readonly right: boolean }): Sample[] {
  const sure = predictions
    .filter((prediction) => isRight(prediction) === right)
    .sort((a, b) => Math.abs(b.positive - 0.5) - Math.abs(a.positive - 0.5))
  const chosen = [0, 1].flatMap((label) => sure.filter((prediction) => prediction.label === label).slice(0, 3))
  return chosen.map(({ index, label, positive }) => ({
    text: shorten(reviews.test.get(index).text.replaceAll(/<br\s*\/?>/g, ' '), 420),
    note: `truly ${classes[label]}; the model says ${classes[Number(positive > 0.5)]} with ${formatPercent(Math.max(positive, 1 - positive))}`,
    right,
  }))
}

const shorten = (text: string, length: number) =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`
