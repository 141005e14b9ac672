// Where the data comes from: npm packages in a project of their own, data/, which is no part of the workspace. Reads
// their files; knows nothing of what is in them.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { CommandError } from './errors.ts'

/** The folder of the app. */
export const appFolder = join(import.meta.dirname, '..')

/** How the data is installed, from anywhere in the repository. */
const installCommand = 'npx -y pnpm@12.21.0 --filter @ostinato-apps/captioning data'

const fromData = createRequire(join(appFolder, 'data/package.json'))

/**
 * A JSON file of a data package, such as `emojibase-data/en/data.json`.
 * @throws CommandError when it is not installed or torn
 */
export async function readDataFile(file: string): Promise<unknown> {
  const path = resolveData(file)
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new CommandError(`expected JSON in ${path}, got something else: remove apps/captioning/data/node_modules, then ${installCommand}`, { cause })
  }
}

/**
 * What a data package exports.
 * @throws CommandError when it is not installed
 */
export function requireData(name: string): unknown {
  return fromData(resolveData(name))
}

/** The installed version of a data package. */
export async function dataVersion(name: string): Promise<string> {
  const { version } = (await readDataFile(`${name}/package.json`)) as { readonly version: string }
  return version
}

function resolveData(file: string): string {
  try {
    return fromData.resolve(file)
  } catch (cause) {
    throw new CommandError(`the app's data is not installed (${file} is missing): run ${installCommand}`, { cause })
  }
}
