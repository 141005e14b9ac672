// Runs commands and tells what they said when they fail. It knows no package manager.
import { execFile } from 'node:child_process'
import process from 'node:process'

/** What a command may be given. */
export interface CommandOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds after which it is ended. */
  readonly timeout?: number
}

/**
 * The standard output of a command.
 * @throws Error with both of its outputs when it does not exit with 0
 */
export function command(file: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const { cwd, env = {}, timeout = 240_000 } = options
  return new Promise((resolve, reject) => {
    // A consumer does not inherit what vitest, pnpm and npm told this process.
    const own = /^(npm_|pnpm_|vitest|node_env|node_options|init_cwd|ostinato_)/i
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)))
    execFile(file, args, { cwd, timeout, maxBuffer: 2 ** 26, env: { ...inherited, ...env } }, (error, out, err) => {
      if (error) reject(new Error(`${[file, ...args].join(' ')} in ${cwd} failed: ${error.message.slice(0, 200)}\n${out}\n${err}`))
      else resolve(out)
    }).stdin?.end()
  })
}
