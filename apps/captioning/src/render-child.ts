// The process that draws. resvg can abort its whole process, past any try and catch; so this one holds nothing that
// would be missed, and says which drawing it begins. What becomes of an abort is up to render.ts.
import { writeSync } from 'node:fs'
import { Resvg } from '@resvg/resvg-js'
import type { Drawing, Manner, RenderReply, RenderRequest } from './render-protocol.ts'

const send = (reply: RenderReply) => process.send?.(reply)

process.on('message', (request: RenderRequest) => {
  const { drawings, size } = request
  const bytes = size * size * 4
  const pixels = new Uint8Array(drawings.length * bytes)
  const faults: { index: number; message: string }[] = []
  drawings.forEach((drawing, index) => {
    // Written at once: a message would be lost with the process.
    writeSync(1, `${index}\n`)
    try {
      draw(drawing, request, pixels.subarray(index * bytes, (index + 1) * bytes))
    } catch (error) {
      faults.push({ index, message: error instanceof Error ? error.message : String(error) })
    }
  })
  send({ pixels, faults })
})
send('ready')

/** The largest canvas that is drawn on, pixels a side. */
const largestCanvas = 4096

function draw(drawing: Drawing, { size, supersample, margin, fonts }: Manner, out: Uint8Array): void {
  const pictures = 1 + 2 * margin
  const scale = Math.max(1, Math.min(supersample, Math.floor(largestCanvas / (size * pictures))))
  const side = size * scale * pictures
  const image = new Resvg(toSvg(drawing, margin), {
    fitTo: { mode: 'width', value: side },
    font: { loadSystemFonts: fonts },
  }).render()
  if (image.width !== side || image.height !== side) {
    throw new Error(`expected ${side} x ${side} pixels, got ${image.width} x ${image.height}`)
  }
  shrink(image.pixels, { side, start: size * scale * margin, scale, size }, out)
}

/** A square document around the drawing: what is not square is centred, and cut at its own edges. */
function toSvg({ body, box: { left, top, width, height } }: Drawing, margin: number): string {
  const side = Math.max(width, height)
  const [x, y] = [left - (side - width) / 2, top - (side - height) / 2]
  const view = [x - margin * side, y - margin * side, side * (1 + 2 * margin), side * (1 + 2 * margin)]
  const names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
  const frame = `x="${left}" y="${top}" width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}"`
  const inner = width === height ? body : `<svg ${frame}>${body}</svg>`
  return `<svg ${names} viewBox="${view.join(' ')}">${inner}</svg>`
}

interface Cut {
  /** Pixels along a side of the canvas. */
  readonly side: number
  /** Where the picture starts on it, across and down. */
  readonly start: number
  /** Pixels of the canvas along a side of a pixel. */
  readonly scale: number
  readonly size: number
}

/** Cuts the picture out of the canvas; a pixel is the mean of the canvas below it. */
function shrink(canvas: Uint8Array, { side, start, scale, size }: Cut, out: Uint8Array): void {
  const area = scale * scale
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      for (let channel = 0; channel < 4; channel++) {
        let sum = 0
        for (let row = 0; row < scale; row++) {
          const first = ((start + y * scale + row) * side + start + x * scale) * 4 + channel
          for (let column = 0; column < scale; column++) sum += canvas[first + column * 4]
        }
        out[(y * size + x) * 4 + channel] = Math.round(sum / area)
      }
    }
  }
}
