// A change of parameters by SGD in WebAssembly: a piece of the arrays at a time, in and out.
import type { SgdArrays, SgdConstants } from '../sgd.ts'
import { changeInPieces } from './pieces.ts'
import type { Machine } from './machine.ts'

export function sgdWasm(machine: Machine, arrays: SgdArrays<Float32Array>, constants: SgdConstants): void {
  const { values, gradient, velocity } = arrays
  const { penalty, kept, entering, ofGradient, ofVelocity } = constants
  const changed = velocity === undefined ? [values] : [values, velocity]
  changeInPieces(machine, { changed, gradient }, (length, from, [w, v = 0]) => {
    machine.exports.sgd(w, from, v, length, penalty, kept, entering, ofGradient, ofVelocity)
  })
}
