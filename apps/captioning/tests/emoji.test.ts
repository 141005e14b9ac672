// The emoji: real drawings and names, joined; the cache; the splits.
import { mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { findDrawings, vendors } from '../src/data-drawings.ts'
import { readEmoji, type EmojiPictures } from '../src/data-emoji.ts'
import { readNames, wordsOf } from '../src/data-names.ts'
import { holdOutTones, holdOutVendor, splitValidation } from '../src/data-splits.ts'

const tones = ['1F3FB', '1F3FC', '1F3FD', '1F3FE', '1F3FF']
const toned = (base: string) => [base, ...tones.map((tone) => `${base}-${tone}`)]
// A face, a parcel and a flag (the drawings that abort resvg), a keycap that is not square, two with tones.
const only = ['1F600', '1F4E6', '1F3F3-200D-1F308', '0035-20E3', ...toned('1F44B'), ...toned('1F476')]

let folder = ''
let emoji: EmojiPictures
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emoji-'))
  emoji = await readEmoji({ size: 16, only, cacheFolder: folder })
}, 60_000)

interface Named {
  readonly vendor: string
  readonly codePoints: string
}
const key = ({ vendor, codePoints }: Named) => `${vendor} ${codePoints}`

describe('all names', () => {
  test('of 3,139 emoji that all four vendors draw, 1,545 of them with one skin tone', async () => {
    const sets = await Promise.all(vendors.map(findDrawings))
    const common = (await readNames('en')).filter(({ codePoints }) => sets.every(({ names }) => names.has(codePoints)))
    expect(common.length).toBe(3139)
    expect(common.filter((name) => name.tones.length === 1).length).toBe(1545)
    expect(common.filter((name) => name.tones.length > 1).length).toBe(0)
    expect(new Set(common.map(({ words }) => words.join(' '))).size).toBe(3139)
  })

  test('words are without punctuation; in Chinese they are characters', async () => {
    const words = ['woman', 'medium-dark', 'skin', 'tone', 'white', 'hair']
    expect(wordsOf('Woman: medium-dark skin tone, white hair', 'en')).toEqual(words)
    expect(wordsOf('keycap: #', 'en')).toEqual(['keycap', '#'])
    expect(wordsOf('Japanese “free of charge” button', 'en')).toEqual(['japanese', 'free', 'of', 'charge', 'button'])
    expect(wordsOf('挥手: 较浅肤色', 'zh')).toEqual(['挥', '手', '较', '浅', '肤', '色'])
    const waving = (await readNames('zh')).find(({ codePoints }) => codePoints === '1F44B')
    expect(waving).toMatchObject({ caption: '挥手', words: ['挥', '手'], group: 'people-body', tones: [] })
  })
})

