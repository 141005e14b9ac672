// A user's picture: PNG or SVG in, the pixels of an emoji out, and nothing read that the picture points to.
import { mkdtemp, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'fast-png'
import { beforeAll, expect, test } from 'vitest'
import { renderPicture } from '../src/render-picture.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictures-'))
})

/** Blue above, red below. */
function twoColours(width: number, height: number): Uint8Array {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) data[3 * i + (i < (width * height) / 2 ? 2 : 0)] = 255
  return encode({ width, height, data, channels: 3 })
}

const pixel = (pixels: Uint8Array, x: number, y: number) => [...pixels.subarray((y * 32 + x) * 4, (y * 32 + x) * 4 + 4)]
const svg = (inner: string, view = '0 0 10 10') =>
  `<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="${view}">${inner}</svg>`
const bytes = (text: string) => new TextEncoder().encode(text)

test('a PNG of any size is fitted and centred', async () => {
  const path = join(folder, 'wide.png')
  await writeFile(path, twoColours(200, 100))
  const pixels = await renderPicture(path, { size: 32 })
  expect(pixels.length).toBe(32 * 32 * 4)
  expect([pixel(pixels, 16, 2), pixel(pixels, 16, 29)]).toEqual([[0, 0, 0, 0], [0, 0, 0, 0]])
  expect([pixel(pixels, 16, 11), pixel(pixels, 16, 20)]).toEqual([[0, 0, 255, 255], [255, 0, 0, 255]])
})

test('an SVG too, from a file or bytes, even one that aborts resvg', async () => {
  const rect = '<rect width="20" height="10" fill="#0f0"/>'
  const culprit = '<g opacity=".5"><path d="M400 40h4v4h-4z"/><path d="M401 41h4v4h-4z"/></g>'
  const path = join(folder, 'wide.svg')
  await writeFile(path, svg(rect + culprit, '0 0 20 10'))
  const pixels = await renderPicture(path, { size: 32 })
  expect([pixel(pixels, 3, 2), pixel(pixels, 3, 16)]).toEqual([[0, 0, 0, 0], [0, 255, 0, 255]])
  expect(await renderPicture(bytes(svg(rect, '0 0 20 10')), { size: 32 })).toEqual(pixels)
})

test('an SVG reads no files', async () => {
  const path = join(folder, 'secret.png')
  await writeFile(path, twoColours(8, 8))
  for (const href of [path, `file://${path}`]) {
    const image = `<image width="10" height="10" xlink:href="${href}"/>`
    await expect(renderPicture(bytes(svg(image)), { size: 32 })).rejects.toThrow(/shows nothing/)
    const beside = await renderPicture(bytes(svg(`<rect width="10" height="5"/>${image}`)), { size: 32 })
    expect([pixel(beside, 16, 8), pixel(beside, 16, 24)]).toEqual([[0, 0, 0, 255], [0, 0, 0, 0]])
  }
})

test('what is no picture is refused in a sentence', async () => {
  const refused = (picture: string | Uint8Array) => expect(renderPicture(picture, { size: 32 })).rejects
  await refused(join(folder, 'none.png')).toThrow(/^there is no picture .*none\.png that can be read$/)
  await refused(folder).toThrow(/is no file: expected a PNG or SVG picture/)
  await refused(bytes('GIF89a')).toThrow('the picture is neither a PNG nor an SVG picture: save it as one of them')
  await refused(bytes('<html></html>')).toThrow(/neither/)
  await refused(new Uint8Array(0)).toThrow(/neither/)
  await refused(twoColours(8, 8).subarray(0, 20)).toThrow(/torn PNG/)
  await refused(twoColours(64, 64).subarray(0, 60)).toThrow(/shows nothing/)
  await refused(bytes(svg('<rect').slice(0, -6))).toThrow(/shows nothing/)
  await refused(twoColours(9000, 2)).toThrow('expected at most 10 MB, 8192 pixels a side and 32 million pixels, got 9000 x 2 pixels')
  const large = join(folder, 'large.png')
  await writeFile(large, twoColours(8, 8))
  await truncate(large, 11 * 2 ** 20)
  await refused(large).toThrow(/large\.png is too large: .* got 11\.0 MB/)
})
