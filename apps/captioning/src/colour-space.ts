// Colours as numbers in which equal distances look equally large, and colours as they are written.
import { UsageError } from './errors.ts'

/** Three values of a colour. */
export type Triple = readonly [number, number, number]

/**
 * Red, green and blue from 0 to 1 (sRGB) in OKLab: lightness from 0 to 1, green to red, blue to yellow (Björn Ottosson
 * 2020, "A perceptual color space for image processing").
 */
export function toOklab(colour: Triple): Triple {
  const [r, g, b] = colour.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

/**
 * The colour that `#ff8800` or `#f80` stands for; the `#` may be left out, as a shell takes it for a comment.
 * @throws UsageError when it is none
 */
export function parseHex(text: string): Triple {
  const digits = /^#?([\da-f]{3}|[\da-f]{6})$/i.exec(text)?.[1]
  if (digits === undefined) {
    throw new UsageError(`expected a colour such as '#ff8800', got '${text}': give red, green and blue in hexadecimal`)
  }
  const width = digits.length / 3
  const part = (i: number) => Number.parseInt(digits.slice(i * width, (i + 1) * width), 16) / (16 ** width - 1)
  return [part(0), part(1), part(2)]
}
