// The program as a user starts it: what it writes, and what it refuses. Installing and running what it wrote is the
// business of the consumer tests.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { packageManagers } from '../src/package-manager.ts'
import { buildProgram, newFolder, run } from './support.ts'

const apps = readdirSync(join(import.meta.dirname, '../../../apps'))
let program = ''
let cwd = ''
beforeAll(async () => {
  program = await buildProgram()
})
beforeEach(() => {
  cwd = newFolder()
})

const read = (...path: readonly string[]): string => readFileSync(join(cwd, ...path), 'utf8')

test('every app of the repository is a template, and the help names them', async () => {
  const { code, out } = await run(program, cwd, '--help')
  expect(code).toBe(0)
  for (const app of apps) expect(out).toContain(app)
})

describe.each(apps)('%s', (app) => {
  test.each(packageManagers)('is written for %s', async (manager) => {
    const { code, out, err } = await run(program, cwd, 'my-app', '--template', app, '--package-manager', manager)
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('cd my-app')
    expect(readdirSync(cwd)).toEqual(['my-app'])
    const manifest = JSON.parse(read('my-app', 'package.json')) as {
      name: string
      scripts: Record<string, string>
      dependencies: Record<string, string>
    }
    expect(manifest.name).toBe('my-app')
    for (const [name, version] of Object.entries(manifest.dependencies)) expect(version, name).toMatch(/^\^?\d+\.\d+\.\d+$/)
    for (const file of ['src', 'tests', 'README.md', 'tsconfig.json', 'vitest.config.ts', '.gitignore']) {
      expect(readdirSync(join(cwd, 'my-app'))).toContain(file)
    }
    const { jobs } = parse(read('my-app', '.github/workflows/ci.yml')) as { jobs: { test: { steps: { run?: string }[] } } }
    const commands = jobs.test.steps.flatMap(({ run: line }) => line ?? [])
    for (const line of commands.filter((each) => !each.startsWith('npm install --global'))) expect(line).toMatch(new RegExp(`^${manager} `))
    const readme = read('my-app', 'README.md')
    expect(readme).toContain(manager === 'bun' ? 'bun run start' : `${manager} start`)
    for (const other of packageManagers.filter((each) => each !== manager)) {
      expect(readme).not.toMatch(new RegExp(`(^|[ \`(])${other} (run )?start`, 'm'))
    }
  })
})

test('what follows the command is passed on by every package manager', async () => {
  await run(program, cwd, 'one', '-t', 'sentiment', '-p', 'npm')
  await run(program, cwd, 'two', '-t', 'sentiment', '-p', 'pnpm')
  expect(read('one', 'README.md')).toContain('npm start -- predict "an absorbing')
  expect(read('two', 'README.md')).toContain('pnpm start predict "an absorbing')
})

test('where nobody can answer, blank is taken, and the package manager that runs', async () => {
  expect(await run(program, cwd, 'my-app')).toMatchObject({ code: 0, out: expect.stringContaining('blank') as string })
  expect(read('my-app', 'src/model.ts')).toContain('class Memory')
})

test('an empty folder is taken, deeper folders are made', async () => {
  mkdirSync(join(cwd, 'empty'))
  expect((await run(program, cwd, 'empty')).code).toBe(0)
  expect((await run(program, cwd, 'apps/deeper')).code).toBe(0)
  expect(JSON.parse(read('apps/deeper/package.json'))).toMatchObject({ name: 'deeper' })
})

describe('refused in one line, and nothing is written', () => {
  test.each([
    ['..', /leads out of it/],
    ['../elsewhere', /leads out of it/],
    ['/tmp/elsewhere-of-ostinato', /leads out of it/],
    ['a/../../b', /leads out of it/],
    ['.', /expected the name of a new folder/],
    ['My App', /cannot be the name of a package/],
    ['.hidden', /cannot be the name of a package/],
    ['node_modules', /cannot be the name of a package/],
    ['http', /cannot be the name of a package/],
  ])('%s', async (name, message) => {
    const { code, err } = await run(program, cwd, name)
    expect(err).toMatch(message)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
    expect(code).toBe(1)
    expect(readdirSync(cwd)).toEqual([])
  })

  test('a folder with something in it, a file', async () => {
    mkdirSync(join(cwd, 'full'))
    writeFileSync(join(cwd, 'full/mine.txt'), 'mine')
    writeFileSync(join(cwd, 'file'), 'mine')
    for (const name of ['full', 'file']) {
      expect(await run(program, cwd, name)).toMatchObject({ code: 1, err: expect.stringContaining('is there already') as string })
    }
    expect(readdirSync(join(cwd, 'full'))).toEqual(['mine.txt'])
    expect(read('file')).toBe('mine')
  })

  test('a path through a link that leads out', async () => {
    symlinkSync(newFolder(), join(cwd, 'link'))
    expect(await run(program, cwd, 'link/my-app')).toMatchObject({ code: 1, err: expect.stringContaining('leads out') as string })
  })

  test('no name, no such template, no such package manager', async () => {
    expect((await run(program, cwd)).err).toMatch(/expected the name of a new folder, got none/)
    expect((await run(program, cwd, 'a', '-t', 'chess')).err).toMatch(/no template 'chess': expected one of blank, /)
    expect((await run(program, cwd, 'a', '-p', 'cargo')).err).toMatch(/npm, pnpm, yarn, bun/)
    expect(readdirSync(cwd)).toEqual([])
  })
})
