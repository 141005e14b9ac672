// The folder of the new app: a new or empty one inside the current folder, with a name that a package may have.
import { lstat, readdir, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import validatePackageName from 'validate-npm-package-name'
import { RequestError } from './errors.ts'

/** Where an app may be written. */
export interface Target {
  readonly path: string
  /** The name of the app's package: the folder's last part. */
  readonly name: string
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** What is wrong with a name, or undefined. */
export function nameFault(given: string): string | undefined {
  const name = basename(given)
  const { validForNewPackages, errors = [], warnings = [] } = validatePackageName(name)
  if (validForNewPackages) return undefined
  return `'${name}' cannot be the name of a package: ${[...errors, ...warnings].join('; ')}`
}

/** The real place of a path that may not exist yet: symbolic links on the way to it are followed. */
async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (!isMissing(error) || dirname(path) === path) throw error
    return resolve(await realPlace(dirname(path)), basename(path))
  }
}

/**
 * Checks a path that a user gave. Changes nothing.
 * @param given relative to `current`
 * @throws RequestError for a path outside `current`, a name that is no package's, or something that is there already
 */
export async function checkTarget(given: string, current: string): Promise<Target> {
  const path = resolve(current, given)
  const inside = relative(await realpath(current), await realPlace(path))
  if (inside === '') throw new RequestError(`expected the name of a new folder, got '${given}': try my-app`)
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new RequestError(`expected a folder inside ${current}, got '${given}', which leads out of it: change to that folder first`)
  }
  const fault = nameFault(path)
  if (fault !== undefined) throw new RequestError(`${fault}; try my-app`)
  try {
    const taken = !(await lstat(path)).isDirectory() || (await readdir(path)).length > 0
    if (taken) throw new RequestError(`${path} is there already and not empty: choose another name; nothing was changed`)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  return { path, name: basename(path) }
}
