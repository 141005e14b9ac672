// The package managers: how each says install, start and test, and which one runs this program.

/** Those that a new app can be written for. */
export const packageManagers = ['npm', 'pnpm', 'yarn', 'bun'] as const

/** One of them. */
export type PackageManager = (typeof packageManagers)[number]

/** The one that started this program, by what it tells programs of itself; npm where none did. */
export function currentPackageManager(userAgent: string | undefined): PackageManager {
  const name = userAgent?.split('/')[0]
  return packageManagers.find((known) => known === name) ?? 'npm'
}

/**
 * A template is written for npm. Says its commands as another package manager takes them.
 * @param text a file of the template
 */
export function inWordsOf(manager: PackageManager, text: string): string {
  if (manager === 'npm') return text
  const install = { pnpm: 'pnpm --dir data install', yarn: 'yarn --cwd data install', bun: 'bun install --cwd data' }[manager]
  return text
    .replaceAll('npm install --prefix data', install)
    .replaceAll(/\bnpm (start|test|run \S+) -- /g, manager === 'bun' ? 'bun run $1 ' : `${manager} $1 `)
    .replaceAll('bun run run ', 'bun run ')
    // `bun test` is bun's own test runner, not the script.
    .replaceAll(/\bnpm (start|test)\b/g, manager === 'bun' ? 'bun run $1' : `${manager} $1`)
    .replaceAll(/\bnpm (run|install)\b/g, `${manager} $1`)
}
