// The packages that a release is made of: one a platform, and a manifest that asks for each.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import platforms from '../scripts/platforms.json' with { type: 'json' }

interface Platform {
  readonly name: string
  readonly os: string
  readonly cpu: string
  readonly libc?: string
}

const script = join(import.meta.dirname, '../scripts/platform-packages.js')
const workflow = join(import.meta.dirname, '../../../.github/workflows/native.yml')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ostinato-native-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const run = () => spawnSync(process.execPath, [script, join(folder, 'addons'), join(folder, 'npm')], { encoding: 'utf8' })

function addAddons(names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(join(folder, 'addons', name), { recursive: true })
    writeFileSync(join(folder, 'addons', name, 'ostinato.node'), name)
  }
}

const manifestOf = (...path: string[]): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, 'npm', ...path, 'package.json'), 'utf8')) as Record<string, unknown>

it('each platform has a package with its addon, and the manifest asks for all in its own version', () => {
  addAddons(platforms.map(({ name }) => name))
  expect(run().status).toBe(0)
  const manifest = manifestOf()
  for (const { name, os, cpu, libc } of platforms as readonly Platform[]) {
    expect(manifestOf(name)).toMatchObject({
      name: `@ostinato/native-${name}`, version: manifest.version, os: [os], cpu: [cpu], main: 'ostinato.node',
      ...(libc && { libc: [libc] }),
    })
    expect(readFileSync(join(folder, 'npm', name, 'ostinato.node'), 'utf8')).toBe(name)
    expect(manifest.optionalDependencies).toHaveProperty(`@ostinato/native-${name}`, manifest.version)
  }
})

it('nothing is made where an addon is missing, which is named', () => {
  addAddons(platforms.slice(1).map(({ name }) => name))
  const { status, stderr } = run()
  expect(status).toBe(1)
  expect(stderr).toContain(platforms[0].name)
  expect(() => manifestOf()).toThrow()
})

it('the workflow builds every platform', () => {
  const text = readFileSync(workflow, 'utf8')
  for (const { name } of platforms) expect(text).toContain(name)
})

it('no package has a script that runs when it is installed', () => {
  const { scripts } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'),
  ) as { scripts: Record<string, string> }
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) expect(scripts).not.toHaveProperty(name)
})
