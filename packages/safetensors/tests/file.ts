// Files built by hand, byte by byte, without the code under test.

/** A file of this header, as text or as what JSON makes of it, and these bytes of data. */
export function file(header: string | object, data: readonly number[] | number = [], length?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const body = typeof data === 'number' ? new Array<number>(data).fill(0) : data
  return Uint8Array.from([...lengthOf(length ?? json.length), ...json, ...body])
}

/** A number in 8 bytes, the lowest first. */
export function lengthOf(value: number): number[] {
  return Array.from({ length: 8 }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn))
}

/** One tensor of 4 bytes. */
export const entry = (changes: object = {}) => ({ dtype: 'F32', shape: [1], data_offsets: [0, 4], ...changes })

/** The bytes of a number as DataView writes it. */
export function bytesOf(size: number, write: (view: DataView) => void): number[] {
  const bytes = new Uint8Array(size)
  write(new DataView(bytes.buffer))
  return [...bytes]
}
