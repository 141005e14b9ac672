// Plants faults in small repositories and asks that each is reported at its place. Not a test of this repository's own
// arrows: `pnpm arrows` does that.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkArrows } from '../check-arrows.mjs'

const table = {
  arrows: {
    low: { layer: 0, mayImport: [] as string[] },
    mid: { layer: 1, mayImport: ['low'] },
    high: { layer: 2, mayImport: ['low', 'mid'] },
  },
  sameLayer: [] as string[],
  core: ['low', 'mid'],
  programs: [] as string[],
  tools: ['tool'],
  scope: '@ostinato/',
  appScope: '@ostinato-apps/',
}

let root: string
beforeEach(() => { root = mkdtempSync(join(tmpdir(), 'arrows-')) })
afterEach(() => { rmSync(root, { recursive: true }) })

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const plant = (folder: string, dependencies: string[], source: string, more = {}) => {
  const name = folder.replace('packages/', '@ostinato/').replace('apps/', '@ostinato-apps/')
  const listed = Object.fromEntries(dependencies.map(dependency => [dependency, '*']))
  write(`${folder}/package.json`, JSON.stringify({ name, dependencies: listed, ...more }))
  write(`${folder}/src/index.ts`, source)
}

const faults = (rules: typeof table = table) =>
  checkArrows(root, rules).map(({ place, message }) => `${place}: ${message}`)

test('a repository that keeps to the table has no fault', () => {
  plant('packages/low', [], 'export const one = 1\n')
  plant('packages/mid', ['@ostinato/low'], "import { one } from '@ostinato/low'\nexport const two = one\n")
  plant('packages/high', ['@ostinato/mid', 'outside'], "export { two } from '@ostinato/mid'\nimport 'outside/deep.js'\nimport 'node:fs'\n")
  plant('packages/tool', ['vitest'], '')
  plant('apps/job', ['@ostinato/high', 'command'], "import { two } from '@ostinato/high'\n")
  expect(faults()).toEqual([])
})

test.each([
  ['static', "import { x } from '@ostinato/high'"],
  ['side effect', "import '@ostinato/high'"],
  ['type', "import type { X } from '@ostinato/high'"],
  ['export from', "export { x } from '@ostinato/high'"],
  ['export all', "export * as all from '@ostinato/high'"],
  ['dynamic', "export const load = async () => await import('@ostinato/high')"],
  ['import type', "export type X = import('@ostinato/high').X"],
  ['require', "import high = require('@ostinato/high')"],
])('an import against the table is found: %s', (_, line) => {
  plant('packages/mid', ['@ostinato/high'], `// a comment\n\n${line}\n`)
  expect(faults()).toEqual([
    'packages/mid/package.json: depends on @ostinato/high: the table has no arrow mid -> high',
    'packages/mid/src/index.ts:3: imports @ostinato/high: the table has no arrow mid -> high',
  ])
})

test('comments and strings are no imports', () => {
  plant('packages/low', [], "// import '@ostinato/high'\n/** @example import('@ostinato/mid') */\nexport const s = \"import '@ostinato/mid'\"\n")
  expect(faults()).toEqual([])
})

test('what is imported is declared, and what is declared is imported', () => {
  plant('packages/mid', ['@ostinato/low'], 'export const a = 1\n')
  plant('packages/high', ['unused'], "import '@ostinato/low'\nimport 'loose'\n")
  expect(faults()).toEqual([
    'packages/high/src/index.ts:1: imports @ostinato/low, which package.json does not declare',
    'packages/high/src/index.ts:2: imports loose, which package.json does not declare',
    'packages/high/package.json: declares unused, which src does not import',
    'packages/mid/package.json: declares @ostinato/low, which src does not import',
  ])
})

test('an optional peer counts as declared, a development dependency does not', () => {
  plant('packages/high', [], "export const load = () => import('data')\nimport 'dev'\n", {
    peerDependencies: { data: '*' },
    devDependencies: { dev: '*' },
  })
  expect(faults()).toEqual(['packages/high/src/index.ts:2: imports dev, which package.json does not declare'])
})

test('a core package has nothing from outside, and writes its imports out', () => {
  plant('packages/low', ['outside'], "import 'outside'\nexport const load = (name: string) => import(name)\n")
  plant('packages/high', [], 'export const load = (name: string) => import(name)\n')
  expect(faults()).toEqual([
    'packages/low/package.json: depends on outside: a core package has no outside runtime dependency',
    'packages/low/src/index.ts:2: imports a computed name: in a core package imports are written out',
  ])
})

test('nothing imports an app', () => {
  plant('packages/high', ['@ostinato-apps/job'], "import '@ostinato-apps/job'\n")
  plant('apps/job', [], '')
  plant('apps/other', ['@ostinato-apps/job'], "import '@ostinato-apps/job'\n")
  expect(faults()).toEqual([
    'packages/high/package.json: depends on the app @ostinato-apps/job: nothing imports an app',
    'packages/high/src/index.ts:1: imports the app @ostinato-apps/job: nothing imports an app',
    'apps/other/package.json: depends on the app @ostinato-apps/job: nothing imports an app',
    'apps/other/src/index.ts:1: imports the app @ostinato-apps/job: nothing imports an app',
  ])
})

test('walls: internals by name, files outside the package, the package itself', () => {
  plant('packages/mid', ['@ostinato/low'], "import '@ostinato/low/src/a.ts'\nimport '@ostinato/mid'\n")
  write('packages/mid/src/deep/file.ts', "import '../index.ts'\nimport '../../../low/src/index.ts'\n")
  expect(faults()).toEqual([
    "packages/mid/src/deep/file.ts:2: imports '../../../low/src/index.ts', a file outside the package: import the package by its name",
    "packages/mid/src/index.ts:1: imports '@ostinato/low/src/a.ts': a package's internals are closed",
    'packages/mid/src/index.ts:2: imports @ostinato/mid, itself: use a relative path',
  ])
})

test('a tool is no runtime dependency', () => {
  plant('packages/high', ['@ostinato/tool'], "import '@ostinato/tool'\n")
  expect(faults()).toHaveLength(2)
})

test('a package without a line in the table is a fault', () => {
  plant('packages/new', [], '')
  expect(faults()).toEqual(["packages/new/package.json: 'new' has no line in packages/config/arrows.js"])
})

test('the table itself: downwards only, within a layer only by exception, to packages that exist', () => {
  const arrows = {
    a: { layer: 0, mayImport: ['b', 'c', 'd'] },
    b: { layer: 0, mayImport: [] },
    c: { layer: 1, mayImport: [] },
  }
  const message = (text: string) => `packages/config/arrows.js: ${text}`
  expect(faults({ ...table, arrows: arrows as never })).toEqual([
    message('a -> b: arrows go downwards, got layer 0 -> layer 0'),
    message('a -> c: arrows go downwards, got layer 0 -> layer 1'),
    message("a -> d: no package 'd' in the table"),
  ])
  expect(faults({ ...table, arrows: arrows as never, sameLayer: ['a -> b'] })).toHaveLength(2)
})
