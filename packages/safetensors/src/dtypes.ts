// The element types of the format: how long an element is, and what it becomes. Bytes in, typed arrays out; shapes and
// offsets are checked before, in `header.ts`.
import type { DataOf, DType } from '@ostinato/tensor'

/** How elements of one type of the format are read. */
export interface ElementType {
  /** Bytes of an element. */
  readonly size: number
  /** The type of the tensor they end up in. */
  readonly dtype: DType
  /** Reads all of `bytes`; a string is the fault that was found. */
  readonly read: (bytes: Uint8Array) => DataOf<DType> | string
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Turns the bytes of each element of `size` bytes round, in place. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse()
}

/** Writes `data` into all of `target`, as the format has it. */
export function writeElements(target: Uint8Array, data: DataOf<DType>, dtype: DType): void {
  if (dtype === 'bool') {
    target.set(data.map((value) => Number(value !== 0)))
    return
  }
  target.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  if (!littleEndian) swapBytes(target, data.BYTES_PER_ELEMENT)
}

/** Elements that are in a file as they are in memory: copied, which also takes them to an aligned place. */
const plain = (dtype: DType, size: number, wrap: (buffer: ArrayBuffer) => DataOf<DType>): ElementType => ({
  size,
  dtype,
  read: (bytes) => {
    const copy = new Uint8Array(bytes)
    if (!littleEndian) swapBytes(copy, size)
    return wrap(copy.buffer)
  },
})

/** Elements that are converted one by one; NaN from `convert` of an integer means that it does not fit. */
const converted = <D extends 'float32' | 'int32'>(
  dtype: D,
  size: number,
  convert: (view: DataView, at: number) => number,
): ElementType => ({
  size,
  dtype,
  read: (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const count = bytes.length / size
    const data = dtype === 'float32' ? new Float32Array(count) : new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const value = convert(view, i * size)
      if (dtype === 'int32' && Number.isNaN(value)) {
        return `expected integers that fit int32, got another at element ${i}`
      }
      data[i] = value
    }
    return data
  },
})

const bool: ElementType = {
  size: 1,
  dtype: 'bool',
  read: (bytes) => {
    const wrong = bytes.findIndex((byte) => byte > 1)
    return wrong < 0 ? new Uint8Array(bytes) : `expected bytes of 0 or 1, got ${bytes[wrong]} at element ${wrong}`
  },
}

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
function readHalf(view: DataView, at: number): number {
  const bits = view.getUint16(at, true)
  const sign = bits >> 15 === 0 ? 1 : -1
  const exponent = (bits >> 10) & 31
  const fraction = (bits & 1023) / 1024
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (exponent === 0 ? 2 ** -14 * fraction : 2 ** (exponent - 15) * (1 + fraction))
}

const word = new DataView(new ArrayBuffer(4))

/** bfloat16: the upper half of a float32. */
function readBrain(view: DataView, at: number): number {
  word.setUint32(0, view.getUint16(at, true) << 16)
  return word.getFloat32(0)
}

/** The lower half of a 64-bit integer, where the upper half only carries its sign on. */
function readLong(view: DataView, at: number): number {
  const low = view.getInt32(at, true)
  return view.getInt32(at + 4, true) === low >> 31 ? low : NaN
}

const nonNegative = (value: number) => (value >= 0 ? value : NaN)

/** Every element type that can be read. Types without a tensor type of their own become the nearest that holds them. */
export const elementTypes: ReadonlyMap<string, ElementType> = new Map([
  ['F64', plain('float64', 8, (buffer) => new Float64Array(buffer))],
  ['F32', plain('float32', 4, (buffer) => new Float32Array(buffer))],
  ['I32', plain('int32', 4, (buffer) => new Int32Array(buffer))],
  ['BOOL', bool],
  ['F16', converted('float32', 2, readHalf)],
  ['BF16', converted('float32', 2, readBrain)],
  ['I64', converted('int32', 8, readLong)],
  ['U64', converted('int32', 8, (view, at) => nonNegative(readLong(view, at)))],
  ['U32', converted('int32', 4, (view, at) => nonNegative(view.getInt32(at, true)))],
  ['I16', converted('int32', 2, (view, at) => view.getInt16(at, true))],
  ['U16', converted('int32', 2, (view, at) => view.getUint16(at, true))],
  ['I8', converted('int32', 1, (view, at) => view.getInt8(at))],
  ['U8', converted('int32', 1, (view, at) => view.getUint8(at))],
])

/**
 * Tensor type -> element type as it is written. In this order, so that larger elements come first and each stands at a
 * multiple of its size.
 */
export const writtenTypes: ReadonlyMap<DType, string> = new Map([
  ['float64', 'F64'],
  ['float32', 'F32'],
  ['int32', 'I32'],
  ['bool', 'BOOL'],
])
