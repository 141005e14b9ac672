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
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=@ostinato/source', '--import', 'tsx', 'src/main.ts', ...args],
      { cwd: join(import.meta.dirname, '..') },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err })
      },
    )
  })
}

export const lastLine = (out: string): unknown => JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')
