// Reads a file of an npm package, by the package's name. Only where files can be read (Node and its like), and found
// there without importing Node's modules, so that a bundler can carry this module. Knows nothing of what is in the
// file.
import { fail } from '../errors.ts'

/** Which package holds the data, and who asks. */
export interface PackageSource {
  /** The function that the user called. */
  readonly where: string
  readonly name: string
  readonly version: string
  /** The file in the package. Default: its main file. */
  readonly file?: string
  /** A folder to look from first, such as that of another project. */
  readonly from?: string | undefined
}

/**
 * The contents of the main file of package `name`, which holds JSON: see `readPackageText`.
 *
 * @throws DatasetError also when the file is no JSON
 */
export async function readPackageJson(source: PackageSource): Promise<unknown> {
  const { where, name, version } = source
  const { path, text } = await readPackageFile(source, `import('${name}')`)
  try {
    return JSON.parse(text)
  } catch (cause) {
    return fail(where, `expected JSON in ${path}, got something else: reinstall ${name}@${version}`, { cause })
  }
}

/**
 * The contents of a file of package `name`, which is looked for beside this package and then in the working directory.
 * Nothing is kept: each call reads anew.
 *
 * @throws DatasetError when the package is not installed, or files cannot be read here
 */
export async function readPackageText(source: PackageSource): Promise<string> {
  return (await readPackageFile(source, `fetch('…/${source.file ?? ''}').then((file) => file.text())`)).text
}

async function readPackageFile(
  { where, name, version, file, from }: PackageSource,
  example: string,
): Promise<{ readonly path: string; readonly text: string }> {
  const node = nodeModules()
  if (!node) {
    return fail(where, `expected \`load\` where files cannot be read, such as in a browser: load: () => ${example}`)
  }
  const main = resolve(node, name, from)
  if (main === undefined) {
    return fail(where, `expected the package ${name}, got none: install it, npm install ${name}@${version}`)
  }
  const path = file === undefined ? main : `${rootOf(main, name)}/${file}`
  try {
    return { path, text: await node.files.readFile(path, 'utf8') }
  } catch (cause) {
    return fail(where, `expected a file ${path}, got none: reinstall ${name}@${version}`, { cause })
  }
}

/** The folder of a package, from the path of its main file: its exports may close the rest to `resolve`. */
function rootOf(main: string, name: string): string {
  const path = main.replaceAll('\\', '/')
  const end = path.lastIndexOf(`/${name}/`)
  return path.slice(0, end + name.length + 1)
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

const absolute = (folder: string, workingDirectory: string) =>
  /^([/\\]|[A-Za-z]:)/.test(folder) ? folder : `${workingDirectory}/${folder}`

function resolve(
  { createRequire, workingDirectory }: NodeModules,
  name: string,
  folder: string | undefined,
): string | undefined {
  const folders = folder === undefined ? [] : [`${absolute(folder, workingDirectory)}/package.json`]
  for (const from of [...folders, import.meta.url, `${workingDirectory}/package.json`]) {
    try {
      return createRequire(from).resolve(name)
    } catch {
      continue
    }
  }
  return undefined
}
