// What the commands do, with options that have been read.
import { join } from 'node:path'
import { formatDuration, formatPercent } from '@ostinato/report'
import { writeWhole } from '@ostinato/train/node'
import { batches, encodeReviews, loadReviews } from './data.ts'
import { UsageError } from './errors.ts'
import { print, printScores, say } from './output.ts'
import { classify, judge } from './predict.ts'
import { runReport } from './run-report.ts'
import { loadModel } from './saved-model.ts'
import { defaults, files, readSettings, readSummary, type RunSummary } from './settings.ts'
import { train } from './train.ts'

const example = 'an absorbing, beautifully acted film'

interface CommonFlags {
  readonly folder: string
  readonly json: boolean
}

interface TrainFlags extends CommonFlags {
  readonly seed: number
  readonly epochs: number
  readonly limit?: number
  readonly resume: boolean
}

/** Trains, judges, reports and classifies a sentence. `word` is what stands where a command could. */
export async function runTrain(word: string | undefined, flags: TrainFlags): Promise<void> {
  if (word !== undefined) throw new UsageError(`unknown command '${word}': expected train, evaluate or predict`)
  const { seed, epochs, limit, folder, resume, json } = flags
  const result = await train({ ...defaults, seed, epochs, limit: limit ?? null }, { folder, resume, say })
  if (result === undefined) {
    say('interrupted: go on with the same command and --resume')
    process.exitCode = 130
    return
  }
  const { scores, baselines } = result
  const { seconds } = result.log
  const summary: RunSummary = { app: 'sentiment', accuracy: scores.accuracy, baselines, seconds, seed }
  const report = join(folder, files.report)
  await writeWhole(report, runReport(result))
  await writeWhole(join(folder, files.summary), JSON.stringify(summary))
  const { majority, linear } = baselines
  const better = scores.accuracy > Math.max(linear, majority)
  const [{ label, probability }] = classify([example], await loadModel(join(folder, files.model)))
  printScores(scores)
  print(`baselines: linear model on TF-IDF ${formatPercent(linear)}, majority class ${formatPercent(majority)}`)
  print(better ? 'the network does better than both baselines' : 'the network does not beat the better baseline')
  print(`"${example}": ${label}, ${formatPercent(probability)}`)
  print(`took ${formatDuration(seconds)}; report: ${report}`)
  if (json) print(JSON.stringify(summary))
}

/** Judges the saved model on the test reviews that its run was judged on, or on `limit` of them. */
export async function runEvaluate({ folder, limit, json }: CommonFlags & { readonly limit?: number }): Promise<void> {
  const started = performance.now()
  const { model, tokenizer } = await loadModel(join(folder, files.model))
  const settings = (await readSettings(folder)) ?? { ...defaults, limit: null }
  const used = limit ?? settings.limit
  const { test } = await loadReviews({ seed: settings.seed, ...(used !== null && { limit: used }) })
  const { scores } = judge(model, batches(encodeReviews(test, tokenizer), { batchSize: 256, ...model.config }))
  printScores(scores)
  if (!json) return
  const seconds = (performance.now() - started) / 1000
  // The baselines were judged on the reviews of the run.
  const baselines = used === settings.limit ? (await readSummary(folder))?.baselines : undefined
  print(JSON.stringify({ app: 'sentiment', accuracy: scores.accuracy, baselines, seconds, seed: settings.seed }))
}

/** Classifies a text. */
export async function runPredict(words: readonly string[], { folder, json }: CommonFlags): Promise<void> {
  const text = words.join(' ')
  if (text.trim() === '') {
    throw new UsageError('expected a text to classify, got an empty one: try pnpm sentiment predict "a fine film"')
  }
  const [{ label, probability }] = classify([text], await loadModel(join(folder, files.model)))
  print(`${label}, ${formatPercent(probability)}`)
  if (json) print(JSON.stringify({ app: 'sentiment', text, label, probability }))
}
