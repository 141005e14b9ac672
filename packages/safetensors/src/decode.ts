// Reading: bytes of a file -> tensors. All checks of the header come before any memory is taken for data.
import { Tensor, type AnyTensor } from '@ostinato/tensor'
import { fail, show, throwFaults } from './error.ts'
import { readHeader } from './header.ts'

/** What a file holds. */
export interface Decoded {
  /** Name -> tensor, in the order of the data. */
  readonly tensors: Map<string, AnyTensor>
  /** The strings beside the tensors; an object without prototype, so that every key is its own. */
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Reads a file in the safetensors format. The tensors own their data: `bytes` may be changed or dropped.
 *
 * `F32`, `F64`, `I32` and `BOOL` are read as they are. `F16` and `BF16` become float32; `I8`, `U8`, `I16`, `U16`,
 * `U32`, `I64` and `U64` become int32, if their values fit.
 *
 * Refused are, before memory is taken for data: a header of more than 100,000,000 bytes, one that does not start with
 * `{`, is no UTF-8 or JSON, or has a key twice; metadata other than strings; an element type that is not known; sizes
 * that overflow or do not agree with the offsets; data with holes, overlaps, or bytes left over; and a file that is
 * cut off.
 *
 * Format: https://github.com/huggingface/safetensors, section "Format".
 *
 * @throws SafetensorsError, and nothing else, whatever the bytes
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from '@ostinato/safetensors'
 * import { tensor } from '@ostinato/tensor'
 * const bytes = encodeSafetensors(new Map([['weight', tensor([[1, 2], [3, 4]])]]), { step: '7' })
 * const { tensors, metadata } = decodeSafetensors(bytes)
 * console.assert(tensors.get('weight')?.shape.join() === '2,2' && metadata['step'] === '7')
 * ```
 */
export function decodeSafetensors(bytes: Uint8Array): Decoded {
  const where = 'decodeSafetensors'
  if (!(bytes instanceof Uint8Array)) fail(where, `expected a Uint8Array, got ${show(typeof bytes)}`)
  const { entries, metadata, dataStart } = readHeader(bytes)
  const tensors = new Map<string, AnyTensor>()
  const faults: string[] = []
  for (const { name, type, shape, begin, end } of entries) {
    const data = type.read(bytes.subarray(dataStart + begin, dataStart + end))
    if (typeof data === 'string') faults.push(`${data} of tensor ${show(name)}`)
    else tensors.set(name, new Tensor(data, shape, type.dtype))
  }
  throwFaults(where, faults)
  return { tensors, metadata: withoutPrototype(metadata) }
}

function withoutPrototype(entries: ReadonlyMap<string, string>): Record<string, string> {
  const object = Object.create(null) as Record<string, string>
  for (const [key, value] of entries) object[key] = value
  return object
}
