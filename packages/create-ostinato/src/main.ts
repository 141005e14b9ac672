#!/usr/bin/env node
// The command line: what it takes, whom it asks, how it ends.
import { join, relative } from 'node:path'
import process from 'node:process'
import { Argument, Command, Option } from 'commander'
import { ask, Cancelled, type Answers } from './ask.ts'
import { RequestError } from './errors.ts'
import { complain, say } from './output.ts'
import { currentPackageManager, inWordsOf, packageManagers, type PackageManager } from './package-manager.ts'
import { checkTarget } from './target.ts'
import { listTemplates, templateNamed } from './templates.ts'
import { writeApp } from './write-app.ts'

const folder = join(import.meta.dirname, 'templates')
const current = currentPackageManager(process.env['npm_config_user_agent'])
const templates = await listTemplates(folder)

/** What is taken where nobody can be asked. */
function withoutAsking({ directory, template = 'blank', manager = current }: Partial<Answers>): Answers {
  if (directory !== undefined) return { directory, template, manager }
  throw new RequestError('expected the name of a new folder, got none: npm create ostinato@latest my-app')
}

async function create(
  directory: string | undefined,
  options: { readonly template?: string; readonly packageManager?: PackageManager },
): Promise<void> {
  const known: Partial<Answers> = {
    ...(directory !== undefined && { directory }),
    ...(options.template !== undefined && { template: options.template }),
    ...(options.packageManager !== undefined && { manager: options.packageManager }),
  }
  // What was said is checked before anything is asked.
  if (directory !== undefined) await checkTarget(directory, process.cwd())
  if (options.template !== undefined) templateNamed(templates, options.template)
  const canAsk = process.stdin.isTTY && process.stdout.isTTY && !process.env['CI']
  const answers = canAsk ? await ask(known, templates, current) : withoutAsking(known)
  const template = templateNamed(templates, answers.template)
  const target = await checkTarget(answers.directory, process.cwd())
  await writeApp(join(folder, template.name), target, answers.manager)
  say(`\n${template.name}, written into ${relative(process.cwd(), target.path)}. Next:\n`)
  for (const line of [`cd ${relative(process.cwd(), target.path)}`, 'npm install', 'npm start', 'npm test']) {
    say(`  ${inWordsOf(answers.manager, line)}`)
  }
}

const program = new Command('create-ostinato')
  .description('Starts an app that learns from sequences.')
  .addArgument(new Argument('[folder]', 'a new folder for the app'))
  .addOption(new Option('-t, --template <name>', `one of ${templates.map(({ name }) => name).join(', ')}`))
  .addOption(new Option('-p, --package-manager <name>', 'who installs').choices(packageManagers))
  .showHelpAfterError('(--help tells more)')
  .action(create)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = 1
  if (error instanceof RequestError) complain(`error: ${error.message}`)
  else if (!(error instanceof Cancelled)) throw error
}
