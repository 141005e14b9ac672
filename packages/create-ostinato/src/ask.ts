// Asks at a terminal for what the command line did not say.
import { cancel, intro, isCancel, select, text } from '@clack/prompts'
import { packageManagers, type PackageManager } from './package-manager.ts'
import { nameFault } from './target.ts'
import type { Template } from './templates.ts'

/** What has to be known before an app is written. */
export interface Answers {
  readonly directory: string
  readonly template: string
  readonly manager: PackageManager
}

/** Thrown when the user leaves the questions. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
}

const answered = <T>(answer: T): Exclude<T, symbol> => {
  if (!isCancel(answer)) return answer as Exclude<T, symbol>
  cancel('Nothing was written.')
  throw new Cancelled()
}

/** Asks for what `known` lacks, in this order: folder, template, package manager. */
export async function ask(
  known: Partial<Answers>,
  templates: readonly Template[],
  current: PackageManager,
): Promise<Answers> {
  if (known.directory === undefined || known.template === undefined || known.manager === undefined) intro('Ostinato')
  const directory = known.directory ?? answered(await text({
    message: 'A folder for the app?',
    placeholder: 'my-app',
    defaultValue: 'my-app',
    validate: (value) => value ? nameFault(value) : undefined,
  }))
  const template = known.template ?? answered(await select({
    message: 'Which template?',
    options: templates.map(({ name, description }) => ({ value: name, label: name, hint: description })),
  }))
  const manager = known.manager ?? answered(await select<PackageManager>({
    message: 'Which package manager?',
    initialValue: current,
    options: packageManagers.map((value) => ({ value, label: value })),
  }))
  return { directory, template, manager }
}
