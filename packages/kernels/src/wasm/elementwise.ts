// Elementwise functions and softmax in WebAssembly: a piece of the array at a time goes in, is changed in place and
// comes out, so that the work stays in the first-level cache.
import type { Machine } from './machine.ts'

/** Elements of a piece: 32 KB. */
const PIECE = 8192

export function elementwiseWasm(
  machine: Machine, name: 'exp' | 'tanh' | 'sigmoid', out: Float32Array, x: Float32Array,
): void {
  const { exports } = machine.begin()
  const at = machine.take(Math.min(PIECE, x.length))
  for (let i = 0; i < x.length; i += PIECE) {
    const length = Math.min(PIECE, x.length - i)
    machine.writePart(at, x, i, length)
    exports[name](at, length)
    machine.read(at, out, i, length)
  }
}

export function softmaxWasm(
  machine: Machine, out: Float32Array, x: Float32Array, form: { readonly columns: number; readonly logarithm: boolean },
): void {
  const { columns, logarithm } = form
  if (x.length === 0) return
  const { exports } = machine.begin()
  const piece = Math.min(x.length, Math.max(1, Math.floor(PIECE / columns)) * columns)
  const at = machine.take(piece)
  for (let i = 0; i < x.length; i += piece) {
    const length = Math.min(piece, x.length - i)
    machine.writePart(at, x, i, length)
    exports.softmax(at, length / columns, columns, logarithm, 0)
    machine.read(at, out, i, length)
  }
}
