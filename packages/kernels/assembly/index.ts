// What the WebAssembly module exports. Pointers are byte offsets into its memory; the caller lays out the workspace.
export { exp, sigmoid, softmax, tanh } from './elementwise'
export { multiplyPacked, packColumns, packedLength } from './multiply'

/** Where the workspace may start. */
export function heapBase(): usize {
  return __heap_base
}
