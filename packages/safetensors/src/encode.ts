// Writing: tensors -> bytes of a file. The same tensors give the same bytes, in whatever order they come.
import { isTensor, type AnyTensor } from '@ostinato/tensor'
import { writeElements, writtenTypes } from './dtypes.ts'
import { fail, show, throwFaults } from './error.ts'
import { maximumHeader, metadataKey, prefix } from './header.ts'

const where = 'encodeSafetensors'

/**
 * Writes tensors, with strings beside them, in the safetensors format: float32 as `F32`, float64 as `F64`, int32 as
 * `I32`, bool as `BOOL`, always little-endian.
 *
 * The bytes depend on nothing but the contents: larger elements come first, so that all data is aligned; within a type
 * the names are sorted by code points. The header is padded with spaces to a multiple of 8 bytes.
 *
 * @throws SafetensorsError naming every entry that is no tensor, every name that the format does not allow
 * (`__metadata__`, half a surrogate pair), and metadata other than strings
 * @example
 * ```ts
 * import { encodeSafetensors } from '@ostinato/safetensors'
 * import { tensor } from '@ostinato/tensor'
 * const bytes = encodeSafetensors(new Map([['mask', tensor([true, false])]]))
 * console.assert(bytes.length % 8 === 2 && bytes.at(-2) === 1 && bytes.at(-1) === 0)
 * ```
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, AnyTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  throwFaults(where, faultsOf(tensors, metadata))
  const order = [...writtenTypes.keys()]
  const entries = [...tensors].sort(([a, { dtype: first }], [b, { dtype: second }]) =>
    order.indexOf(first) - order.indexOf(second) || compareCodePoints(a, b))

  const parts: string[] = []
  const strings = Object.entries(metadata).sort(([a], [b]) => compareCodePoints(a, b))
  // Written by hand: an object would sort keys that look like indices, and lose "__proto__".
  if (strings.length > 0) {
    parts.push(`"${metadataKey}":{${strings.map((pair) => pair.map((text) => JSON.stringify(text)).join(':')).join()}}`)
  }
  let length = 0
  for (const [name, { dtype, shape, data }] of entries) {
    const info = { dtype: writtenTypes.get(dtype), shape, data_offsets: [length, length + data.byteLength] }
    parts.push(`${JSON.stringify(name)}:${JSON.stringify(info)}`)
    length += data.byteLength
  }
  const text = `{${parts.join()}}`
  checkHeaderLength(text.length)
  const json = new TextEncoder().encode(text)
  const headerLength = Math.ceil(json.length / 8) * 8
  checkHeaderLength(headerLength)

  const bytes = new Uint8Array(prefix + headerLength + length)
  new DataView(bytes.buffer).setUint32(0, headerLength, true)
  bytes.fill(0x20, prefix, prefix + headerLength)
  bytes.set(json, prefix)
  let at = prefix + headerLength
  for (const [, { data, dtype }] of entries) {
    writeElements(bytes.subarray(at, at + data.byteLength), data, dtype)
    at += data.byteLength
  }
  return bytes
}

function checkHeaderLength(length: number): void {
  if (length <= maximumHeader) return
  fail(where, `expected a header of at most ${maximumHeader} bytes, got ${length}: use fewer tensors or less metadata`)
}

function faultsOf(tensors: ReadonlyMap<string, AnyTensor>, metadata: Readonly<Record<string, string>>): string[] {
  if (!(tensors instanceof Map)) return [`expected a Map of tensors, got ${show(typeof tensors)}: wrap it in new Map(…)`]
  const faults: string[] = []
  const checkText = (text: string, what: string) => {
    if (/\p{Surrogate}/u.test(text)) {
      faults.push(`expected Unicode in ${what}, got half a surrogate pair in ${show(text)}`)
    }
  }
  for (const [name, value] of tensors as ReadonlyMap<unknown, unknown>) {
    if (typeof name !== 'string') faults.push(`expected names that are strings, got ${show(name)}`)
    else {
      checkText(name, 'names')
      if (name === metadataKey) faults.push(`expected any other name than ${show(name)}: the format has a use for it`)
    }
    if (!isTensor(value)) faults.push(`expected a tensor as ${show(name)}, got ${show(value)}`)
  }
  for (const [key, text] of Object.entries(metadata) as [string, unknown][]) {
    checkText(key, 'metadata')
    if (typeof text === 'string') checkText(text, 'metadata')
    else faults.push(`expected a string for ${show(key)} of the metadata, got ${show(text)}`)
  }
  return faults
}

/** Orders by code points, as UTF-8 does byte by byte; `<` goes by UTF-16 units, in which the rarest come too early. */
function compareCodePoints(a: string, b: string): number {
  const [first, second] = [Array.from(a), Array.from(b)]
  for (let i = 0; i < Math.min(first.length, second.length); i++) {
    if (first[i] !== second[i]) return (first[i].codePointAt(0) ?? 0) - (second[i].codePointAt(0) ?? 0)
  }
  return first.length - second.length
}
