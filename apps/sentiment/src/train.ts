// The main job: train on the training reviews, judge on the test reviews beside the baselines, save and report.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { binaryCrossEntropyWithLogits } from '@ostinato/nn'
import { Adam, oneCycle } from '@ostinato/optim'
import { showProgress } from '@ostinato/report/terminal'
import { GradientFlow } from '@ostinato/rnn'
import { Rng } from '@ostinato/tensor'
import { fit, type ClassificationScores, type EpochRecord, type Outcome, type TrainingEvent } from '@ostinato/train'
import { fileStore, interruptible, TrainingLog, writeWhole } from '@ostinato/train/node'
import { linearAccuracy, majorityAccuracy, type BaselineData } from './baselines.ts'
import { batches, encodeReviews, fitTokenizer, loadReviews, type ReviewBatch, type Reviews } from './data.ts'
import { CommandError } from './errors.ts'
import { SentimentModel } from './model.ts'
import { judge, type Prediction } from './predict.ts'
import { saveModel } from './saved-model.ts'
import { files, readSettings, type RunSettings } from './settings.ts'

/** A finished run. */
export interface RunResult {
  readonly settings: RunSettings
  readonly reviews: Reviews
  readonly scores: ClassificationScores
  readonly baselines: { readonly majority: number; readonly linear: number }
  readonly predictions: readonly Prediction[]
  readonly epochs: readonly EpochRecord[]
  readonly log: TrainingLog
}

/** Where a run is kept, and whom it tells. */
export interface RunOptions {
  readonly folder: string
  readonly resume: boolean
  /** Called with a line for the user. */
  readonly say: (line: string) => void
}

/**
 * Trains a model and judges it.
 * @returns undefined when it was interrupted in training: then there is a checkpoint
 */
export async function train(
  settings: RunSettings,
  { folder, resume, say }: RunOptions,
): Promise<RunResult | undefined> {
  const { seed, limit } = settings
  const path = (file: keyof typeof files) => join(folder, files[file])
  if (resume) await checkResume(folder, settings)
  const log = resume ? await TrainingLog.load(path('log')) : new TrainingLog()
  const reviews = await loadReviews({ seed, ...(limit !== null && { limit }) })
  const [training, validating, testing] = [reviews.train, reviews.validation, reviews.test].map(({ length }) => length)
  say(`${training} reviews to train, ${validating} to validate, ${testing} to test`)
  say(`${reviews.repeated} more training reviews are left out: they repeat in the test part`)
  const tokenizer = fitTokenizer(reviews.train, settings.model)
  const parts = {
    train: encodeReviews(reviews.train, tokenizer),
    validation: encodeReviews(reviews.validation, tokenizer),
    test: encodeReviews(reviews.test, tokenizer),
  }
  if (!resume) {
    // What is left of another run must not be taken for a part of this one.
    for (const file of ['checkpoint', 'log', 'model', 'summary', 'report'] as const)
      await rm(path(file), { force: true })
    await writeWhole(path('settings'), JSON.stringify(settings, null, 2))
  }
  const config = { ...settings.model, vocabularySize: tokenizer.vocabulary.size }
  const model = new SentimentModel(config, { rng: new Rng(seed) })
  const notice = () => {
    say('stopping after this step, with a checkpoint')
  }
  const epochs = await interruptible(notice, (signal) => {
    const events = trainingRun(model, parts, { settings, signal, resume, checkpoint: path('checkpoint') })
    return log.follow(showProgress(events), path('log'))
  })
  if (epochs === undefined) return undefined
  await saveModel(path('model'), { model, tokenizer })

  say('judging on the test reviews, beside the baselines')
  const { predictions, scores } = judge(model, batches(parts.test, { batchSize: 256, ...config }))
  const baselines = { majority: majorityAccuracy(parts), linear: linearAccuracy(parts, config) }
  return { settings, reviews, scores, baselines, predictions, epochs, log }
}

/** The events of training `model` on the parts. */
function trainingRun(
  model: SentimentModel,
  { train, validation }: Pick<BaselineData, 'train' | 'validation'>,
  {
    settings,
    signal,
    resume,
    checkpoint,
  }: {
    readonly settings: RunSettings
    readonly signal: AbortSignal
    readonly resume: boolean
    readonly checkpoint: string
  },
): AsyncGenerator<TrainingEvent> {
  const { seed, epochs, batchSize, learningRate } = settings
  const { maximumLength } = model.config
  const loader = batches(train, { batchSize, maximumLength, seed })
  const schedule = oneCycle(learningRate, { steps: epochs * loader.length, warmupFraction: 0.25 })
  return fit({
    model,
    optimizer: new Adam(model.parameters(), { learningRate: schedule }),
    train: loader,
    validation: batches(validation, { batchSize: 256, maximumLength }),
    step: (batch) => step(model, batch),
    epochs,
    clipNorm: 1,
    // About 25 times a run: enough for a picture of it.
    gradientFlow: {
      observer: new GradientFlow(model),
      everySteps: Math.max(1, Math.ceil((epochs * loader.length) / 25)),
    },
    monitor: (epoch) => -(epoch.validation ?? epoch.train)['accuracy'],
    checkpoint: { store: fileStore(checkpoint), everySteps: 100 },
    resume,
    signal,
  })
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
  const saved = await readSettings(folder)
  if (saved === undefined) throw new CommandError(`there is no run to resume in ${folder}: start one without --resume`)
  if (JSON.stringify(saved) !== JSON.stringify(settings)) {
    const remedy = 'give the same --seed, --epochs and --limit, or start anew without --resume'
    throw new CommandError(`the run in ${folder} was made with other settings (${files.settings}): ${remedy}`)
  }
}
