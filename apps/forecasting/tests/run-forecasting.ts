// Runs the command line as a user does.
import { execFile } from 'node:child_process'
import { join } from 'node:path'

/** What the program said, and how it ended. */
export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

export function forecasting(...args: readonly string[]): Promise<Ended> {
  return run(args)
}

/** The same, with Ctrl-C as soon as the program says `word`. */
export function interrupted(word: string, ...args: readonly string[]): Promise<Ended> {
  return run(args, word)
}

function run(args: readonly string[], word?: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--conditions=@ostinato/source', '--import', 'tsx', 'src/main.ts', ...args],
      { cwd: join(import.meta.dirname, '..') },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err })
      },
    )
    let said = ''
    child.stderr?.on('data', (text: string) => {
      if (word === undefined || said.includes(word)) return
      said += text
      if (said.includes(word)) child.kill('SIGINT')
    })
  })
}

export const lastLine = (out: string): unknown => JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')
