// Reads a JSON file that an npm package consists of, by the package's name. Only where files can be read (Node and
// its like), and found there without importing Node's modules, so that a bundler can carry this file. Knows nothing
// of what is in the file.
import { fail } from '../errors.ts'

/** Which package holds the data, and who asks. */
export interface PackageSource {
  /** The function that the user called. */
  readonly where: string
  /** The package, whose main file is the JSON file. */
  readonly name: string
  readonly version: string
}

/**
 * The contents of the main file of package `name`, which is looked for beside this package and then in the working
 * directory. Nothing is kept: each call reads anew.
 *
 * @throws DatasetError when the package is not installed, its file is no JSON, or files cannot be read here
 */
export async function readPackageJson({ where, name, version }: PackageSource): Promise<unknown> {
  const node = nodeModules()
  if (!node) {
    return fail(where, `expected \`load\` where files cannot be read, such as in a browser: load: () => import('${name}')`)
  }
  const path = resolve(node, name)
  if (path === undefined) {
    return fail(where, `expected the package ${name}, got none: install it, npm install ${name}@${version}`)
  }
  const text = await node.files.readFile(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    return fail(where, `expected JSON in ${path}, got something else: reinstall ${name}@${version}`, { cause })
  }
}

/** What is needed of Node. */
interface NodeModules {
  readonly createRequire: (from: string) => { resolve(name: string): string }
  readonly files: { readFile(path: string, encoding: 'utf8'): Promise<string> }
  readonly workingDirectory: string
}

function nodeModules(): NodeModules | undefined {
  const host = (globalThis as { process?: Partial<NodeJS.Process> }).process
  if (!host?.getBuiltinModule || !host.cwd) return undefined
  const { createRequire } = host.getBuiltinModule('node:module')
  return { createRequire, files: host.getBuiltinModule('node:fs/promises'), workingDirectory: host.cwd() }
}

function resolve({ createRequire, workingDirectory }: NodeModules, name: string): string | undefined {
  for (const from of [import.meta.url, `${workingDirectory}/package.json`]) {
    try {
      return createRequire(from).resolve(name)
    } catch {
      continue
    }
  }
  return undefined
}
