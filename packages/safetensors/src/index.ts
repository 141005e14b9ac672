// The public face of `@ostinato/safetensors`.
export { decodeSafetensors } from './decode.ts'
export type { Decoded } from './decode.ts'
export { encodeSafetensors } from './encode.ts'
export { SafetensorsError } from './error.ts'
