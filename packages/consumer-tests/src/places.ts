// Where things lie: the repository, the tools, the other runtimes. Installs nothing.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const home = join(import.meta.dirname, '..')

/** The root of the repository. */
export const repository: string = join(home, '../..')

/** A file of a tool's package. */
export const toolFile = (name: string, file: string): string => join(home, 'tools/node_modules', name, file)

/** A program that the tests hand to a consumer. */
export const programFile = (name: string): string => join(home, 'src/programs', `${name}.ts`)

/** Whether everything is asked for: every runtime, every compiler, every package manager. */
export const full: boolean = process.env['OSTINATO_CONSUMERS'] === 'full'

/** A JavaScript runtime: its name, and how it runs a file. */
export interface Runtime {
  readonly name: string
  readonly run: readonly [file: string, ...args: string[]]
}

const others: readonly Runtime[] = [
  ...['20', '22', '24'].map((version): Runtime => ({
    name: `Node ${version}`,
    run: [join(home, `runtimes/node_modules/node-${version}/bin/node`)],
  })),
  { name: 'Bun', run: [join(home, 'runtimes/node_modules/@oven/bun-linux-x64/bin/bun'), 'run'] },
  {
    name: 'Deno',
    run: [
      join(home, 'runtimes/node_modules/@deno/linux-x64-glibc/deno'), 'run', '--allow-all', '--node-modules-dir=manual',
    ],
  },
]

/** The Node that runs this; in full also the others that this machine has binaries for. */
export const runtimes: readonly Runtime[] = [
  { name: `Node ${process.versions.node}`, run: [process.execPath] },
  ...(full ? others.filter(({ run: [file] }) => existsSync(file)) : []),
]

/** The runtimes that were asked for and are not there. */
export const missingRuntimes: readonly string[] =
  full ? others.filter(({ run: [file] }) => !existsSync(file)).map(({ name }) => name) : []

/** Chromium, if it is installed. */
export const chromium: string | undefined =
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(file => existsSync(file))
