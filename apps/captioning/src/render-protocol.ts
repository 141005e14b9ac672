// What the drawing process is asked and what it answers. No code.

/** A rectangle in the units of a drawing. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** What is to be drawn: elements of SVG, and the part of the plane that is the picture. */
export interface Drawing {
  /** Names it in reports. */
  readonly name: string
  /** Elements of SVG, without the outer `<svg>`. */
  readonly body: string
  readonly box: Box
}

/** How all drawings of a request are drawn. */
export interface Manner {
  /** Pixels along a side of the square picture. */
  readonly size: number
  /** Draws so many times larger, then takes means. */
  readonly supersample: number
  /** Draws on a canvas with so many pictures' widths of room on each side, then cuts the picture out. */
  readonly margin: number
  /** Whether text finds the fonts of the system, which takes milliseconds a drawing. */
  readonly fonts: boolean
}

/** Asks for some drawings. */
export interface RenderRequest extends Manner {
  readonly drawings: readonly Drawing[]
}

/** The first message says that the process is up; then one answer a request. */
export type RenderReply = 'ready' | RenderAnswer

/** The pictures, or which of them are faulty. */
export interface RenderAnswer {
  /** `[drawings, size, size, 4]`: premultiplied RGBA; zero where a drawing is faulty. */
  readonly pixels: Uint8Array
  /** Drawings that were refused with an error. */
  readonly faults: readonly { readonly index: number; readonly message: string }[]
}
