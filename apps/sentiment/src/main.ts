// The command line: train (the default), evaluate, predict. Results go to standard output, progress to standard error.
import { join, resolve } from 'node:path'
import { formatDuration, formatPercent } from '@ostinato/report'
import { CheckpointError, DivergedError, type ClassificationScores } from '@ostinato/train'
import { writeWhole } from '@ostinato/train/node'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { batches, encodeReviews, loadReviews } from './data.ts'
import { CommandError } from './errors.ts'
import { classes, classify, judge } from './predict.ts'
import { runReport } from './run-report.ts'
import { loadModel } from './saved-model.ts'
import { defaults, files, type RunSettings } from './settings.ts'
import { train } from './train.ts'

const print = (line: string) => process.stdout.write(`${line}\n`)
const say = (line: string) => process.stderr.write(`${line}\n`)

/** Where runs are kept unless told otherwise. */
const defaultFolder = resolve(import.meta.dirname, '../runs/latest')
const example = 'an absorbing, beautifully acted film'

interface TrainFlags {
  readonly seed: number
  readonly epochs: number
  readonly limit?: number
  readonly folder: string
  readonly resume: boolean
  readonly json: boolean
}

async function runTrain({ seed, epochs, limit, folder, resume, json }: TrainFlags): Promise<void> {
  const stop = new AbortController()
  const interrupt = () => {
    // A second Ctrl-C ends at once.
    process.once('SIGINT', () => process.exit(130))
    say('stopping after this step, with a checkpoint')
    stop.abort()
  }
  process.once('SIGINT', interrupt)
  const settings: RunSettings = { ...defaults, seed, epochs, limit: limit ?? null }
  const result = await train(settings, { folder, resume, signal: stop.signal, say })
  process.removeListener('SIGINT', interrupt)
  if (result === undefined) {
    say('interrupted: go on with the same command and --resume')
    process.exitCode = 130
    return
  }
  const report = join(folder, files.report)
  await writeWhole(report, runReport(result))
  printScores(result.scores)
  const { majority, linear } = result.baselines
  print(`baselines: linear model on TF-IDF ${formatPercent(linear)}, majority class ${formatPercent(majority)}`)
  print(
    linear > result.scores.accuracy
      ? 'the linear model does better than the network'
      : 'the network does better than both baselines',
  )
  const [{ label, probability }] = classify([example], await loadModel(join(folder, files.model)))
  print(`"${example}": ${label}, ${formatPercent(probability)}`)
  print(`took ${formatDuration(result.seconds)}; report: ${report}`)
  if (json) {
    print(
      JSON.stringify({
        app: 'sentiment',
        accuracy: result.scores.accuracy,
        baselines: result.baselines,
        seconds: result.seconds,
        seed,
      }),
    )
  }
}

async function runEvaluate({
  folder,
  limit,
  json,
}: {
  readonly folder: string
  readonly limit?: number
  readonly json: boolean
}): Promise<void> {
  const started = performance.now()
  const { model, tokenizer } = await loadModel(join(folder, files.model))
  const { test } = await loadReviews({ seed: defaults.seed, ...(limit !== undefined && { limit }) })
  const { scores } = judge(
    model,
    batches(encodeReviews(test, tokenizer), { batchSize: 256, maximumLength: model.config.maximumLength }),
  )
  printScores(scores)
  if (json)
    print(
      JSON.stringify({
        app: 'sentiment',
        accuracy: scores.accuracy,
        confusion: scores.confusion,
        seconds: (performance.now() - started) / 1000,
      }),
    )
}

async function runPredict(
  texts: readonly string[],
  { folder, json }: { readonly folder: string; readonly json: boolean },
): Promise<void> {
  const text = texts.join(' ')
  if (text.trim() === '')
    throw new CommanderError(
      2,
      'sentiment.emptyText',
      'expected a text to classify, got an empty one: try pnpm sentiment predict "a fine film"',
    )
  const [{ label, probability }] = classify([text], await loadModel(join(folder, files.model)))
  print(`${label}, ${formatPercent(probability)}`)
  if (json) print(JSON.stringify({ app: 'sentiment', text, label, probability }))
}

function printScores({ accuracy, classes: scores, confusion, macro }: ClassificationScores): void {
  print(`test accuracy ${formatPercent(accuracy)}, F1 ${macro.f1.toFixed(4)} (mean of the classes)`)
  scores.forEach(({ precision, recall, f1, support }, i) => {
    print(
      `  ${classes[i].padEnd(9)} precision ${precision.toFixed(4)}  recall ${recall.toFixed(4)}  F1 ${f1.toFixed(4)}  of ${support}`,
    )
  })
  print(
    `  confusion (rows true, columns predicted): ${confusion.map((row, i) => `${classes[i]} [${row.join(', ')}]`).join('  ')}`,
  )
}

const wholeNumber = (least: number) => (value: string) => {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < least)
    throw new InvalidArgumentError(`Expected a whole number of ${least} or more.`)
  return number
}

const folderOption = [
  '--folder <path>',
  'where the run is kept',
  (path: string) => resolve(process.env['INIT_CWD'] ?? '.', path),
  defaultFolder,
] as const
const jsonOption = ['--json', 'print one last line of JSON', false] as const

const program = new Command('sentiment')
  .description('A recurrent network learns the sentiment of film reviews.')
  .showHelpAfterError('(--help tells more)')
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .exitOverride()

program
  .command('train', { isDefault: true })
  .description('train on the IMDB reviews, show the test accuracy, classify a sentence (the default)')
  .option('--seed <number>', 'seed of everything random', wholeNumber(0), defaults.seed)
  .option('--epochs <number>', 'passes over the training reviews', wholeNumber(1), defaults.epochs)
  .option('--limit <number>', 'use only so many training and test reviews', wholeNumber(20))
  .option('--resume', 'go on with an interrupted run', false)
  .option(...folderOption)
  .option(...jsonOption)
  .action(runTrain)

program
  .command('evaluate')
  .description('judge the trained model on the test reviews')
  .option('--limit <number>', 'use only so many test reviews', wholeNumber(20))
  .option(...folderOption)
  .option(...jsonOption)
  .action(runEvaluate)

program
  .command('predict')
  .description('say whether a text is positive or negative')
  .argument('<text...>', 'the text')
  .option(...folderOption)
  .option(...jsonOption)
  .action(runPredict)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCode(error)
}

/** 0 for help, 2 for wrong usage, 1 for everything else; says what is wrong in one line where the user can mend it. */
function exitCode(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.code === 'sentiment.emptyText') say(`error: ${error.message}`)
    return error.exitCode === 0 ? 0 : 2
  }
  if (error instanceof CommandError || error instanceof CheckpointError || error instanceof DivergedError) {
    say(`error: ${error.message}`)
  } else say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return 1
}
