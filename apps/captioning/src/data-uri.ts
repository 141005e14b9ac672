// Pixels as they can be put into a page.
import { encode } from 'fast-png'

/** Pixels, colours multiplied by alpha, as a PNG. */
export function dataUri(pixels: Uint8Array, size: number): string {
  const data = new Uint8Array(pixels.length)
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3]
    data[i + 3] = alpha
    for (let c = 0; c < 3 && alpha > 0; c++) data[i + c] = Math.min(255, Math.round((255 * pixels[i + c]) / alpha))
  }
  const png = encode({ width: size, height: size, data, channels: 4 })
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`
}
