// Which blocks count as examples, and where they are written.
import { extractExamples, writeExamples } from '@ostinato/config/examples'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'examples-'))
  mkdirSync(join(root, 'src/deep'), { recursive: true })
})
afterEach(() => { rmSync(root, { recursive: true }) })

const write = (path: string, ...lines: string[]) => { writeFileSync(join(root, path), lines.join('\n')) }
const fence = '```'

test('a source gives the ts blocks under its @example tags, and nothing else', () => {
  write('src/deep/a.ts',
    '// ```ts', '// no(1)', '// ```',
    '/**', ' * Text.', ` * ${fence}ts`, ' * no(2)', ` * ${fence}`,
    ' * @example', ' * Say', ` * ${fence}ts`, ' * yes(1)', ' *', ' *   @decorated() // @returns', ` * ${fence}`,
    ` * ${fence}ts`, ' * yes(2)', ` * ${fence}`,
    ` * ${fence}sh`, ' * no(3)', ` * ${fence}`,
    ' * @returns x', ` * ${fence}ts`, ' * no(4)', ` * ${fence}`, ' */',
    'export const a = 1',
    '  /** @example', `   * ${fence}ts`, '   * yes(3)', `   * ${fence} */`)
  expect(extractExamples(root)).toEqual([
    { file: 'src/deep/a.ts', line: 12, code: 'yes(1)\n\n  @decorated() // @returns' },
    { file: 'src/deep/a.ts', line: 17, code: 'yes(2)' },
    { file: 'src/deep/a.ts', line: 30, code: 'yes(3)' },
  ])
})

test('a README gives all its ts blocks, also in a list; further files follow', () => {
  write('README.md', '# Title', `${fence}ts`, 'yes(1)', fence, `${fence}json`, '{}', fence, '- item', `  ${fence}ts`, '  yes(2)', '    deep()', `  ${fence}`)
  write('GUIDE.md', `${fence}ts`, 'yes(3)', fence)
  expect(extractExamples(root, ['GUIDE.md'])).toEqual([
    { file: 'README.md', line: 3, code: 'yes(1)' },
    { file: 'README.md', line: 10, code: 'yes(2)\n  deep()' },
    { file: 'GUIDE.md', line: 2, code: 'yes(3)' },
  ])
})

test('a written example keeps its line numbers, and goes when its block goes', () => {
  write('README.md', 'one', 'two', `${fence}ts`, 'const a: number = 1', fence)
  const [{ path }] = writeExamples(root)
  expect(path).toBe(join(root, '.examples/README.md/4.ts'))
  expect(readFileSync(path, 'utf8').split('\n').indexOf('const a: number = 1') + 1).toBe(4)
  write('README.md', 'nothing')
  expect(writeExamples(root)).toEqual([])
  expect(existsSync(path)).toBe(false)
})
