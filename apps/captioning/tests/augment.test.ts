// Batches of pictures: what stays, what moves, what is drawn around and behind.
import { Rng } from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'
import { augmentDefaults, augmentedBatch, plainBatch, type AugmentSettings } from '../src/data-augment.ts'

const size = 16
const white = { white: 1, grey: 0, colour: 0 }
/** Nothing happens. */
const still: AugmentSettings = {
  shift: 0,
  scale: [1, 1],
  rotate: 0,
  hue: 0,
  saturation: [1, 1],
  brightness: 0,
  contrast: [1, 1],
  grey: 0,
  outline: 0,
  outlineWidth: [1, 1],
  lines: 0,
  background: white,
}

/** A square from 4 to 12 in one colour, the rest transparent. */
function square([red, green, blue]: readonly number[], alpha = 255): Uint8Array {
  const pixels = new Uint8Array(size * size * 4)
  for (let y = 4; y < 12; y++) for (let x = 4; x < 12; x++) pixels.set([red, green, blue, alpha], (y * size + x) * 4)
  return pixels
}

const colour = (value: number) => value * 0.25 + 0.5
/** Red, green, blue at a place of the first picture. */
const at = (batch: Float32Array, x: number, y: number) =>
  [0, 1, 2].map((channel) => colour(batch[channel * size * size + y * size + x]))
const expectColour = (found: readonly number[], expected: readonly number[]) => {
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5))
}
const with1 = (settings: Partial<AugmentSettings>, picture = square([255, 0, 0])) =>
  augmentedBatch([picture], { size, rng: new Rng(1), settings: { ...still, ...settings } })

test('a plain batch is the pictures over white, channel by channel', () => {
  const batch = plainBatch([square([255, 0, 0]), square([0, 0, 64], 128)], { size })
  expect(batch.length).toBe(2 * 3 * size * size)
  expectColour(at(batch, 0, 0), [1, 1, 1])
  expectColour(at(batch, 8, 8), [1, 0, 0])
  expectColour(at(batch.subarray(3 * size * size), 8, 8), [127 / 255, 127 / 255, (64 + 127) / 255])
})

test('without changes an augmented batch is a plain one', () => {
  const pictures = [square([255, 0, 0]), square([0, 30, 64], 128)]
  const batch = augmentedBatch(pictures, { size, rng: new Rng(1), settings: still })
  plainBatch(pictures, { size }).forEach((value, i) => expect(batch[i]).toBeCloseTo(value, 5))
})

test('one seed gives one batch; pictures stay as they are', () => {
  const picture = square([200, 100, 50])
  const copy = picture.slice()
  const [a, b] = [1, 1].map((seed) => augmentedBatch([picture, picture], { size, rng: new Rng(seed) }))
  expect(a).toEqual(b)
  expect(picture).toEqual(copy)
  expect(a.subarray(0, a.length / 2)).not.toEqual(a.subarray(a.length / 2))
  expect(a.every((value) => value >= -2 - 1e-6 && value <= 2 + 1e-6)).toBe(true)
})

describe('a picture', () => {
  const ink = (batch: Float32Array) =>
    batch.subarray(size * size, 2 * size * size).reduce((sum, value) => sum + 1 - colour(value), 0)

  test('is moved whole, by no more than the settings say', () => {
    const rng = new Rng(2)
    for (let i = 0; i < 20; i++) {
      const batch = augmentedBatch([square([255, 0, 0])], { size, rng, settings: { ...still, shift: 3 } })
      expect(ink(batch)).toBeCloseTo(64, 3)
      expectColour(at(batch, 8, 8), [1, 0, 0])
      expectColour(at(batch, 0, 8), [1, 1, 1])
    }
  })

  test('grows by its scale, and keeps its size when turned', () => {
    expect(ink(with1({ scale: [1.5, 1.5] }))).toBeCloseTo(144, 0)
    expect(ink(with1({ rotate: 40 })) / 64).toBeCloseTo(1, 1)
  })

  test('is turned clockwise and anticlockwise, never mirrored', () => {
    // Left half red, right half blue.
    const halves = square([255, 0, 0])
    for (let y = 4; y < 12; y++) for (let x = 8; x < 12; x++) halves.set([0, 0, 255, 255], (y * size + x) * 4)
    const rng = new Rng(4)
    for (let i = 0; i < 50; i++) {
      const batch = augmentedBatch([halves], { size, rng, settings: { ...still, rotate: 20, scale: [0.8, 1.2] } })
      expectColour(at(batch, 6, 8), [1, 0, 0])
      expectColour(at(batch, 9, 7), [0, 0, 1])
    }
  })
})

