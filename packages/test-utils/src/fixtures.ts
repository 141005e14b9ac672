// Reads the PyTorch reference cases that lie beside the repository. It runs none of them and copies none into it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

/** A tensor, row-major. */
export interface FixtureTensor {
  readonly shape: readonly number[]
  readonly dtype: 'float64' | 'int64'
  readonly data: readonly number[]
}

/** What a case holds under a name: norms are numbers, schedules lists, an optimizer's path a list of lists. */
export type FixtureValue = FixtureTensor | number | readonly number[] | readonly (readonly number[])[]

/** One case: PyTorch's names for its arguments, inputs and parameters, and what PyTorch computed in float64. */
export interface Fixture {
  readonly name: string
  /** PyTorch's class, or `function`. */
  readonly kind: string
  readonly config: Readonly<Record<string, unknown>>
  readonly inputs: Readonly<Record<string, FixtureValue>>
  readonly params: Readonly<Record<string, FixtureTensor>>
  readonly expected: Readonly<Record<string, FixtureValue>>
  /** Gradients of the sum over outputs of output * cotangent; the cotangents are the inputs `gy`, `ghn`, `gcn`. */
  readonly grads: Readonly<Record<string, FixtureTensor>>
}

const root = resolve(import.meta.dirname, '../../..')

/** The folder of the cases: `$OSTINATO_FIXTURES/pytorch`; by default `../shared/fixtures/pytorch`. */
export function fixturesFolder(): string {
  const { OSTINATO_FIXTURES: named } = process.env
  return join(named ? resolve(root, named) : resolve(root, '../shared/fixtures'), 'pytorch')
}

/** Why the cases cannot be read; undefined where they can. */
export function fixturesMissing(): string | undefined {
  const folder = fixturesFolder()
  if (!existsSync(folder)) return `no reference cases in ${folder}: set OSTINATO_FIXTURES to the folder that holds pytorch/`
  if (!readdirSync(folder).some(file => file.endsWith('.json'))) return `${folder} holds no .json file`
  return undefined
}

/**
 * Every case in the folder, sorted by name.
 *
 * @throws Error where the folder is missing or empty, or a file is not a case
 */
export function fixtures(): Fixture[] {
  const missing = fixturesMissing()
  if (missing) throw new Error(`fixtures: ${missing}`)
  const folder = fixturesFolder()
  return readdirSync(folder).filter(file => file.endsWith('.json')).sort().map(file => parse(join(folder, file)))
}

const parse = (path: string): Fixture => {
  const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<Fixture>
  const absent = (['name', 'kind', 'config', 'inputs', 'params', 'expected', 'grads'] as const)
    .filter(key => value[key] === undefined)
  if (absent.length) throw new Error(`fixtures: ${path} has no ${absent.join(', ')}`)
  return value as Fixture
}

/** True for a tensor, false for a plain number or a list of them. */
export function isFixtureTensor(value: FixtureValue): value is FixtureTensor {
  return typeof value === 'object' && 'data' in value
}

/** The tensor called `name`; an error that lists the names there are, where it is absent or no tensor. */
export function tensorOf(values: Readonly<Record<string, FixtureValue>>, name: string): FixtureTensor {
  const value = values[name]
  if (value !== undefined && isFixtureTensor(value)) return value
  throw new Error(`fixtures: no tensor '${name}' among ${Object.keys(values).join(', ') || 'nothing'}`)
}

/**
 * One test for each chosen case. Where the folder is missing, says so in a skipped test and on the error stream; where
 * OSTINATO_FIXTURES names a folder and it is missing, fails. No chosen case is a failure too.
 */
export function describeFixtures(
  title: string,
  choose: (fixture: Fixture) => boolean,
  check: (fixture: Fixture) => void | Promise<void>,
): void {
  const missing = fixturesMissing()
  if (missing && !process.env.OSTINATO_FIXTURES) {
    console.warn(`${title}: SKIPPED, ${missing}`)
    test.skip(`${title}: ${missing}`)
    return
  }
  describe(title, () => {
    const chosen = missing ? [] : fixtures().filter(choose)
    test('there are cases', () => {
      expect(missing ?? `${chosen.length > 0 ? 'some' : 'no'} case chosen`).toBe('some case chosen')
    })
    for (const fixture of chosen) test(fixture.name, () => check(fixture))
  })
}
