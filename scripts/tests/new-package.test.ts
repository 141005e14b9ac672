// Makes packages in a copy of the table and asks that the arrow check finds nothing to say about them.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newPackage } from '../new-package.mjs'

const repository = join(import.meta.dirname, '../..')
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'new-package-'))
  for (const file of ['packages/config/arrows.js', 'packages/tensor/package.json']) {
    cpSync(join(repository, file), join(root, file))
  }
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
})
afterEach(() => { rmSync(root, { recursive: true }) })

const wish = { name: 'time-warp', layer: 3, imports: ['tensor', 'rnn'], description: 'Dynamic time warping' }

test('a package has a manifest, settings, sources, a README with an example, a test, and its line in the table', async () => {
  const files = await newPackage(root, wish)
  for (const file of files) expect(existsSync(join(root, file)), file).toBe(true)
  const manifest = JSON.parse(readFileSync(join(root, 'packages/time-warp/package.json'), 'utf8')) as Record<string, unknown>
  expect(manifest).toMatchObject({
    name: '@ostinato/time-warp',
    version: '0.0.0',
    dependencies: { '@ostinato/rnn': 'workspace:*', '@ostinato/tensor': 'workspace:*' },
  })
  const copy = join(root, 'table.mjs')
  cpSync(join(root, 'packages/config/arrows.js'), copy)
  const { arrows } = await import(pathToFileURL(copy).href) as { arrows: Record<string, unknown> }
  expect(arrows['time-warp']).toEqual({ layer: 3, mayImport: ['tensor', 'rnn'] })
})

test('all faults are told at once, and nothing is written', async () => {
  mkdirSync(join(root, 'packages/taken'))
  const before = readFileSync(join(root, 'packages/config/arrows.js'), 'utf8')
  await expect(newPackage(root, { ...wish, name: 'Bad Name', imports: ['nothing', 'report'] }))
    .rejects.toThrow(/lower case[^]*no package 'nothing'[^]*'report' stands on layer 4/)
  await expect(newPackage(root, { ...wish, name: 'taken' })).rejects.toThrow(/already/)
  await expect(newPackage(root, { ...wish, name: '../out' })).rejects.toThrow(/lower case/)
  expect(readFileSync(join(root, 'packages/config/arrows.js'), 'utf8')).toBe(before)
})