describe('colours', () => {
  test('become grey of the same brightness', () => {
    const bright = 0.2126 * (200 / 255) + 0.7152 * (100 / 255)
    expectColour(at(with1({ grey: 1 }, square([200, 100, 0])), 8, 8), [bright, bright, bright])
    expectColour(at(with1({ saturation: [0, 0] }, square([200, 100, 0])), 8, 8), [bright, bright, bright])
  })

  test('are stretched about the middle and kept within 0 and 1', () => {
    const found = at(with1({ contrast: [2, 2] }, square([153, 0, 102])), 8, 8)
    expectColour(found, [2 * 0.6 - 0.5, 0, 2 * 0.4 - 0.5])
    const half = at(with1({ contrast: [2, 2] }, square([77, 0, 51], 128)), 8, 8)
    // 2 c - a / 2 of colours multiplied by alpha, over white.
    expectColour(half, [(2 * 77 - 64 + 127) / 255, 127 / 255, (2 * 51 - 64 + 127) / 255])
  })

  test('are turned about the greys: greys stay, the sum of a colour stays', () => {
    expectColour(at(with1({ hue: 90 }, square([100, 100, 100])), 8, 8), [100 / 255, 100 / 255, 100 / 255])
    const found = at(with1({ hue: 40 }, square([120, 100, 90])), 8, 8)
    expect(found.reduce((a, b) => a + b)).toBeCloseTo(310 / 255, 5)
    expect(Math.abs(found[0] - 120 / 255)).toBeGreaterThan(1e-3)
  })
})

test('an outline is black or white, around the picture and below it', () => {
  const seen = new Set<number>()
  const rng = new Rng(6)
  for (let i = 0; i < 20; i++) {
    const settings = { ...still, outline: 1, background: { white: 0, grey: 1, colour: 0 } }
    const batch = augmentedBatch([square([255, 0, 0])], { size, rng, settings })
    expectColour(at(batch, 8, 8), [1, 0, 0])
    const [line] = at(batch, 3, 8)
    expectColour(at(batch, 3, 8), [line, line, line])
    expectColour(at(batch, 12, 8), [line, line, line])
    expectColour(at(batch, 1, 8), at(batch, 0, 0))
    seen.add(Math.round(line * 1e4))
  }
  expect([...seen].sort((a, b) => a - b)).toEqual([0, 10_000])
})

test('lines are dark along edges, within the picture too, and leave surfaces as they are', () => {
  const two = square([255, 0, 0])
  for (let y = 4; y < 12; y++) for (let x = 8; x < 12; x++) two.set([255, 255, 0, 255], (y * size + x) * 4)
  const batch = with1({ lines: 1 }, two)
  expectColour(at(batch, 6, 8), [1, 0, 0])
  expectColour(at(batch, 10, 8), [1, 1, 0])
  expectColour(at(batch, 1, 8), [1, 1, 1])
  for (const x of [3, 4, 7, 8, 11, 12]) expect(Math.max(...at(batch, x, 8))).toBeLessThan(0.65)
})

test('backgrounds are white, grey or coloured as often as asked', () => {
  const empty = new Uint8Array(size * size * 4)
  const settings = { ...augmentDefaults, outline: 0, background: { white: 2, grey: 1, colour: 1 } }
  const batch = augmentedBatch(Array.from({ length: 400 }, () => empty), { size, rng: new Rng(8), settings })
  const kinds = { white: 0, grey: 0, colour: 0 }
  for (let row = 0; row < 400; row++) {
    const [red, green, blue] = at(batch.subarray(row * 3 * size * size), 7, 7)
    kinds[red === 1 && green === 1 ? 'white' : red === green && green === blue ? 'grey' : 'colour']++
  }
  expect(Math.abs(kinds.white - 200)).toBeLessThan(40)
  expect(Math.abs(kinds.grey - 100)).toBeLessThan(35)
})

test('pictures of another size are refused', () => {
  expect(() => plainBatch([new Uint8Array(10)], { size })).toThrow('plainBatch: expected pictures of 16 x 16 x 4 values, got one of 10')
})
