// Arrays of parameters that change in WebAssembly: a piece of them all at a time goes in, is changed in place and comes
// out, so that the work stays in the second-level cache. Not here: the change. Moments stay in arrays, too: to copy
// them costs less than it would to keep track of what lies in memory.
import type { Machine } from './machine.ts'

/** Elements of a piece: 16 KB of each array. */
const PIECE = 4096

interface Changing {
  /** Read and written. */
  readonly changed: readonly Float32Array[]
  /** Only read. All are of one length. */
  readonly gradient: Float32Array
}

/** Calls `change` for every piece, with its length and where the gradient and the arrays to change lie. */
export function changeInPieces(
  machine: Machine, { changed, gradient }: Changing,
  change: (length: number, gradient: number, changed: readonly number[]) => void,
): void {
  machine.begin()
  const room = Math.min(PIECE, gradient.length)
  const from = machine.take(room)
  const places = changed.map(() => machine.take(room))
  for (let i = 0; i < gradient.length; i += PIECE) {
    const length = Math.min(PIECE, gradient.length - i)
    machine.writePart(from, gradient, i, length)
    changed.forEach((array, k) => { machine.writePart(places[k], array, i, length) })
    change(length, from, places)
    changed.forEach((array, k) => { machine.read(places[k], array, i, length) })
  }
}
