// The reader of reference cases, on a folder made here: the real cases are read by the packages' own tests.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Fixture, fixtures, fixturesFolder, fixturesMissing, tensorOf } from '../src/index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fixtures-'))
  vi.stubEnv('OSTINATO_FIXTURES', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const y = { shape: [2], dtype: 'float64', data: [1, 2] } as const
const example: Fixture = {
  name: 'relu',
  kind: 'function',
  config: {},
  inputs: { x0: y, alpha: 2 },
  params: {},
  expected: { y },
  grads: {},
}
const write = (name: string, value: unknown) => {
  mkdirSync(join(folder, 'pytorch'), { recursive: true })
  writeFileSync(join(folder, 'pytorch', name), JSON.stringify(value))
}

test('reads every case, sorted by file, and no other file', () => {
  write('b.json', { ...example, name: 'b' })
  write('a.json', example)
  write('notes.txt', 'no case')
  expect(fixtures().map(({ name }) => name)).toEqual(['relu', 'b'])
  expect(tensorOf(fixtures()[0].expected, 'y')).toEqual(y)
  expect(fixturesMissing()).toBeUndefined()
})

test('a missing or empty folder is an error that says what to set', () => {
  expect(fixturesFolder()).toBe(join(folder, 'pytorch'))
  expect(() => fixtures()).toThrow('set OSTINATO_FIXTURES')
  mkdirSync(join(folder, 'pytorch'))
  expect(() => fixtures()).toThrow('holds no .json file')
})

test('a file that is no case is named, with what it lacks', () => {
  write('bad.json', { name: 'bad', kind: 'function', config: {}, inputs: {} })
  expect(() => fixtures()).toThrow(/bad\.json has no params, expected, grads/)
})

test('a tensor that is absent, or a plain number, is an error that lists the names', () => {
  expect(() => tensorOf(example.inputs, 'x1')).toThrow("no tensor 'x1' among x0, alpha")
  expect(() => tensorOf(example.inputs, 'alpha')).toThrow("no tensor 'alpha'")
  expect(() => tensorOf(example.params, 'weight')).toThrow("no tensor 'weight' among nothing")
})
