// What the commands do, with options that have been read.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { formatDuration, formatPercent } from '@ostinato/report'
import { writeWhole } from '@ostinato/train/node'
import { plainPictures } from './batches.ts'
import { augmentDefaults } from './data-augment.ts'
import type { Language } from './data-names.ts'
import { UsageError } from './errors.ts'
import { baselineNames, judge, type CaptionScores, type Judgement } from './judge.ts'
import type { CaptioningConfig, DecoderKind } from './model.ts'
import { print, progressTeller, say, scoreLine } from './output.ts'
import { renderPicture } from './render-picture.ts'
import { runReport } from './run-report.ts'
import { loadModel } from './saved-model.ts'
import { defaults, files, quick, readSettings, type HoldOut, type RunSettings } from './settings.ts'
import { readPictures, splitRows, train, type RunResult } from './train.ts'
import { textOf } from './words.ts'

interface CommonFlags {
  readonly folder: string
  readonly json: boolean
}

/** The options of training; what is undefined stands at its default. */
export interface TrainFlags extends CommonFlags {
  readonly holdOut: HoldOut
  readonly language: Language
  readonly decoder: DecoderKind
  readonly cell: CaptioningConfig['cell']
  readonly size: number
  readonly seed: number
  readonly epochs?: number
  readonly limit?: number
  readonly quick: boolean
  readonly resume: boolean
}

/** The line that `--json` prints, also kept in the run's folder. */
export interface RunSummary {
  readonly app: 'captioning'
  readonly heldOut: HoldOut
  readonly language: Language
  readonly exactMatch: number
  readonly tokenF1: number
  readonly bleu: readonly number[]
  readonly cider: number
  readonly crossEntropy: number
  readonly baselines: Judgement['baselines']
  readonly pictures: number
  readonly seconds: number
  readonly seed: number
}

/** The settings that the flags ask for. */
function settingsOf(flags: TrainFlags): RunSettings {
  const { holdOut, language, decoder, cell, size, seed, epochs, limit } = flags
  const start = flags.quick ? quick : defaults
  const model = { ...start.model, decoder, cell, size }
  return {
    ...start,
    holdOut,
    language,
    seed,
    epochs: epochs ?? start.epochs,
    limit: limit ?? start.limit,
    augment: { ...augmentDefaults, shift: (augmentDefaults.shift * size) / defaults.model.size },
    model,
  }
}

/** Trains, judges and reports. */
export async function runTrain(flags: TrainFlags): Promise<void> {
  const { folder, resume, json } = flags
  const settings = settingsOf(flags)
  await mkdir(folder, { recursive: true })
  const result = await train(settings, { folder, resume, say, onProgress: progressTeller() })
  if (result === undefined) {
    say('interrupted: go on with the same command and --resume')
    process.exitCode = 130
    return
  }
  const summary = summaryOf(settings, result.judgement, result.log.seconds)
  const report = join(folder, files.report)
  await writeWhole(report, runReport(result))
  await writeWhole(join(folder, files.summary), JSON.stringify(summary))
  printJudgement(settings, result.judgement)
  printExamples(result)
  print(`took ${formatDuration(result.log.seconds)}; report: ${report}`)
  if (json) print(JSON.stringify(summary))
}

/** Judges the saved model again, on the pictures that its run held out. */
export async function runEvaluate({ folder, json }: CommonFlags): Promise<void> {
  const started = performance.now()
  const { model, vocabulary } = await loadModel(join(folder, files.model))
  const settings = await readSettings(folder)
  if (settings === undefined) throw new UsageError(`expected ${files.settings} beside the model in ${folder}, got none`)
  const onProgress = progressTeller()
  const { rows } = await readPictures(settings, { say, onProgress })
  const judgement = judge(model, splitRows(rows, settings), { settings, vocabulary, onProgress })
  printJudgement(settings, judgement)
  if (json) print(JSON.stringify(summaryOf(settings, judgement, (performance.now() - started) / 1000)))
}

/** Captions a file. */
export async function runDescribe(file: string, { folder, json }: CommonFlags): Promise<void> {
  const { model, vocabulary, language } = await loadModel(join(folder, files.model))
  const { size } = model.config
  const pixels = await renderPicture(file, { size })
  const [best] = model.caption(model.encoder.forward(plainPictures([{ pixels }], size)), defaults.search)
  const caption = textOf(
    best.tokens.map((id) => vocabulary.token(id)),
    language,
  )
  const probability = Math.exp(best.logProbability)
  print(`${caption} (probability ${formatPercent(probability)})`)
  if (json) print(JSON.stringify({ app: 'captioning', file, caption, probability }))
}

function summaryOf(settings: RunSettings, { scores, baselines, captioned }: Judgement, seconds: number): RunSummary {
  const { exactMatch, tokenF1, bleu, cider, crossEntropy } = scores
  const { holdOut, language, seed } = settings
  return {
    app: 'captioning',
    heldOut: holdOut,
    language,
    exactMatch,
    tokenF1,
    bleu,
    cider,
    crossEntropy,
    baselines,
    pictures: captioned.length,
    seconds,
    seed,
  }
}

function printJudgement({ holdOut }: RunSettings, { scores, baselines, captioned, known }: Judgement): void {
  const unseen =
    holdOut === 'tones' ? 'nouns with a skin tone never seen together' : `drawings by ${holdOut}, a style never seen`
  print(`${captioned.length} ${unseen}:`)
  print(scoreLine('the network', scores))
  for (const [name, title] of Object.entries(baselineNames)) {
    print(scoreLine(title, baselines[name as keyof Judgement['baselines']] satisfies CaptionScores))
  }
  print(`cross-entropy of the network: ${scores.crossEntropy.toFixed(3)} nats a word`)
  if (known < 1)
    print(`${formatPercent(1 - known)} of the true captions never occur in training: only composing finds them`)
  const best = Math.max(...Object.values(baselines).map(({ exactMatch }) => exactMatch))
  const better = scores.exactMatch > best
  print(better ? 'the network does better than every baseline' : 'the network does not beat the best baseline')
}

function printExamples({ judgement: { captioned }, settings: { language } }: RunResult): void {
  const every = Math.max(1, Math.floor(captioned.length / 5))
  for (const { row, words } of captioned.filter((_, i) => i % every === Math.floor(every / 2)).slice(0, 5)) {
    print(`  ${row.emoji}  ${textOf(row.words, language)}: "${textOf(words, language)}"`)
  }
}
