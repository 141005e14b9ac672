// Drawings become pictures, and those that abort resvg are drawn all the same.
import { describe, expect, test } from 'vitest'
import { renderDrawings } from '../src/render.ts'

const box = { left: 0, top: 0, width: 8, height: 8 }
const square = (name: string, body: string) => ({ name, body, box })
const dot = '<rect x="2" y="2" width="4" height="4" fill="#f80"/>'
// A group with a layer of its own, wholly outside the picture.
const outside = '<g opacity=".5"><path d="M40 40h4v4h-4z"/><path d="M41 41h4v4h-4z"/></g>'

test('a drawing that aborts resvg is drawn on a wider canvas, its pixels are those without the culprit, and it is told', async () => {
  const drawings = [square('before', dot), square('bad', dot + outside), square('after', dot)]
  const { pixels, repaired } = await renderDrawings(drawings, { size: 16, processes: 1 })
  const [before, bad, after] = [0, 1, 2].map((row) => pixels.subarray(row * 1024, (row + 1) * 1024))
  expect(before.some((value) => value > 0)).toBe(true)
  expect(bad).toEqual(before)
  expect(after).toEqual(before)
  expect(repaired).toEqual([
    {
      name: 'bad',
      fault: expect.stringContaining('geom.rs') as string,
      remedy: expect.stringMatching(/^drawn on a canvas \d+ times as wide, then cut out$/) as string,
    },
  ])
})

test('every drawing that cannot be drawn is named', async () => {
  const drawings = [square('good', dot), square('torn', '<rect'), square('other', '<g></h>')]
  await expect(renderDrawings(drawings, { size: 16, processes: 2 })).rejects.toThrow(
    /got 2 others: torn: .*; other: .*/,
  )
})

describe('a picture', () => {
  test('has colours multiplied by alpha', async () => {
    const half = square('half', '<rect width="8" height="8" fill="#f80" fill-opacity=".5"/>')
    const { pixels } = await renderDrawings([half], { size: 16, processes: 1 })
    expect([...pixels.subarray(0, 4)]).toEqual([128, 68, 0, 128])
  })

  test('that is not square is centred, and what lies beyond its own edges is not seen', async () => {
    const wide = { name: 'wide', body: '<rect y="-9" width="8" height="18"/>', box: { ...box, height: 4 } }
    const { pixels } = await renderDrawings([wide], { size: 16, processes: 1 })
    const alphas = Array.from({ length: 16 }, (_, row) => pixels[(row * 16 + 5) * 4 + 3])
    expect(alphas).toEqual(alphas.map((_, row) => (row >= 4 && row < 12 ? 255 : 0)))
  })

  test('is the mean of a larger one', async () => {
    // Columns of one unit, black and clear in turn: at 4 pixels a pixel covers one of each.
    const bars = square('bars', '<path shape-rendering="crispEdges" d="M0 0h1v8h-1zM2 0h1v8h-1zM4 0h1v8h-1zM6 0h1v8h-1z"/>')
    const { pixels } = await renderDrawings([bars], { size: 4, supersample: 2, processes: 1 })
    for (let i = 3; i < pixels.length; i += 4) expect(pixels[i]).toBe(128)
  })
})

test('progress ends at the number of drawings', async () => {
  const seen: number[] = []
  const drawings = Array.from({ length: 70 }, (_, i) => square(`drawing ${i}`, dot))
  await renderDrawings(drawings, { size: 16, onProgress: (done, total) => seen.push(done / total) })
  expect(seen.at(-1)).toBe(1)
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(await renderDrawings([], { size: 16 })).toEqual({ pixels: new Uint8Array(0), repaired: [] })
})
