// Other colours for a picture: hue, saturation, brightness, contrast and grey as one linear map. Moves no pixel.
import type { Rng } from '@ostinato/tensor'
import type { AugmentSettings } from './data-augment.ts'

/** The share of red, green and blue in brightness (ITU-R BT.709). */
const luma = [0.2126, 0.7152, 0.0722] as const

/**
 * `colour' = M colour + b`, kept within 0 and 1. On colours multiplied by alpha that is `M colour + b alpha`, kept
 * within 0 and alpha.
 */
export class Colouring {
  /** `M` row by row, and `b` at the end of each row. */
  readonly #map = new Float64Array(12)

  /** Draws new changes of colour. */
  draw(rng: Rng, { hue, saturation, brightness, contrast, grey }: AugmentSettings): void {
    const angle = (hue * (2 * rng.next() - 1) * Math.PI) / 180
    const drawn = saturation[0] + (saturation[1] - saturation[0]) * rng.next()
    const strength = contrast[0] + (contrast[1] - contrast[0]) * rng.next()
    const added = brightness * (2 * rng.next() - 1) + 0.5 - 0.5 * strength
    const kept = rng.next() < grey ? 0 : drawn
    // A turn about the axis of greys by Rodrigues' formula, colour cos a + (axis x colour) sin a
    // + axis (axis . colour) (1 - cos a); then a mix of the colour and the grey of equal brightness.
    const [cos, sin] = [Math.cos(angle), Math.sin(angle) / Math.sqrt(3)]
    const along = (1 - cos) / 3
    const [same, next, last] = [cos + along, along - sin, along + sin]
    const turn = [same, next, last, last, same, next, next, last, same]
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        const bright = luma[0] * turn[column] + luma[1] * turn[3 + column] + luma[2] * turn[6 + column]
        this.#map[4 * row + column] = strength * (kept * turn[3 * row + column] + (1 - kept) * bright)
      }
      this.#map[4 * row + 3] = added
    }
  }

  /** Changes `picture`, `[size, size, 4]` from 0 to 1 with colours multiplied by alpha, in place. */
  apply(picture: Float32Array): void {
    const [rr, rg, rb, r0, gr, gg, gb, g0, br, bg, bb, b0] = this.#map
    for (let i = 0; i < picture.length; i += 4) {
      const alpha = picture[i + 3]
      if (alpha === 0) continue
      const red = picture[i]
      const green = picture[i + 1]
      const blue = picture[i + 2]
      picture[i] = Math.min(alpha, Math.max(0, rr * red + rg * green + rb * blue + r0 * alpha))
      picture[i + 1] = Math.min(alpha, Math.max(0, gr * red + gg * green + gb * blue + g0 * alpha))
      picture[i + 2] = Math.min(alpha, Math.max(0, br * red + bg * green + bb * blue + b0 * alpha))
    }
  }
}
