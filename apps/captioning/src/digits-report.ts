// The report of a run on digits: three models side by side, how they learned, what the convolutional network confuses.
import {
  barChart,
  confusionChart,
  formatCount,
  formatDuration,
  formatPercent,
  htmlPage,
  lineChart,
  type Figure,
  type PictureSample,
} from '@ostinato/report'
import { dataUri } from './data-uri.ts'
import { digitNames, type DigitModelResult, type DigitsResult, type ReadDigit } from './digits.ts'

/** The report as an HTML document. */
export function digitsReport(result: DigitsResult): string {
  const { settings, counts, models, citation, seconds } = result
  const { perceptron, multilayerPerceptron, convolutional } = models
  const wrong = convolutional.read.filter(isWrong).sort((a, b) => b.probability - a.probability)
  return htmlPage({
    title: 'Handwritten digits',
    summary: verdict(result),
    keyFigures: [
      { label: 'Convolutional network', value: formatPercent(convolutional.scores.accuracy), note: 'test accuracy' },
      { label: 'Multi-layer perceptron', value: formatPercent(multilayerPerceptron.scores.accuracy) },
      { label: 'Perceptron', value: formatPercent(perceptron.scores.accuracy) },
      { label: 'Time', value: formatDuration(seconds), note: 'for all three' },
    ],
    sections: [
      { title: 'Side by side', figures: [accuracies(models), errors(models)], table: modelTable(models) },
      { title: 'How they learned', figures: [losses(models), validation(models)] },
      {
        title: 'What is taken for what',
        text: 'By the convolutional network.',
        figures: [
          {
            svg: confusionChart(convolutional.scores.confusion, digitNames),
            caption: 'What was read (columns) for what was written (rows)',
          },
        ],
      },
      {
        title: 'Wrongly read',
        text: wrongText(wrong.length),
        pictures: wrong.slice(0, mostShown).map(pictureSample),
      },
    ],
    footer: [
      citation,
      `Seed ${settings.seed}; ${counts.train} training, ${counts.validation} validation and ${counts.test} test digits.`,
    ].join(' '),
  })
}

type Models = DigitsResult['models']

const mostShown = 60

const isWrong = ({ row, predicted }: ReadDigit) => predicted !== row.label

function verdict({ models: { perceptron, multilayerPerceptron, convolutional }, counts }: DigitsResult): string {
  const wrong = (model: DigitModelResult) => model.read.filter(isWrong).length
  return `The convolutional network reads ${formatPercent(convolutional.scores.accuracy)} of ${counts.test} digits that it never saw: ${wrong(convolutional)} wrong, where the multi-layer perceptron has ${wrong(multilayerPerceptron)} wrong and the perceptron ${wrong(perceptron)}. All three learned from the same ${counts.train} digits.`
}

const bars = (models: Models, valueOf: (model: DigitModelResult) => number) =>
  Object.values(models).map((model) => ({
    name: model.name,
    value: valueOf(model),
    highlight: model === models.convolutional,
  }))

const accuracies = (models: Models): Figure => ({
  svg: barChart(
    bars(models, ({ scores }) => scores.accuracy),
    { title: 'Test accuracy', x: 'accuracy', format: formatPercent },
  ),
  caption: 'The share of test digits that are read rightly',
})

const errors = (models: Models): Figure => ({
  svg: barChart(
    bars(models, ({ scores }) => 1 - scores.accuracy),
    { title: 'Test error', x: 'error', format: formatPercent },
  ),
  caption: 'The share that is read wrongly: the same, seen from below',
})

function modelTable(models: Models) {
  const all = Object.values(models)
  return {
    columns: ['', 'parameters', 'epochs', 'test accuracy', 'macro F1', 'time'],
    rows: all.map(({ name, parameters, epochs, scores, seconds }) => [
      name,
      formatCount(parameters),
      String(epochs),
      formatPercent(scores.accuracy),
      scores.macro.f1.toFixed(4),
      formatDuration(seconds),
    ]),
    highlight: all.indexOf(models.convolutional),
  }
}

const losses = (models: Models): Figure => ({
  svg: lineChart(
    Object.values(models).map(({ name, points }) => ({
      name,
      points: points.map(({ epoch, scores }) => ({ x: epoch, y: scores.loss })),
    })),
    { title: 'Training loss', x: 'epoch', y: 'loss' },
  ),
  caption: 'Cross-entropy of training batches (a moving mean of 20), of digits that are moved for the last two models',
})

const validation = (models: Models): Figure => ({
  svg: lineChart(
    Object.values(models).map(({ name, validation: shares }) => ({
      name,
      points: shares.map((share, i) => ({ x: i + 1, y: share })),
      dots: true,
    })),
    { title: 'Validation accuracy', x: 'epoch', y: 'accuracy' },
  ),
  caption: 'Accuracy on the validation digits after each epoch',
})

function wrongText(count: number): string {
  if (count === 0) return 'None.'
  const order = 'those first that the convolutional network would have bet most on'
  return count > mostShown ? `${mostShown} of ${count}, ${order}.` : `All ${count}, ${order}.`
}

function pictureSample({ row: { pixels, label }, predicted, probability }: ReadDigit): PictureSample {
  return {
    image: inkUri(pixels),
    text: `read as ${predicted}`,
    note: `${Math.round(100 * probability)} % sure; truly ${label}`,
    right: predicted === label,
  }
}

/** Ink as black on white. */
function inkUri(pixels: Float32Array): string {
  const coloured = new Uint8Array(4 * pixels.length).fill(255)
  pixels.forEach((ink, i) => coloured.fill(255 - Math.round(255 * ink), 4 * i, 4 * i + 3))
  return dataUri(coloured, Math.sqrt(pixels.length))
}
