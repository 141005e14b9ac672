// A picture of the user, PNG or SVG, drawn as the emoji are. Reads no other file than that of the picture.
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { CommandError } from './errors.ts'
import { renderDrawings } from './render.ts'

const largestFile = 10 * 2 ** 20
const largestSide = 8192
const largestArea = 2 ** 25

/** What a file is found to be. */
interface Known {
  readonly type: 'image/png' | 'image/svg+xml'
  /** The longer side in pixels; 0 where any size is as good. */
  readonly side: number
}

/**
 * The picture in a file, or its bytes: PNG or SVG, fitted and centred. An SVG is drawn as an image within another,
 * where references to files are not followed.
 *
 * @returns `[size, size, 4]`: RGBA from 0 to 255, colours multiplied by alpha
 * @throws CommandError when there is no such file, it is too large, neither PNG nor SVG, or shows nothing
 */
export async function renderPicture(
  picture: string | Uint8Array,
  { size }: { readonly size: number },
): Promise<Uint8Array> {
  const name = typeof picture === 'string' ? basename(picture) : 'the picture'
  const bytes = typeof picture === 'string' ? await readPicture(picture) : picture
  if (bytes.length > largestFile) throw tooLarge(name, `${(bytes.length / 2 ** 20).toFixed(1)} MB`)
  const { type, side } = identify(name, bytes)
  const href = `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
  const drawing = {
    name,
    body: `<image width="1" height="1" xlink:href="${href}"/>`,
    box: { left: 0, top: 0, width: 1, height: 1 },
  }
  // A pixel of the file is never passed over: the canvas is as large as the file before means are taken.
  const supersample = Math.max(4, Math.ceil(side / size))
  const { pixels } = await renderDrawings([drawing], {
    size,
    supersample,
    processes: 1,
    fonts: true,
    timeLimit: 15_000,
  })
  if (pixels.every((value) => value === 0)) {
    throw new CommandError(`${name} shows nothing: it is torn, transparent, or made of files that it refers to`)
  }
  return pixels
}

/** The file, of which no more is read than may be. */
async function readPicture(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new CommandError(`there is no picture ${path} that can be read`, { cause })
  })
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new CommandError(`${path} is no file: expected a PNG or SVG picture`)
    if (stats.size > largestFile) throw tooLarge(basename(path), `${(stats.size / 2 ** 20).toFixed(1)} MB`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

const tooLarge = (name: string, size: string) =>
  new CommandError(`${name} is too large: expected at most 10 MB, ${largestSide} pixels a side and 32 million pixels, got ${size}`)

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

function identify(name: string, bytes: Uint8Array): Known {
  if (signature.every((byte, i) => bytes[i] === byte)) {
    // The first chunk of a PNG is its header: width and height from byte 16 (PNG specification, 11.2.1).
    if (bytes.length < 33) throw new CommandError(`${name} is a torn PNG: it ends within its header`)
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const [width, height] = [view.getUint32(16), view.getUint32(20)]
    if (Math.max(width, height) > largestSide || width * height > largestArea) {
      throw tooLarge(name, `${width} x ${height} pixels`)
    }
    return { type: 'image/png', side: Math.max(width, height) }
  }
  if (/^\s*</.test(start(bytes)) && /<(?:[\w.-]+:)?svg[\s>]/.test(textOf(bytes))) return { type: 'image/svg+xml', side: 0 }
  throw new CommandError(`${name} is neither a PNG nor an SVG picture: save it as one of them`)
}

const start = (bytes: Uint8Array) => textOf(bytes.subarray(0, 1024))

/** As UTF-8, a byte order mark taken away. */
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
