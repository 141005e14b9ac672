// The header of a file: its length, its JSON, and whether what it says of the data holds. It takes no memory for data.
import { sizeOf, type Shape } from '@ostinato/tensor'
import { elementTypes, type ElementType } from './dtypes.ts'
import { fail, show, throwFaults } from './error.ts'
import { checkKeys } from './keys.ts'

/** The largest header that is read or written, in bytes. */
export const maximumHeader = 100_000_000

/** The bytes before the header: its length. */
export const prefix = 8

/** The key in the header that names no tensor. */
export const metadataKey = '__metadata__'

/** One tensor of a file. */
export interface Entry {
  readonly name: string
  readonly type: ElementType
  readonly shape: Shape
  /** Where its bytes begin and end, counted from the end of the header. */
  readonly begin: number
  readonly end: number
}

/** What a header says. */
export interface Header {
  /** In the order of their data. */
  readonly entries: readonly Entry[]
  readonly metadata: ReadonlyMap<string, string>
  /** Where the data begins, counted from the start of the file. */
  readonly dataStart: number
}

const where = 'decodeSafetensors'

/** A hostile file could have millions of faults; after so many, no more are looked for. */
const enoughFaults = 100

/**
 * Reads and checks the header of a whole file.
 * @throws SafetensorsError unless the file is valid but for the values of its elements
 */
export function readHeader(bytes: Uint8Array): Header {
  const dataStart = prefix + headerLength(bytes)
  const header = parse(bytes.slice(prefix, dataStart))
  const faults: string[] = []
  const metadata = readMetadata(header[metadataKey], faults)
  const entries: Entry[] = []
  for (const name of Object.keys(header)) {
    if (faults.length >= enoughFaults) break
    const entry = name === metadataKey ? undefined : readEntry(name, header[name], faults)
    if (entry !== undefined) entries.push(entry)
  }
  throwFaults(where, faults)
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  checkCover(entries, bytes.length - dataStart, faults)
  throwFaults(where, faults)
  return { entries, metadata, dataStart }
}

/** The length of the header, which lies within the file. */
function headerLength(bytes: Uint8Array): number {
  const { length } = bytes
  if (length < prefix) fail(where, `expected at least ${prefix} bytes, got ${length}: is the file cut off?`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, prefix)
  const size = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true)
  if (size > maximumHeader) {
    fail(where, `expected a header of at most ${maximumHeader} bytes, got ${size}: is it another format?`)
  }
  if (size > length - prefix) {
    fail(where, `expected ${size} bytes of header, got ${length - prefix}: is the file cut off?`)
  }
  if (size === 0 || bytes[prefix] !== 0x7b) {
    fail(where, "expected a header that starts with '{', got another: is it another format?")
  }
  return size
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let text
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return fail(where, 'expected a header in UTF-8, got bytes that are none')
  }
  checkKeys(where, text)
  try {
    // It starts with '{', so it is an object or no JSON.
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch (error) {
    return fail(where, `expected a header in JSON, got: ${show(error instanceof Error ? error.message : error)}`)
  }
}

function readMetadata(value: unknown, faults: string[]): Map<string, string> {
  const entries = new Map<string, string>()
  if (value === undefined) return entries
  if (!isObject(value)) faults.push(`expected ${metadataKey} to be an object of strings, got ${show(value)}`)
  else {
    for (const [key, text] of Object.entries(value)) {
      if (faults.length >= enoughFaults) break
      if (typeof text === 'string') entries.set(key, text)
      else faults.push(`expected a string for ${show(key)} of ${metadataKey}, got ${show(text)}`)
    }
  }
  return entries
}

/** One tensor's entry, or undefined where it has faults. */
function readEntry(name: string, value: unknown, faults: string[]): Entry | undefined {
  const of = `tensor ${show(name)}`
  const before = faults.length
  if (/\p{Surrogate}/u.test(name)) faults.push(`expected names in Unicode, got half a surrogate pair in ${of}`)
  const { dtype, shape, data_offsets: offsets, ...rest } = isObject(value) ? value : {}
  const extra = Object.keys(rest)
  if (extra.length > 0) faults.push(`expected dtype, shape and data_offsets for ${of}, got ${show(extra)} too`)
  const type = typeof dtype === 'string' ? elementTypes.get(dtype) : undefined
  if (type === undefined) {
    faults.push(`expected a dtype among ${[...elementTypes.keys()].join(', ')} for ${of}, got ${show(dtype)}`)
  }
  const sizes = isSizes(shape) ? shape : undefined
  if (sizes === undefined) faults.push(`expected a shape of whole numbers for ${of}, got ${show(shape)}`)
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    faults.push(`expected data_offsets [begin, end] for ${of}, got ${show(offsets)}`)
    return undefined
  }
  if (type === undefined || sizes === undefined) return undefined
  const [begin, end] = offsets
  const expected = type.size * sizeOf(sizes)
  if (!partialProducts(sizes, type.size).every(Number.isSafeInteger)) {
    faults.push(`expected a size that can be counted for ${of}, got shape ${show(sizes)}`)
  } else if (end - begin !== expected) {
    faults.push(`expected ${expected} bytes of ${show(dtype)} of shape ${show(sizes)} for ${of}, got ${end - begin}`)
  }
  return faults.length > before ? undefined : { name, type, shape: sizes, begin, end }
}

/** What is met on the way to the product of all: too large a one shows even where a size of 0 follows. */
function partialProducts(sizes: Shape, first: number): number[] {
  let product = first
  return sizes.map((size) => (product *= size))
}

/** Data follows data, from the first byte after the header to the last of the file. */
function checkCover(entries: readonly Entry[], length: number, faults: string[]): void {
  let reached = 0
  for (const { name, begin, end } of entries) {
    if (faults.length >= enoughFaults) return
    const of = `tensor ${show(name)}`
    if (begin > reached) faults.push(`expected data without holes, got ${begin - reached} bytes unused before ${of}`)
    if (begin < reached) faults.push(`expected data without overlaps, got ${reached - begin} bytes used again by ${of}`)
    reached = Math.max(reached, end)
  }
  if (reached > length) faults.push(`expected ${reached} bytes of data, got ${length}: is the file cut off?`)
  if (reached < length) faults.push(`expected ${reached} bytes of data, got ${length}: something else follows them`)
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0 && !Object.is(n, -0))
