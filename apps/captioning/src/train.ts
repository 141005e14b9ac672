// The main job: train on three vendors' drawings, caption the fourth's, beside the baselines; save and report.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset } from '@ostinato/datasets'
import { crossEntropy } from '@ostinato/nn'
import { AdamW, oneCycle } from '@ostinato/optim'
import { showProgress } from '@ostinato/report/terminal'
import { Rng } from '@ostinato/tensor'
import type { Vocabulary } from '@ostinato/tokenizers'
import { fit, type EpochRecord, type Outcome, type TrainingEvent } from '@ostinato/train'
import { fileStore, interruptible, TrainingLog, writeWhole } from '@ostinato/train/node'
import { plainBatches, trainingBatches, type PictureBatch } from './batches.ts'
import { readEmoji, type EmojiPictures, type EmojiRow } from './data-emoji.ts'
import { holdOutTones, holdOutVendor, splitValidation } from './data-splits.ts'
import { CommandError } from './errors.ts'
import { judge, type Judgement } from './judge.ts'
import { createModel, type Captioner } from './model.ts'
import { saveModel } from './saved-model.ts'
import { files, readSettings, type RunSettings } from './settings.ts'
import { makeVocabulary, paddingId } from './words.ts'

/** A finished run. */
export interface RunResult {
  readonly settings: RunSettings
  readonly pictures: EmojiPictures
  readonly parts: Parts
  readonly vocabulary: Vocabulary
  readonly model: Captioner
  readonly judgement: Judgement
  readonly epochs: readonly EpochRecord[]
  readonly log: TrainingLog
}

/** The rows by what they are for. */
export interface Parts {
  readonly train: Dataset<EmojiRow>
  readonly validation: Dataset<EmojiRow>
  readonly test: Dataset<EmojiRow>
}

/** Where a run is kept, and whom it tells. */
export interface RunOptions {
  readonly folder: string
  readonly resume: boolean
  /** Called with a line for the user. */
  readonly say: (line: string) => void
  /** Called as something that takes long goes on. */
  readonly onProgress: (what: string, done: number, total: number) => void
}

/** The share of one training vendor's emoji that is cut off for validation. */
const validationShare = 0.06

/**
 * Trains a model and judges it.
 * @returns undefined when it was interrupted in training: then there is a checkpoint
 */
export async function train(settings: RunSettings, options: RunOptions): Promise<RunResult | undefined> {
  const { folder, resume, say, onProgress } = options
  const path = (file: keyof typeof files) => join(folder, files[file])
  if (resume) await checkResume(folder, settings)
  const log = resume ? await TrainingLog.load(path('log')) : new TrainingLog()
  const pictures = await readPictures(settings, { say, onProgress })
  const parts = splitRows(pictures.rows, settings)
  say(`${parts.train.length} pictures to train, ${parts.validation.length} to validate, ${parts.test.length} to test`)
  if (!resume) {
    // What is left of another run must not be taken for a part of this one.
    for (const file of Object.values(files)) await rm(join(folder, file), { force: true })
    await writeWhole(path('settings'), JSON.stringify(settings, null, 2))
  }
  const vocabulary = makeVocabulary(Array.from(parts.train, ({ words }) => words))
  const model = createModel({ ...settings.model, vocabularySize: vocabulary.size }, { rng: new Rng(settings.seed) })
  const notice = () => {
    say('stopping after this step, with a checkpoint')
  }
  const epochs = await interruptible(notice, (signal) => {
    const events = trainingRun(model, parts, { settings, vocabulary, signal, resume, checkpoint: path('checkpoint') })
    return log.follow(showProgress(events), path('log'))
  })
  if (epochs === undefined) return undefined
  await saveModel(path('model'), { model, vocabulary, language: settings.language })
  const judgement = judge(model, parts, { settings, vocabulary, onProgress })
  return { settings, pictures, parts, vocabulary, model, judgement, epochs, log }
}

/** The pictures that a run uses, drawn where they have not been. */
export async function readPictures(
  { language, limit, model: { size } }: RunSettings,
  { say, onProgress }: Pick<RunOptions, 'say' | 'onProgress'>,
): Promise<EmojiPictures> {
  const pictures = await readEmoji({
    size,
    language,
    ...(limit !== null && { limit }),
    onProgress: (done, total) => {
      onProgress('drawing', done, total)
    },
  })
  for (const { name, fault, remedy } of pictures.repaired) say(`${name}: ${fault}; ${remedy}`)
  return pictures
}

/** The rows in three parts. The test part chooses nothing. */
export function splitRows(rows: Dataset<EmojiRow>, { holdOut, seed }: RunSettings): Parts {
  const { train, test } = holdOut === 'tones' ? holdOutTones(rows, { seed }) : holdOutVendor(rows, holdOut)
  const vendor = holdOut === 'twemoji' ? 'noto' : 'twemoji'
  return { ...splitValidation(train, { vendor, share: validationShare, seed }), test }
}

/** The events of training `model` on the parts. */
function trainingRun(
  model: Captioner,
  { train: rows, validation }: Parts,
  {
    settings,
    vocabulary,
    signal,
    resume,
    checkpoint,
  }: {
    readonly settings: RunSettings
    readonly vocabulary: Vocabulary
    readonly signal: AbortSignal
    readonly resume: boolean
    readonly checkpoint: string
  },
): AsyncGenerator<TrainingEvent> {
  const { seed, epochs, batchSize, learningRate, weightDecay, tones, augment, labelSmoothing } = settings
  const { size } = model.config
  const source = trainingBatches(rows, { batchSize, size, vocabulary, seed, tones, augment })
  const schedule = oneCycle(learningRate, { steps: epochs * source.length, warmupFraction: 0.1 })
  return fit({
    model,
    optimizer: new AdamW(model.parameters(), { learningRate: schedule, weightDecay }),
    train: source,
    validation: plainBatches(validation, { batchSize, size, vocabulary }),
    step: (batch) => step(model, batch, labelSmoothing),
    epochs,
    clipNorm: 2,
    restoreBest: false,
    checkpoint: { store: fileStore(checkpoint), everySteps: 100 },
    resume,
    signal,
  })
}

/** Loss and accuracy of the next words of one batch. */
export function step(model: Captioner, batch: PictureBatch, labelSmoothing: number): Outcome {
  const { pictures, inputs, targets, lengths } = batch
  const logits = model.forward(pictures, inputs, lengths)
  const tokens = lengths.reduce((a, b) => a + b, 0)
  return {
    loss: crossEntropy(logits, targets, { ignoreId: paddingId, labelSmoothing }),
    count: lengths.length,
    tokens,
  }
}

/** Refuses to go on with a run that was made with other settings. */
async function checkResume(folder: string, settings: RunSettings): Promise<void> {
  const saved = await readSettings(folder)
  if (saved === undefined) throw new CommandError(`there is no run to resume in ${folder}: start one without --resume`)
  if (JSON.stringify(saved) !== JSON.stringify(settings)) {
    throw new CommandError(
      `the run in ${folder} was made with other settings (${files.settings}): give the same options, or start anew without --resume`,
    )
  }
}
