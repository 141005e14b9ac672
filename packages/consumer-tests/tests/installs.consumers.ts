// Every consumer, from installing to a bundle in a browser: what it gets and does not get, that it runs, that its types
// are right, and what it weighs.
import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { command } from '../src/command.ts'
import { consumers } from '../src/consumers.ts'
import { chromium, full, missingRuntimes, runtimes } from '../src/places.ts'
import {
  bundleWithEsbuild, bundleWithVite, compilers, install, installed, openInChromium, strip, typeCheck,
  type PackageManager,
} from '../src/workshop.ts'

/** In short, npm and pnpm take turns; in full every consumer is installed with both. */
const managersOf = (index: number): readonly PackageManager[] =>
  full ? ['npm', 'pnpm'] : [index % 2 === 0 ? 'npm' : 'pnpm']

const resolutions = full
  ? compilers.flatMap(version => (['node16', 'nodenext', 'bundler'] as const).map(kind => [version, kind] as const))
  : ([['5.6', 'node16'], ['6', 'bundler']] as const)

const cases = consumers.flatMap((consumer, index) => managersOf(index).map(manager => ({ consumer, manager })))

test.runIf(full)('the runtimes that this machine has no binaries for are told', () => {
  if (missingRuntimes.length > 0) console.warn(`not run, no binary: ${missingRuntimes.join(', ')}`)
  expect(runtimes.length + missingRuntimes.length).toBe(6)
})

describe.each(cases)('$consumer.name with $manager', ({ consumer, manager }) => {
  let folder = ''
  beforeAll(async () => {
    folder = await install(consumer, inject('registry'), manager)
    await strip(folder)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('what it asked for is installed, with what that needs, and nothing else', async () => {
    const expected = [...consumer.gets.map(name => `@ostinato/${name}`), ...(consumer.outside ?? [])]
    expect(await installed(folder, manager)).toEqual(expected)
  })

  test.each(runtimes)('runs in $name', async ({ run: [file, ...args] }) => {
    expect((await command(file, [...args, 'run.js'], { cwd: folder })).trim()).toMatch(consumer.says)
  })

  test.each(resolutions)('its types hold: TypeScript %s, %s', async (version, resolution) => {
    await expect(typeCheck(folder, version, resolution)).resolves.toBeUndefined()
  })

  test('bundled with esbuild it keeps its budget and runs in a browser', async () => {
    const { code, bytes, holds } = await bundleWithEsbuild(folder)
    console.warn(`${consumer.name}: ${bytes} bytes (esbuild, minified, gzip) of ${consumer.budget}`)
    expect(bytes).toBeLessThan(consumer.budget)
    expect(holds.filter(name => consumer.bundleLacks.includes(name))).toEqual([])
    if (chromium === undefined) console.warn(`${consumer.name}: the bundle is not opened, no Chromium here`)
    else expect(await openInChromium(chromium, folder, code)).toMatch(consumer.says)
  })

  test('bundled with Vite it keeps its budget and runs in a browser', async () => {
    const { code, bytes } = await bundleWithVite(folder)
    console.warn(`${consumer.name}: ${bytes} bytes (Vite, minified, gzip) of ${consumer.budget}`)
    expect(bytes).toBeLessThan(consumer.budget)
    if (chromium !== undefined) expect(await openInChromium(chromium, folder, code)).toMatch(consumer.says)
  })
})
