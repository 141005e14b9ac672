// The command line: which commands and options there are, and how errors end the program.
import { resolve } from 'node:path'
import { CheckpointError, DivergedError } from '@ostinato/train'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { runDescribe, runEvaluate, runTrain, type TrainFlags } from './commands.ts'
import { describeColour, runColours } from './colours-command.ts'
import { colourDefaults } from './colours.ts'
import { vendors } from './data-drawings.ts'
import { languages } from './data-names.ts'
import { runDigits } from './digits-command.ts'
import { CommandError, UsageError } from './errors.ts'
import { say } from './output.ts'
import { defaults } from './settings.ts'
import { checkOptions, folderOf, tasks, type Task } from './tasks.ts'

const wholeNumber = (least: number) => (value: string) => {
  const number = Number(value)
  if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least) return number
  throw new InvalidArgumentError(`Expected a whole number of ${least} or more.`)
}

const from = (path: string) => resolve(process.env['INIT_CWD'] ?? '.', path)

/** A command with the options that all have. */
const command = (name: string, description: string) =>
  new Command(name)
    .description(description)
    .option('--folder <path>', 'where the run is kept (default: runs/latest in the app, or named as the task)', from)
    .option('--json', 'print one last line of JSON', false)
    .showHelpAfterError('(--help tells more)')
    .exitOverride()

const choice = (flags: string, description: string, [values, value]: readonly [readonly string[], string]) =>
  new Option(flags, description).choices(values).default(value)

/** Options as they are read: the folder may be left to the task. */
type Foldered<Flags> = Omit<Flags, 'folder'> & { readonly folder?: string }

interface CommonFlags {
  readonly folder: string
  readonly json: boolean
}

const sizes = ['32', '48', '64'] as const

const train = command('train', 'train on the drawings of three vendors, caption those of the fourth (the default)')
  .argument('[command]')
  .addOption(choice('--task <what>', 'emoji, or a small sibling', [tasks, 'emoji']))
  .addOption(choice('--hold-out <what>', 'a vendor, or skin tones', [[...vendors, 'tones'], defaults.holdOut]))
  .addOption(choice('--language <code>', 'of the captions', [languages, defaults.language]))
  .addOption(
    choice('--decoder <kind>', 'where the picture enters', [
      ['init', 'pre', 'par', 'merge', 'attention'],
      defaults.model.decoder,
    ]),
  )
  .addOption(choice('--cell <kind>', 'of the decoder', [['gru', 'lstm'], defaults.model.cell]))
  .addOption(
    new Option('--size <pixels>', 'of a picture').choices(sizes).default(defaults.model.size).argParser(sizeOf),
  )
  .option('--seed <number>', 'seed of everything random', wholeNumber(0), defaults.seed)
  .option('--epochs <number>', 'passes over the training pictures', wholeNumber(1))
  .option('--limit <number>', 'use only so many emoji', wholeNumber(8))
  .option('--quick', 'a small model for a few minutes', false)
  .option('--resume', 'go on with an interrupted run', false)
  .action((word: string | undefined, flags: Foldered<TrainFlags> & { readonly task: Task }, own: Command) => {
    if (word !== undefined) throw new UsageError(`unknown command '${word}': expected train, evaluate or describe`)
    const { task, folder = folderOf(task), seed, epochs = null, limit = null, json } = flags
    const given = Object.keys(flags).filter((name) => own.getOptionValueSource(name) === 'cli')
    checkOptions(task, given)
    if (task === 'colours') {
      const decoder = given.includes('decoder') ? flags.decoder : colourDefaults.decoder
      if (decoder === 'attention') throw new UsageError('--task colours does not take --decoder attention: a colour has no parts to look at')
      return runColours({ folder, json, seed, epochs: epochs ?? colourDefaults.epochs, limit, decoder })
    }
    if (task === 'digits') return runDigits({ folder, json, seed, epochs, limit })
    return runTrain({ ...flags, folder })
  })

function sizeOf(value: string): number {
  if ((sizes as readonly string[]).includes(value)) return Number(value)
  throw new InvalidArgumentError(`Allowed choices are ${sizes.join(', ')}.`)
}

const evaluate = command('evaluate', 'judge the trained model again').action(
  ({ folder = folderOf('emoji'), json }: Foldered<CommonFlags>) => runEvaluate({ folder, json }),
)

const describe = command('describe', 'caption a PNG or SVG file, or name a colour')
  .argument('<file>', "the picture; with --task colours a colour such as '#ff8800'")
  .addOption(choice('--task <what>', 'whose model is asked', [['emoji', 'colours'], 'emoji']))
  .action((file: string, { task, folder = folderOf(task), json }: Foldered<CommonFlags> & { readonly task: Task }) =>
    task === 'colours' ? describeColour(file, { folder, json }) : runDescribe(from(file), { folder, json }),
  )

const program = new Command('captioning')
  .description('A convolutional encoder and a recurrent decoder learn to name pictures.')
  .exitOverride()
  .addCommand(train, { isDefault: true })
  .addCommand(evaluate)
  .addCommand(describe)

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
