// Handwritten digits: a perceptron, a multi-layer perceptron and a small convolutional network, side by side on the
// same digits, as teaching texts compare them. Models, training and test; what is printed and drawn is elsewhere.
import { DataLoader, dataset, splitStratified, type Dataset } from '@ostinato/datasets'
import { BatchNorm2d, Conv2d, crossEntropy, Dropout, Linear, MaxPool2d, Sequential } from '@ostinato/nn'
import { AdamW, oneCycle } from '@ostinato/optim'
import { showProgress } from '@ostinato/report/terminal'
import { argmax, relu, reshape, Rng, softmax, tensor, type Tensor } from '@ostinato/tensor'
import { classificationScores, fit, type BatchSource, type ClassificationScores, type Outcome } from '@ostinato/train'
import { TrainingLog, type LogPoint } from '@ostinato/train/node'
import { seededBatches } from './batches.ts'
import { readDigits, type Digits, type DigitRow } from './data-digits.ts'

const size = 28
const batchSize = 64

/** What the classes are called. */
export const digitNames = Array.from({ length: 10 }, (_, digit) => String(digit))

/** One of the three, and how it is trained. */
interface DigitKind {
  readonly name: string
  readonly build: (rng: Rng) => Sequential
  readonly epochs: number
  readonly learningRate: number
  /** Each time that a digit is seen, it is moved by up to so many pixels, in either direction. */
  readonly shift: number
}

const flatten = (x: Tensor) => reshape(x, [x.shape[0], -1])

const digitKinds = {
  perceptron: {
    name: 'perceptron',
    build: (rng) => new Sequential(flatten, new Linear(size * size, 10, { rng })),
    epochs: 12,
    learningRate: 3e-3,
    shift: 0,
  },
  multilayerPerceptron: {
    name: 'multi-layer perceptron',
    build: (rng) =>
      new Sequential(
        flatten,
        new Linear(size * size, 256, { rng }),
        relu,
        new Dropout(0.2, { rng: rng.split() }),
        new Linear(256, 128, { rng }),
        relu,
        new Dropout(0.2, { rng: rng.split() }),
        new Linear(128, 10, { rng }),
      ),
    epochs: 20,
    learningRate: 3e-3,
    shift: 1,
  },
  convolutional: {
    name: 'convolutional network',
    // Max-pooling before ReLU is the same as after it, on a quarter of the values.
    build: (rng) =>
      new Sequential(
        new Conv2d(1, 16, 5, { padding: 2, bias: false, rng }),
        new BatchNorm2d(16),
        new MaxPool2d(2),
        relu,
        new Conv2d(16, 32, 3, { padding: 1, bias: false, rng }),
        new BatchNorm2d(32),
        new MaxPool2d(2),
        relu,
        new Conv2d(32, 64, 3, { padding: 1, bias: false, rng }),
        new BatchNorm2d(64),
        new MaxPool2d(2),
        relu,
        flatten,
        new Dropout(0.3, { rng: rng.split() }),
        new Linear(64 * 3 * 3, 10, { rng }),
      ),
    epochs: 10,
    learningRate: 5e-3,
    shift: 2,
  },
} as const satisfies Readonly<Record<string, DigitKind>>

/** The three models by the names that `--json` has for them. */
export type DigitModelName = keyof typeof digitKinds

/** What decides the outcome of a run. */
export interface DigitsSettings {
  readonly seed: number
  /** Passes over the training digits; null: as many as suit each model. */
  readonly epochs: number | null
  /** Only so many digits, a fifth of them for the test; null: all 10,000. */
  readonly limit: number | null
}

/** A digit of the test part with what a model took it for. */
export interface ReadDigit {
  readonly row: DigitRow
  readonly predicted: number
  /** How sure the model was, 0 to 1. */
  readonly probability: number
}

/** What became of one model. */
export interface DigitModelResult {
  readonly name: string
  /** Trainable values. */
  readonly parameters: number
  /** Time for training and validation. */
  readonly seconds: number
  readonly epochs: number
  readonly scores: ClassificationScores
  readonly read: readonly ReadDigit[]
  readonly points: readonly LogPoint[]
  /** Accuracy on the validation part after each epoch. */
  readonly validation: readonly number[]
}

/** A finished run. */
export interface DigitsResult {
  readonly settings: DigitsSettings
  readonly counts: Readonly<Record<'train' | 'validation' | 'test', number>>
  readonly models: Readonly<Record<DigitModelName, DigitModelResult>>
  readonly citation: string
  readonly seconds: number
}

interface Parts {
  readonly train: Dataset<DigitRow>
  readonly validation: Dataset<DigitRow>
  readonly test: Dataset<DigitRow>
}

/** Digits with their labels. */
export interface DigitBatch {
  /** `[batch, 1, 28, 28]` */
  readonly pictures: Tensor
  /** `[batch]` */
  readonly labels: Tensor<'int32'>
}

/**
 * Trains the three models on the same digits and reads the test part with each, once, at the end.
 * @returns undefined when it was interrupted
 */
