// The main job: train on the training reviews, judge on the test reviews beside the baselines, save and report.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { binaryCrossEntropyWithLogits } from '@ostinato/nn'
import { Adam, oneCycle } from '@ostinato/optim'
import { showProgress } from '@ostinato/report/terminal'
import { Rng } from '@ostinato/tensor'
import { fit, type ClassificationScores, type EpochRecord, type Outcome } from '@ostinato/train'
import { fileStore, writeWhole } from '@ostinato/train/node'
import { linearAccuracy, majorityAccuracy } from './baselines.ts'
import { batches, encodeReviews, fitTokenizer, loadReviews, type ReviewBatch, type Reviews } from './data.ts'
import { CommandError } from './errors.ts'
import { SentimentModel } from './model.ts'
import { judge, type Prediction } from './predict.ts'
import { saveModel } from './saved-model.ts'
import { files, type RunSettings } from './settings.ts'

/** A finished run. */
export interface RunResult {
  readonly settings: RunSettings
  readonly reviews: Reviews
  readonly scores: ClassificationScores
  readonly baselines: { readonly majority: number; readonly linear: number }
  readonly predictions: readonly Prediction[]
  readonly epochs: readonly EpochRecord[]
  /** The training loss along the way; `x` in epochs. */
  readonly curve: readonly { readonly x: number; readonly y: number }[]
  /** The smoothed training accuracy, likewise. */
  readonly accuracyCurve: readonly { readonly x: number; readonly y: number }[]
  readonly tokensPerSecond: number
  readonly seconds: number
}

/** Where a run is kept and how it is stopped. */
export interface RunOptions {
  readonly folder: string
  readonly resume: boolean
  readonly signal: AbortSignal
  /** Called with a line for the user. */
  readonly say: (line: string) => void
}

/**
 * Trains a model and judges it.
 * @returns undefined when it was stopped by the signal: then there is a checkpoint
 */
export async function train(
  settings: RunSettings,
  { folder, resume, signal, say }: RunOptions,
): Promise<RunResult | undefined> {
  const started = performance.now()
  const { seed, epochs, limit, batchSize } = settings
  if (resume) await checkResume(folder, settings)
  const reviews = await loadReviews({ seed, ...(limit !== null && { limit }) })
  say(
    `${reviews.train.length} reviews to train, ${reviews.validation.length} to validate, ${reviews.test.length} to test; ${reviews.repeated} left out, they repeat in the test part`,
  )
  const tokenizer = fitTokenizer(reviews.train, settings.model)
  const config = { ...settings.model, vocabularySize: tokenizer.vocabulary.size }
  const [trainPart, validationPart, testPart] = [reviews.train, reviews.validation, reviews.test].map((part) =>
    encodeReviews(part, tokenizer),
  )
  if (signal.aborted) return undefined

  const rng = new Rng(seed)
  const model = new SentimentModel(config, { rng })
  const loader = batches(trainPart, { batchSize, maximumLength: config.maximumLength, seed })
  const totalSteps = epochs * loader.length
  const optimizer = new Adam(model.parameters(), {
    learningRate: oneCycle(settings.learningRate, { steps: totalSteps, warmupFraction: 0.25 }),
  })
  await writeWhole(join(folder, files.settings), JSON.stringify(settings, null, 2))

  const curve: { x: number; y: number }[] = []
  const accuracyCurve: { x: number; y: number }[] = []
  let history: readonly EpochRecord[] = []
  let rate = { tokens: 0, seconds: 0 }
  const events = fit({
    model,
    optimizer,
    train: loader,
    validation: batches(validationPart, { batchSize: 256, maximumLength: config.maximumLength }),
    step: (batch) => step(model, batch),
    epochs,
    clipNorm: 1,
    monitor: ({ train, validation }) => -(validation ?? train)['accuracy'],
    checkpoint: { store: fileStore(join(folder, files.checkpoint)), everySteps: 100 },
    resume,
    signal,
  })
  const smooth = new Smoothed(20)
  for await (const event of showProgress(events)) {
    if (event.type === 'start') history = event.history
    if (event.type === 'step') {
      rate = { tokens: rate.tokens + (event.tokens ?? 0), seconds: rate.seconds + event.seconds }
      const means = smooth.add([event.scores.loss, event.scores['accuracy']])
      const x = event.epoch - 1 + event.step / event.stepsPerEpoch
      if (event.step % 10 === 0) {
        curve.push({ x, y: means[0] })
        accuracyCurve.push({ x, y: means[1] })
      }
    }
    if (event.type === 'epoch') history = [...history, event]
    if (event.type === 'stop' && event.reason === 'aborted') return undefined
  }
  await saveModel(join(folder, files.model), { model, tokenizer })

  say('judging on the test reviews, beside the baselines')
  const { predictions, scores } = judge(
    model,
    batches(testPart, { batchSize: 256, maximumLength: config.maximumLength }),
  )
  const data = { train: trainPart, validation: validationPart, test: testPart }
  const baselines = {
    majority: majorityAccuracy(data),
    linear: linearAccuracy(data, { vocabularySize: config.vocabularySize }),
  }
  const seconds = (performance.now() - started) / 1000
  return {
    settings,
    reviews,
    scores,
    baselines,
    predictions,
    epochs: history,
    curve,
    accuracyCurve,
    tokensPerSecond: rate.tokens / rate.seconds,
    seconds,
  }
}

/** Loss and accuracy of one batch. */
export function step(model: SentimentModel, batch: ReviewBatch): Outcome {
  const logits = model.forward(batch)
  const labels = batch.labels.data
  let right = 0
  for (let i = 0; i < labels.length; i++) if (logits.data[i] > 0 === (labels[i] === 1)) right++
  return {
    loss: binaryCrossEntropyWithLogits(logits, batch.labels),
    count: labels.length,
    metrics: { accuracy: right / labels.length },
    tokens: batch.lengths.reduce((a, b) => a + b, 0),
  }
}

/** Refuses to go on with a run that was made with other settings. */
async function checkResume(folder: string, settings: RunSettings): Promise<void> {
  const path = join(folder, files.settings)
  const saved = await readFile(path, 'utf8').catch(() => undefined)
  if (saved === undefined) throw new CommandError(`there is no run to resume in ${folder}: start one without --resume`)
  if (JSON.stringify(JSON.parse(saved)) !== JSON.stringify(settings)) {
    throw new CommandError(
      `the run in ${folder} was made with other settings (${path}): give the same --seed, --epochs and --limit, or start anew without --resume`,
    )
  }
}

/** Means over the last values of several numbers. */
class Smoothed {
  readonly #recent: (readonly number[])[] = []

  constructor(readonly span: number) {}

  add(values: readonly number[]): number[] {
    this.#recent.push(values)
    if (this.#recent.length > this.span) this.#recent.shift()
    return values.map((_, i) => this.#recent.reduce((sum, row) => sum + row[i], 0) / this.#recent.length)
  }
}
