// Pictures -> the network's input: laid over a background and scaled, and in training moved, turned and recoloured as
// another vendor might have drawn them. Never mirrored: captions tell left from right.
import type { Rng } from '@ostinato/tensor'
import { Colouring } from './data-colouring.ts'
import { drawLines } from './data-lines.ts'

/** How much a picture may change. A pair is drawn from evenly; a chance is the share of pictures concerned. */
export interface AugmentSettings {
  /** Pixels up or down and left or right, at most. */
  readonly shift: number
  readonly scale: readonly [number, number]
  /** Degrees either way, at most. */
  readonly rotate: number
  /** Degrees that hues are turned either way, at most. Captions name colours: not too far. */
  readonly hue: number
  /** 1 keeps colours as they are, 0 makes them grey. */
  readonly saturation: readonly [number, number]
  /** Added to all colours, which go from 0 to 1, either way, at most. */
  readonly brightness: number
  /** Distances from middle grey are multiplied by it. */
  readonly contrast: readonly [number, number]
  /** Chance to lose all colour. */
  readonly grey: number
  /** Chance of an outline, black or white. */
  readonly outline: number
  /** The outline's width in pixels. */
  readonly outlineWidth: readonly [number, number]
  /** Chance of dark lines along the edges of colours. */
  readonly lines: number
  /** What is seen through the picture: white, a grey, or any colour, in proportion to these numbers. */
  readonly background: { readonly white: number; readonly grey: number; readonly colour: number }
}

export const augmentDefaults: AugmentSettings = {
  shift: 2,
  scale: [0.88, 1.14],
  rotate: 6,
  hue: 4,
  saturation: [0.9, 1.1],
  brightness: 0.02,
  contrast: [0.97, 1.03],
  grey: 0.02,
  outline: 0.1,
  outlineWidth: [0.5, 1.5],
  lines: 0.2,
  background: { white: 8, grey: 1, colour: 1 },
}

/** How a batch is made. */
export interface AugmentOptions {
  /** Pixels along a side. */
  readonly size: number
  readonly rng: Rng
  /** Default: `augmentDefaults`. */
  readonly settings?: AugmentSettings
}

/** `(value - middle) / spread` is what the network sees of a colour from 0 to 1. */
const inputScale = { middle: 0.5, spread: 0.25 } as const

/**
 * Pictures on white, unchanged: `[pictures, 3, size, size]`, each value `(colour - 0.5) / 0.25`.
 *
 * @param pictures `[size, size, 4]` each, colours multiplied by alpha
 */
export function plainBatch(
  pictures: readonly Uint8Array[],
  { size, background = 1 }: { readonly size: number; readonly background?: number },
): Float32Array {
  const area = checkPictures('plainBatch', pictures, size)
  const out = new Float32Array(pictures.length * 3 * area)
  const { middle, spread } = inputScale
  pictures.forEach((picture, row) => {
    for (let channel = 0; channel < 3; channel++) {
      const first = (row * 3 + channel) * area
      for (let i = 0; i < area; i++) {
        const colour = picture[4 * i + channel] + (255 - picture[4 * i + 3]) * background
        out[first + i] = (colour / 255 - middle) / spread
      }
    }
  })
  return out
}

/**
 * Pictures as another vendor might have drawn them: `[pictures, 3, size, size]`, each value `(colour - 0.5) / 0.25`.
 * The same generator in the same state gives the same batch.
 *
 * @param pictures `[size, size, 4]` each, colours multiplied by alpha
 */
export function augmentedBatch(
  pictures: readonly Uint8Array[],
  { size, rng, settings = augmentDefaults }: AugmentOptions,
): Float32Array {
  const area = checkPictures('augmentedBatch', pictures, size)
  const out = new Float32Array(pictures.length * 3 * area)
  const moved = new Float32Array(4 * area)
  const drawn = new Float32Array(4 * area)
  const colouring = new Colouring()
  pictures.forEach((picture, row) => {
    // Every picture draws from the generator as often, whatever it draws, so that settings can be compared.
    const placement = drawPlacement(rng, settings)
    const line = drawOutline(rng, settings)
    colouring.draw(rng, settings)
    move(picture, placement, { size, out: moved })
    colouring.apply(moved)
    const ink = drawInk(rng, settings)
    let [picked, spare] = [moved, drawn]
    if (ink > 0) {
      drawLines(picked, ink, { size, out: spare })
      ;[picked, spare] = [spare, picked]
    }
    if (line.width > 0) {
      outline(picked, line, { size, out: spare })
      picked = spare
    }
    cover(picked, drawBackground(rng, settings), out.subarray(row * 3 * area, (row + 1) * 3 * area))
  })
  return out
}

function checkPictures(where: string, pictures: readonly Uint8Array[], size: number): number {
  const wrong = pictures.find(({ length }) => length !== size * size * 4)
  if (wrong !== undefined) {
    throw new RangeError(`${where}: expected pictures of ${size} x ${size} x 4 values, got one of ${wrong.length}: give the size that they were read with`)
  }
  return size * size
}

