// Templates made once for a test file, and the program as a user starts it.
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'

const home = join(import.meta.dirname, '..')

/** A new folder, removed by nobody: it is in the system's temporary folder. */
export const newFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'create-ostinato-')))

/** Builds the program with its templates into a folder beside its dependencies. */
export async function buildProgram(): Promise<string> {
  const folder = join(home, 'node_modules/.cache/program')
  await build({
    entryPoints: [join(home, 'src/main.ts')],
    outdir: folder,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
  })
  execFileSync(process.execPath, [join(home, 'scripts/make-templates.mjs'), join(folder, 'templates')])
  return join(folder, 'main.js')
}

/** Runs the program in `cwd`, where nobody can answer questions. */
export function run(
  program: string,
  cwd: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err })
    }).stdin?.end()
  })
}
