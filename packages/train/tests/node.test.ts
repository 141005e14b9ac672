// Files that are there whole or not at all.
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore, writeWhole } from '@ostinato/train/node'
import { expect, test } from 'vitest'

const folder = () => mkdtemp(join(tmpdir(), 'ostinato-'))

test('a checkpoint comes back as it was saved; the last one counts; nothing else is left in the folder', async () => {
  const path = join(await folder(), 'deep', 'run.safetensors')
  const store = fileStore(path)
  expect(await store.load()).toBeUndefined()
  await store.save(new Uint8Array([1, 2]))
  await store.save(new Uint8Array([3]))
  expect(await store.load()).toEqual(new Uint8Array([3]))
  expect(await readdir(join(path, '..'))).toEqual(['run.safetensors'])
})

test('a write that fails leaves the old file and no other', async () => {
  const base = await folder()
  await writeFile(join(base, 'file'), 'old')
  const broken = { [Symbol.toStringTag]: 'Uint8Array' } as unknown as Uint8Array
  await expect(writeWhole(join(base, 'file'), broken)).rejects.toThrow()
  expect(await readFile(join(base, 'file'), 'utf8')).toBe('old')
  expect(await readdir(base)).toEqual(['file'])
})

test('writers at the same time leave one whole file', async () => {
  const base = await folder()
  const contents = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000))
  await Promise.all(contents.map((content) => writeWhole(join(base, 'file'), content)))
  expect(contents).toContain(await readFile(join(base, 'file'), 'utf8'))
  expect(await readdir(base)).toEqual(['file'])
})

test('an error other than a missing file is not hidden', async () => {
  await expect(fileStore(await folder()).load()).rejects.toThrow(/EISDIR/)
})