describe('readEmoji', () => {
  test('gives every emoji of every vendor, drawn, with its name', () => {
    const { rows, size, sources } = emoji
    expect([rows.length, size, sources.length]).toEqual([4 * only.length, 16, 4])
    expect(new Set(Array.from(rows, key)).size).toBe(rows.length)
    for (const { pixels } of rows) {
      expect(pixels.length).toBe(16 * 16 * 4)
      const alphas = pixels.filter((_, i) => i % 4 === 3)
      expect(alphas.filter((alpha) => alpha > 128).length).toBeGreaterThan(20)
    }
    const waving = rows.filter(({ codePoints }) => codePoints === '1F44B-1F3FF').get(0)
    expect(waving).toMatchObject({ caption: 'waving hand: dark skin tone', base: '1F44B', tones: [5], vendor: 'noto' })
  })

  test('tells of the two drawings that it had to repair', () => {
    expect(emoji.repaired.map(({ name }) => name)).toEqual(['noto package', 'noto rainbow-flag'])
  })

  test('takes few emoji with all their skin tones', async () => {
    const { rows } = await readEmoji({ size: 16, only, limit: 3, cacheFolder: join(folder, 'few'), vendors: ['noto'] })
    const bases = new Set(Array.from(rows, ({ base }) => base))
    expect([bases.size, rows.length]).toEqual([3, only.filter((points) => bases.has(points.split('-1F3F')[0])).length])
  })

  test('refuses sizes and emoji that there are not', async () => {
    await expect(readEmoji({ size: 8 })).rejects.toThrow('expected pictures of 16 to 128 pixels a side, got 8')
    await expect(readEmoji({ only: ['1F600', 'nothing'] })).rejects.toThrow('expected emoji that all vendors draw, got 1 others')
  })

  test('draws nothing twice, unless what it kept is torn or altered', async () => {
    const again = async () => {
      let drawn = 0
      const pictures = await readEmoji({
        size: 16,
        only,
        cacheFolder: folder,
        onProgress: () => {
          drawn++
        },
      })
      expect(pictures.repaired).toEqual(emoji.repaired)
      expect(Array.from(pictures.rows, ({ pixels }) => pixels)).toEqual(Array.from(emoji.rows, ({ pixels }) => pixels))
      return drawn
    }
    expect(await again()).toBe(0)
    const files = (await readdir(folder)).filter((name) => name.endsWith('.pictures'))
    const [first, second] = files.map((name) => join(folder, name))
    await truncate(first, 5000)
    expect(await again()).toBeGreaterThan(0)
    const altered = await readFile(second)
    altered[altered.length - 700] ^= 1
    await writeFile(second, altered)
    expect(await again()).toBeGreaterThan(0)
    await writeFile(second, '{"key"')
    expect(await again()).toBeGreaterThan(0)
    expect(await again()).toBe(0)
  })
})

describe('splits', () => {
  /** Both parts together are all rows, each once. */
  const checkParts = (...parts: readonly Iterable<Named>[]) => {
    const keys = parts.flatMap((part) => Array.from(part, key))
    expect([...keys].sort()).toEqual(Array.from(emoji.rows, key).sort())
  }

  test('by vendor: the test part is all of one, and every caption was trained on', () => {
    const { train, test: tested } = holdOutVendor(emoji.rows, 'openmoji')
    checkParts(train, tested)
    expect(new Set(Array.from(tested, ({ vendor }) => vendor))).toEqual(new Set(['openmoji']))
    expect(train.filter(({ vendor }) => vendor === 'openmoji').length).toBe(0)
    expect(() => holdOutVendor(tested, 'noto')).toThrow(/expected pictures of noto and of others, got 0 and/)
  })

  test('validation: whole emoji of one training vendor, which the others still show', () => {
    const { train: all, test: tested } = holdOutVendor(emoji.rows, 'noto')
    const { train, validation } = splitValidation(all, { vendor: 'fluent', share: 0.5, seed: 3 })
    checkParts(train, validation, tested)
    expect(new Set(Array.from(validation, ({ vendor }) => vendor))).toEqual(new Set(['fluent']))
    const bases = new Set(Array.from(validation, ({ base }) => base))
    expect(train.filter(({ base, vendor }) => vendor === 'fluent' && bases.has(base)).length).toBe(0)
    const shown = new Set(Array.from(train, ({ codePoints }) => codePoints))
    for (const { codePoints } of validation) expect(shown.has(codePoints)).toBe(true)
    expect(splitValidation(all, { vendor: 'fluent', share: 1, seed: 3 }).validation.length).toBe(only.length)
  })

  test.each([1, 2])('by skin tone: %d of each emoji in all vendors, and every noun and tone is trained on', (count) => {
    const { train, test: tested } = holdOutTones(emoji.rows, { count, seed: 5 })
    checkParts(train, tested)
    expect(tested.length).toBe(4 * 2 * count)
    const trained = new Set(Array.from(train, ({ codePoints }) => codePoints))
    const nouns = new Set(Array.from(train.filter((row) => row.tones.length > 0), ({ base }) => base))
    for (const { codePoints, base } of tested) expect([trained.has(codePoints), nouns.has(base)]).toEqual([false, true])
    const other = holdOutTones(emoji.rows, { count, seed: 5 }).test
    expect(Array.from(other, key)).toEqual(Array.from(tested, key))
    expect(() => holdOutTones(emoji.rows, { count: 5, seed: 1 })).toThrow('expected 1 to 4 skin tones to hold out, got 5')
  })
})
