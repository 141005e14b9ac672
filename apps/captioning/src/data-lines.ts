// Dark lines where a picture's colours change, as an ink drawing has them. Moves no pixel.

/** Values from 0 to 1, `[size, size, 4]`, colours multiplied by alpha. */
interface Target {
  readonly size: number
  readonly out: Float32Array
}

/** Changes of colour below this draw no line, those that are larger by `slope` draw a full one. */
const [threshold, slope] = [0.12, 0.3] as const

/**
 * Draws black lines along edges: a pixel is inked by the largest difference, of red, green, blue or alpha, to the
 * pixels beside, above and below it. Edges to where nothing is are inked too, so a line goes around the whole.
 *
 * @param strength from 0, no lines, to 1, black ones
 */
export function drawLines(picture: Float32Array, strength: number, { size, out }: Target): void {
  const row = 4 * size
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = y * row + 4 * x
      const [left, right] = [x > 0 ? at - 4 : at, x < size - 1 ? at + 4 : at]
      const [above, below] = [y > 0 ? at - row : at, y < size - 1 ? at + row : at]
      let most = 0
      for (let c = 0; c < 4; c++) {
        const across = Math.abs(picture[left + c] - picture[right + c])
        const down = Math.abs(picture[above + c] - picture[below + c])
        if (across > most) most = across
        if (down > most) most = down
      }
      const ink = strength * Math.min(1, Math.max(0, (most - threshold) / slope))
      for (let c = 0; c < 3; c++) out[at + c] = picture[at + c] * (1 - ink)
      out[at + 3] = picture[at + 3] + (1 - picture[at + 3]) * ink
    }
  }
}
