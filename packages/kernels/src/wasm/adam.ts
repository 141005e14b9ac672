// A change of parameters by Adam in WebAssembly: a piece of the arrays at a time, in and out.
import type { AdamArrays, AdamConstants } from '../adam.ts'
import type { Machine } from './machine.ts'
import { changeInPieces } from './pieces.ts'

export function adamWasm(machine: Machine, arrays: AdamArrays<Float32Array>, constants: AdamConstants): void {
  const { values, gradient, firstMoment, secondMoment, largestSecondMoment } = arrays
  const { penalty, kept, entering1, kept2, entering2, size, scale, epsilon } = constants
  const changed = [values, firstMoment, secondMoment]
  if (largestSecondMoment !== undefined) changed.push(largestSecondMoment)
  changeInPieces(machine, { changed, gradient }, (length, from, [w, first, second, largest = 0]) => {
    machine.exports.adam(
      w, from, first, second, largest, length, penalty, kept, entering1, kept2, entering2, size, scale, epsilon,
    )
  })
}
