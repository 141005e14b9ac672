// The command line: which commands and options there are, and how errors end the program.
import { resolve } from 'node:path'
import { CheckpointError, DivergedError } from '@ostinato/train'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { runEvaluate, runPredict, runTrain } from './commands.ts'
import { CommandError, UsageError } from './errors.ts'
import { say } from './output.ts'
import { defaults } from './settings.ts'

const wholeNumber = (least: number) => (value: string) => {
  const number = Number(value)
  if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least) return number
  throw new InvalidArgumentError(`Expected a whole number of ${least} or more.`)
}

/** A command with the options that all have. */
const command = (name: string, description: string) =>
  new Command(name)
    .description(description)
    .option(
      '--folder <path>',
      'where the run is kept',
      (path: string) => resolve(process.env['INIT_CWD'] ?? '.', path),
      resolve(import.meta.dirname, '../runs/latest'),
    )
    .option('--json', 'print one last line of JSON', false)
    .showHelpAfterError('(--help tells more)')
    .exitOverride()

const train = command('train', 'train on the IMDB reviews, show the test accuracy, classify a sentence (the default)')
  .argument('[command]')
  .option('--seed <number>', 'seed of everything random', wholeNumber(0), defaults.seed)
  .option('--epochs <number>', 'passes over the training reviews', wholeNumber(1), defaults.epochs)
  .option('--limit <number>', 'use only so many training and test reviews', wholeNumber(20))
  .option('--resume', 'go on with an interrupted run', false)
  .action(runTrain)

const evaluate = command('evaluate', 'judge the trained model on the test reviews')
  .option('--limit <number>', 'use only so many test reviews', wholeNumber(20))
  .action(runEvaluate)

const predict = command('predict', 'say whether a text is positive or negative')
  .argument('<text...>', 'the text')
  .action(runPredict)

const program = new Command('sentiment')
  .description('A recurrent network learns the sentiment of film reviews.')
  .exitOverride()
  .addCommand(train, { isDefault: true })
  .addCommand(evaluate)
  .addCommand(predict)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

/** Says what is wrong, in one line where the user can mend it; 0 after help, 2 for wrong usage, 1 otherwise. */
function report(error: unknown): number {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const known = [UsageError, CommandError, CheckpointError, DivergedError].some((kind) => error instanceof kind)
  if (error instanceof Error) say(known ? `error: ${error.message}` : (error.stack ?? error.message))
  else say(String(error))
  return error instanceof UsageError ? 2 : 1
}
