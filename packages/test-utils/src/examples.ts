// Runs the examples of a package's TSDoc and README as tests. It does not check their types: the package's typecheck
// script does, over the same files.
import { writeExamples } from '@ostinato/config/examples'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert, expect, test } from 'vitest'

const packageRoot = (start: string): string => existsSync(join(start, 'package.json')) ? start : packageRoot(dirname(start))

/** In an example a failed `console.assert` is a failed test, not a line on the error stream. */
const strictAssert = (condition?: unknown, ...message: unknown[]): void => {
  if (!condition) assert.fail(`console.assert failed ${message.map(String).join(' ')}`.trimEnd())
}

/**
 * One test for each ts block under an `@example` in the sources and each ts block of the README of the package that the
 * test file at `url` belongs to, named `file:line`.
 *
 * @param url `import.meta.url`
 * @param more further Markdown files, relative to the package
 */
export function testExamples(url: string, more: readonly string[] = []): void {
  const root = packageRoot(dirname(fileURLToPath(url)))
  const examples = writeExamples(root, more)
  test('there are examples', () => {
    expect(examples).not.toEqual([])
    expect(more.filter(file => !existsSync(join(root, file))), 'files that do not exist').toEqual([])
  })
  for (const { file, line, path } of examples) {
    test(`${file}:${line}`, async () => {
      const { assert: original } = console
      console.assert = strictAssert
      try {
        await import(/* @vite-ignore */ path)
      } finally {
        console.assert = original
      }
    })
  }
}
