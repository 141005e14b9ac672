// What the WebAssembly module exports. Pointers are byte offsets into its memory; the caller lays out the workspace.
export { adam } from './adam'
export {
  addPatches, filterGradient, movePlanes, multiplyPatches, packFilters, packGradient,
} from './convolution'
export { exp, sigmoid, softmax, tanh } from './elementwise'
export { elmanBackward, elmanForward } from './elman'
export { gruBackward, gruForward } from './gru'
export { lstmBackward, lstmForward } from './lstm'
export { multiplyRows, wideTile } from './multiply'
export { packColumns, packedLength } from './pack'
export { roomLength, useRoom } from './room'
export { addRows, gatherRows, precedingRows, scatterRows, sumRows, totalRows } from './rows'
export { sgd } from './sgd'

/** Where the workspace may start. */
export function heapBase(): usize {
  return __heap_base
}
