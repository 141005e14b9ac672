// What goes in comes out, to the bit, wherever the bytes lie.
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from '@ostinato/safetensors'
import { tensor, Tensor, type AnyTensor, type DType } from '@ostinato/tensor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const sizes: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, bool: 1 }

/** A tensor of random bits: every NaN, every -0. */
const tensors: fc.Arbitrary<AnyTensor> = fc
  .tuple(fc.constantFrom<DType>('float32', 'float64', 'int32', 'bool'), fc.array(fc.nat(4), { maxLength: 4 }))
  .chain(([dtype, shape]) => {
    const count = shape.reduce((product, n) => product * n, 1)
    const length = count * sizes[dtype]
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => {
      const { buffer } = bytes.slice()
      if (dtype === 'float32') return new Tensor(new Float32Array(buffer), shape, dtype)
      if (dtype === 'float64') return new Tensor(new Float64Array(buffer), shape, dtype)
      if (dtype === 'int32') return new Tensor(new Int32Array(buffer), shape, dtype)
      return new Tensor(bytes.map(byte => byte & 1), shape, dtype)
    })
  })

const words = fc.string({ unit: 'binary' })
const files = fc.tuple(
  fc.uniqueArray(fc.tuple(words.filter(name => name !== '__metadata__'), tensors), { selector: ([name]) => name, maxLength: 6 }),
  fc.uniqueArray(fc.tuple(words, words), { selector: ([key]) => key, maxLength: 4 }),
)

const bits = ({ data, shape, dtype }: AnyTensor) =>
  ({ dtype, shape, bytes: [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)] })
const sorted = (map: ReadonlyMap<string, AnyTensor>) =>
  [...map].map(([name, value]) => [name, bits(value)] as const).sort(([a], [b]) => (a < b ? -1 : 1))

describe('round trip', () => {
  test('property: names, shapes, types, bits and metadata come back', () => {
    fc.assert(fc.property(files, ([entries, strings]) => {
      const before = new Map(entries)
      const bytes = encodeSafetensors(before, Object.fromEntries(strings))
      const { tensors: after, metadata } = decodeSafetensors(bytes)
      expect(sorted(after)).toEqual(sorted(before))
      expect(new Map(Object.entries(metadata))).toEqual(new Map(strings))
      expect(encodeSafetensors(after, metadata)).toEqual(bytes)
      expect((bytes.length - [...before.values()].reduce((sum, { data }) => sum + data.byteLength, 0)) % 8).toBe(0)
    }), { numRuns: 300 })
  })

  test('property: the bytes may lie anywhere in a buffer, and do not matter afterwards', () => {
    fc.assert(fc.property(files, fc.nat(9), ([entries], offset) => {
      const bytes = encodeSafetensors(new Map(entries))
      const moved = new Uint8Array(bytes.length + 20).fill(255)
      moved.set(bytes, offset)
      const { tensors: after } = decodeSafetensors(moved.subarray(offset, offset + bytes.length))
      moved.fill(0)
      expect(sorted(after)).toEqual(sorted(new Map(entries)))
    }))
  })

  test('takes a view into larger data, a Buffer, shared memory', () => {
    const part = new Tensor(Float32Array.of(1, 2, 3, 4).subarray(1, 3), [2], 'float32')
    const bytes = encodeSafetensors(new Map([['part', part]]))
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    for (const source of [bytes, Buffer.from(bytes), shared]) {
      const { tensors: after } = decodeSafetensors(source)
      expect(after.get('part')).toEqual(tensor([2, 3]))
      expect(after.get('part')?.data.buffer).toBeInstanceOf(ArrayBuffer)
    }
  })

  test('keeps names and metadata of every kind apart from objects', () => {
    const names = ['__proto__', 'constructor', 'toString', '0', '', 'a"b\\c', '\u0000', 'naïve', '\u{1f600}']
    const strings = Object.fromEntries(names.map(name => [name, `of ${name}`]))
    const before = new Map(names.map((name, i) => [name, tensor([i])]))
    const { tensors: after, metadata } = decodeSafetensors(encodeSafetensors(before, strings))
    names.forEach((name, i) => {
      expect(after.get(name)?.data[0]).toBe(i)
      expect(metadata[name]).toBe(`of ${name}`)
    })
    expect(after.get('hasOwnProperty')).toBeUndefined()
    expect(metadata['hasOwnProperty']).toBeUndefined()
    expect(({} as Record<string, unknown>)['0']).toBeUndefined()
  })
})

describe('encodeSafetensors refuses', () => {
  const encode = (entries: unknown, metadata?: unknown) => () =>
    encodeSafetensors(entries as ReadonlyMap<string, AnyTensor>, metadata as Record<string, string>)
  const one = new Map([['x', tensor([1])]])

  test.each<[string, () => unknown, RegExp]>([
    ['an object', encode({ x: tensor([1]) }), /expected a Map of tensors, got "object": wrap it/],
    ['what is no tensor', encode(new Map([['x', [1, 2]]])), /expected a tensor as "x", got \[1,2\]/],
    ['the reserved name', encode(new Map([['__metadata__', tensor([1])]])), /expected any other name than "__metadata__"/],
    ['half a surrogate pair', encode(new Map([['\ud800', tensor([1])]])), /half a surrogate pair in "\\ud800"/],
    ['half a pair in metadata', encode(one, { a: '\udc00' }), /half a surrogate pair in "\\udc00"/],
    ['a name that is none', encode(new Map([[1, tensor([1])]])), /expected names that are strings, got 1/],
    ['metadata that are no strings', encode(one, { epoch: 3 }), /expected a string for "epoch" of the metadata, got 3/],
    ['everything at once', encode(new Map([['x', 1], ['y', 2]]), { z: null }), /3 faults.*"x".*"y".*"z"/s],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(SafetensorsError)
    expect(run).toThrow(message)
  })

  test('a header beyond the limit', () => {
    expect(encode(one, { text: 'x'.repeat(100_000_000) })).toThrow(/at most 100000000 bytes, got 1000000\d\d: use fewer/)
  })
})