const between = (rng: Rng, [low, high]: readonly [number, number]) => low + (high - low) * rng.next()
const around = (rng: Rng, most: number) => most * (2 * rng.next() - 1)

/** Where a picture goes: turned by `angle`, made larger by `scale`, then moved. */
interface Placement {
  readonly x: number
  readonly y: number
  readonly scale: number
  readonly angle: number
}

function drawPlacement(rng: Rng, { shift, scale, rotate }: AugmentSettings): Placement {
  return {
    x: around(rng, shift),
    y: around(rng, shift),
    scale: between(rng, scale),
    angle: (around(rng, rotate) * Math.PI) / 180,
  }
}

interface Outline {
  /** 0: none. */
  readonly width: number
  /** 0 black, 1 white. */
  readonly colour: number
}

function drawOutline(rng: Rng, { outline: chance, outlineWidth }: AugmentSettings): Outline {
  const [asked, width, colour] = [rng.next() < chance, between(rng, outlineWidth), rng.next() < 0.5 ? 0 : 1]
  return { width: asked ? width : 0, colour }
}

/** How strong lines are; 0: none. */
function drawInk(rng: Rng, { lines: chance }: AugmentSettings): number {
  const [asked, strength] = [rng.next() < chance, between(rng, [0.4, 1])]
  return asked ? strength : 0
}

function drawBackground(rng: Rng, { background: { white, grey, colour } }: AugmentSettings): readonly number[] {
  const kind = rng.categorical([white, grey, colour])
  const [red, green, blue] = [rng.next(), rng.next(), rng.next()]
  if (kind === 0) return [1, 1, 1]
  return kind === 1 ? [red, red, red] : [red, green, blue]
}

interface Target {
  readonly size: number
  readonly out: Float32Array
}

/** Values from 0 to 1, `[size, size, 4]`; between pixels linear, nothing beyond the edges. */
function move(picture: Uint8Array, { x, y, scale, angle }: Placement, { size, out }: Target): void {
  const centre = (size - 1) / 2
  const cos = Math.cos(angle) / scale
  const sin = Math.sin(angle) / scale
  out.fill(0)
  for (let row = 0; row < size; row++) {
    const down = row - centre - y
    for (let column = 0; column < size; column++) {
      const right = column - centre - x
      const fromX = cos * right + sin * down + centre
      const fromY = cos * down - sin * right + centre
      const left = Math.floor(fromX)
      const top = Math.floor(fromY)
      const at = (row * size + column) * 4
      for (let cy = Math.max(0, top); cy <= top + 1 && cy < size; cy++) {
        const weightY = (1 - Math.abs(fromY - cy)) / 255
        for (let cx = Math.max(0, left); cx <= left + 1 && cx < size; cx++) {
          const weight = (1 - Math.abs(fromX - cx)) * weightY
          const from = (cy * size + cx) * 4
          const alpha = picture[from + 3]
          if (alpha === 0) continue
          out[at] += weight * picture[from]
          out[at + 1] += weight * picture[from + 1]
          out[at + 2] += weight * picture[from + 2]
          out[at + 3] += weight * alpha
        }
      }
    }
  }
}

/** Draws a line around all that is not transparent: below the picture, its alpha widened by `width` pixels. */
function outline(picture: Float32Array, { width, colour }: Outline, { size, out }: Target): void {
  const reach = Math.ceil(width)
  out.fill(0)
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      // Full within `width`, none a pixel further out.
      const near = Math.min(1, width + 1 - Math.sqrt(dx * dx + dy * dy))
      if (near > 0) widen(picture, { dx, dy, near }, { size, out })
    }
  }
  for (let at = 0; at < out.length; at += 4) {
    const line = (out[at + 3] - picture[at + 3]) * colour
    out[at] = picture[at] + line
    out[at + 1] = picture[at + 1] + line
    out[at + 2] = picture[at + 2] + line
  }
}

interface Neighbour {
  readonly dx: number
  readonly dy: number
  readonly near: number
}

/** Alpha becomes that of the neighbour, times `near`, where it is more. */
function widen(picture: Float32Array, { dx, dy, near }: Neighbour, { size, out }: Target): void {
  const from = Math.max(0, -dx)
  const to = Math.min(size, size - dx)
  for (let row = Math.max(0, -dy); row < Math.min(size, size - dy); row++) {
    const offset = (dy * size + dx) * 4
    for (let at = (row * size + from) * 4 + 3; at < (row * size + to) * 4; at += 4) {
      const alpha = near * picture[at + offset]
      if (alpha > out[at]) out[at] = alpha
    }
  }
}

/** Lays the picture over a colour: `[3, size, size]`, as the network sees it. */
function cover(picture: Float32Array, background: readonly number[], out: Float32Array): void {
  const area = picture.length / 4
  const { middle, spread } = inputScale
  for (let channel = 0; channel < 3; channel++) {
    const behind = background[channel]
    const first = channel * area
    for (let i = 0; i < area; i++) {
      const colour = picture[4 * i + channel] + (1 - picture[4 * i + 3]) * behind
      out[first + i] = (colour - middle) / spread
    }
  }
}
