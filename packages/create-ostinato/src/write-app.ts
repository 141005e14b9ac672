// Writes an app from a template: whole, or not at all.
import { mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { inWordsOf, type PackageManager } from './package-manager.ts'
import type { Target } from './target.ts'

/** npm does not publish a file with the name on the right. */
const publishedNames = new Map([['_gitignore', '.gitignore']])

/** Files that only pnpm reads. */
const pnpmOnly = ['pnpm-workspace.yaml', 'pnpm-lock.yaml']

/** What the workflow does before it installs. */
const setUp: Readonly<Record<PackageManager, string>> = {
  npm: '',
  pnpm: '      - run: npm install --global pnpm@12\n',
  yarn: '',
  bun: '      - run: npm install --global bun\n',
}

const change = (file: string, text: string, name: string, manager: PackageManager): string => {
  if (file === 'package.json') {
    const manifest = JSON.parse(text) as Record<string, unknown>
    return `${inWordsOf(manager, JSON.stringify({ ...manifest, name }, null, 2))}\n`
  }
  if (file === join('.github', 'workflows', 'ci.yml')) return inWordsOf(manager, text).replace('      # set up\n', setUp[manager])
  return inWordsOf(manager, text)
}

/**
 * Copies the template in folder `template` to the target.
 * @param template a folder that `make-templates` wrote
 */
export async function writeApp(template: string, { path, name }: Target, manager: PackageManager): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = await mkdtemp(join(dirname(path), `.${name}-`))
  try {
    const entries = await readdir(template, { recursive: true, withFileTypes: true })
    for (const entry of entries.filter((each) => each.isFile())) {
      if (manager !== 'pnpm' && pnpmOnly.includes(entry.name)) continue
      const from = join(entry.parentPath, entry.name)
      const file = join(dirname(from).slice(template.length + 1), publishedNames.get(basename(from)) ?? basename(from))
      await mkdir(dirname(join(draft, file)), { recursive: true })
      await writeFile(join(draft, file), change(file, await readFile(from, 'utf8'), name, manager))
    }
    // An empty folder may be there. One that was filled meanwhile stays, and this fails.
    await rmdir(path).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}