export async function trainDigits(
  settings: DigitsSettings,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<DigitsResult | undefined> {
  const started = performance.now()
  const { seed, limit } = settings
  const digits = await readDigits({ seed })
  const parts = splitDigits(digits, { seed, limit })
  const counts = { train: parts.train.length, validation: parts.validation.length, test: parts.test.length }
  say(`${counts.train} digits to train, ${counts.validation} to validate, ${counts.test} to test`)
  const results: Partial<Record<DigitModelName, DigitModelResult>> = {}
  for (const key of Object.keys(digitKinds) as DigitModelName[]) {
    say(`the ${digitKinds[key].name}:`)
    const result = await trainOne(digitKinds[key], parts, { settings, signal })
    if (result === undefined) return undefined
    results[key] = result
  }
  const models = results as DigitsResult['models']
  return { settings, counts, models, citation: digits.citation, seconds: (performance.now() - started) / 1000 }
}

/** A tenth of the training digits is cut off for validation. The test part chooses nothing. */
function splitDigits(
  { train, test }: Pick<Digits, 'train' | 'test'>,
  { seed, limit }: Pick<DigitsSettings, 'seed' | 'limit'>,
): Parts {
  // The rows are in the order of the digits: evenly chosen, they have all of them.
  const some = (rows: Dataset<DigitRow>, share: number) => {
    const count = Math.min(rows.length, limit === null ? rows.length : Math.max(10, Math.round(share * limit)))
    return dataset(Array.from({ length: count }, (_, i) => rows.get(Math.floor((i * rows.length) / count))))
  }
  const options = { label: ({ label }: DigitRow) => label, rng: new Rng(seed).split() }
  return { ...splitStratified(some(train, 0.8), { train: 'rest', validation: 0.1 }, options), test: some(test, 0.2) }
}

async function trainOne(
  { name, build, epochs: suited, learningRate, shift }: DigitKind,
  { train, validation, test }: Parts,
  { settings: { seed, epochs: wanted }, signal }: { readonly settings: DigitsSettings; readonly signal: AbortSignal },
): Promise<DigitModelResult | undefined> {
  const epochs = wanted ?? suited
  const model = build(new Rng(seed))
  const source = trainingDigits(train, { seed, shift })
  const log = new TrainingLog()
  const accuracies: number[] = []
  const events = fit({
    model,
    optimizer: new AdamW(model.parameters(), {
      learningRate: oneCycle(learningRate, { steps: epochs * source.length, warmupFraction: 0.2 }),
      weightDecay: 0.01,
    }),
    train: source,
    validation: plainDigits(validation),
    step: (batch) => step(model, batch),
    epochs,
    // All epochs are done and the last weights stay: the learning rate has come down for them.
    restoreBest: false,
    signal,
  })
  let parameters = 0
  for await (const event of showProgress(events)) {
    if (event.type === 'start') parameters = event.parameters
    else if (event.type === 'step') log.add(event)
    else if (event.type === 'epoch') accuracies.push(event.validation?.['accuracy'] ?? NaN)
    else if (event.type === 'stop' && event.reason === 'aborted') return undefined
  }
  const { seconds, points } = log
  const read = readAll(model, test)
  const scores = classificationScores(
    read.map(({ predicted }) => predicted),
    read.map(({ row }) => row.label),
    digitNames.length,
  )
  return { name, parameters, seconds, epochs, scores, read, points, validation: accuracies }
}

/** Loss and accuracy of one batch. */
function step(model: Sequential, { pictures, labels }: DigitBatch): Outcome {
  const logits = model.forward(pictures)
  const predicted = argmax(logits, { axis: 1 }).data
  const right = predicted.filter((digit, i) => digit === labels.data[i]).length
  const count = labels.shape[0]
  return { loss: crossEntropy(logits, labels), count, metrics: { accuracy: right / count } }
}

/** What the model takes each digit for. */
function readAll(model: Sequential, rows: Dataset<DigitRow>): ReadDigit[] {
  const read: ReadDigit[] = []
  for (const { pictures } of plainDigits(rows).epoch({ epoch: 0, batch: 0 })) {
    const logits = model.forward(pictures)
    const [probabilities, predicted] = [softmax(logits, { axis: 1 }).data, argmax(logits, { axis: 1 }).data]
    predicted.forEach((digit, i) => {
      read.push({ row: rows.get(read.length), predicted: digit, probability: probabilities[10 * i + digit] })
    })
  }
  return read
}

/** Digits in their order, as they are. */
const plainDigits = (rows: Dataset<DigitRow>) =>
  new DataLoader(rows, { batchSize: 250, collate: (items): DigitBatch => digitBatch(items, () => [0, 0]) })

/** Digits shuffled and moved anew in each epoch. */
function trainingDigits(
  rows: Dataset<DigitRow>,
  { seed, shift }: { readonly seed: number; readonly shift: number },
): BatchSource<DigitBatch> {
  const move = (rng: Rng) => rng.integer(-shift, shift + 1)
  return seededBatches(rows, {
    seed,
    batchSize: Math.min(batchSize, rows.length),
    count: rows.length,
    make: (some, rng) => digitBatch(some, () => [move(rng), move(rng)]),
  })
}

/** Digits as tensors, each moved to the right and down as `moveOf` says; what comes in at the edge is blank. */
export function digitBatch(
  rows: readonly DigitRow[],
  moveOf: () => readonly [right: number, down: number],
): DigitBatch {
  const data = new Float32Array(rows.length * size * size)
  rows.forEach(({ pixels }, i) => {
    const [right, down] = moveOf()
    const [from, to] = [Math.max(0, -right), Math.min(size, size - right)]
    for (let y = Math.max(0, -down); y < Math.min(size, size - down); y++) {
      const line = pixels.subarray(y * size + from, y * size + to)
      data.set(line, (i * size + y + down) * size + from + right)
    }
  })
  return {
    pictures: tensor(data, { shape: [rows.length, 1, size, size] }),
    labels: tensor(Int32Array.from(rows, ({ label }) => label), { shape: [rows.length] }),
  }
}
