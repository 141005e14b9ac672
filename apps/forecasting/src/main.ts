// The command line: which commands and options there are, and how errors end the program.
import { join, resolve } from 'node:path'
import { DatasetError } from '@ostinato/datasets'
import { CheckpointError, DivergedError } from '@ostinato/train'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { runBacktest, runPredict, type RunFlags } from './commands.ts'
import { appFolder } from './data.ts'
import { CommandError, UsageError } from './errors.ts'
import { modelNames } from './models.ts'
import { say } from './output.ts'
import { seriesNames, type CsvSettings, type SeriesName } from './settings.ts'

const wholeNumber =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (value: string) => {
    const number = Number(value)
    if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least && number <= most) return number
    throw new InvalidArgumentError(
      `Expected a whole number of ${least} or more${most < 1e6 ? `, at most ${most}` : ''}.`,
    )
  }

const from = (path: string) => resolve(process.env['INIT_CWD'] ?? '.', path)
const latest = join(appFolder, 'runs/latest')

/** A command with the options that all have. */
const command = (name: string, description: string) =>
  new Command(name)
    .description(description)
    .option('--folder <path>', 'where the run is kept (default: runs/latest in the app)', from, latest)
    .option('--json', 'print one last line of JSON', false)
    .showHelpAfterError('(--help tells more)')
    .exitOverride()

type BacktestFlags = Omit<RunFlags, 'csv'> & Omit<CsvSettings, 'file'> & { readonly csv?: string }

const backtest = command('backtest', 'walk forward through a series and judge all models (the default)')
  .argument('[command]')
  .addOption(new Option('--series <name>', 'what is forecast (default: births; csv with --csv)').choices(seriesNames))
  .option('--csv <file>', 'a file of your own', from)
  .option('--date <column>', 'its column of dates', 'Date')
  .option('--target <column>', 'its column to forecast', 'Close')
  .option('--features <columns...>', 'more columns, known only as far as the target', [])
  .option('--horizon <steps>', 'steps ahead (default: 28 for births, otherwise 5)', wholeNumber(1, 366))
  .option('--models <names...>', `some of ${modelNames.join(', ')}`)
  .option('--folds <number>', 'fittings that are judged', wholeNumber(1, 50))
  .option('--seed <number>', 'seed of everything random', wholeNumber(0), 1)
  .option('--quick', 'one fold and short fittings, for a first look', false)
  .option('--resume', 'go on with an interrupted run', false)
  .action((word: string | undefined, flags: Omit<BacktestFlags, 'series'> & { readonly series?: SeriesName }) => {
    if (word !== undefined) throw new UsageError(`unknown command '${word}': expected backtest or predict`)
    const { csv: file, date, target, features, series = file === undefined ? 'births' : 'csv', ...rest } = flags
    if ((series === 'csv') !== (file !== undefined)) {
      throw new UsageError(
        file === undefined ? '--series csv needs a file: --csv file.csv' : `--csv does not go with --series ${series}`,
      )
    }
    const models = rest.models?.flatMap((names) => names.split(',')).filter((name) => name !== '')
    return runBacktest({
      ...rest,
      ...(models && { models }),
      series,
      csv: file === undefined ? null : { file, date, target, features },
    })
  })

const predict = command('predict', 'forecast what follows the series, with the saved model')
  .option('--horizon <steps>', 'steps ahead (default: as trained)', wholeNumber(1, 366))
  .action((flags: Parameters<typeof runPredict>[0]) => runPredict(flags))

const program = new Command('forecasting')
  .description('Recurrent networks forecast real series, beside baselines worth beating. Not investment advice.')
  .exitOverride()
  .addCommand(backtest, { isDefault: true })
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
  const known = [UsageError, CommandError, DatasetError, CheckpointError, DivergedError].some(
    (kind) => error instanceof kind,
  )
  if (error instanceof Error) say(known ? `error: ${error.message}` : (error.stack ?? error.message))
  else say(String(error))
  return error instanceof UsageError ? 2 : 1
}
