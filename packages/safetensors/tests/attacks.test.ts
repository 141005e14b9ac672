// Files that lie. Each is refused, with the one error, and says what is wrong.
import { decodeSafetensors, SafetensorsError } from '@ostinato/safetensors'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entry, file, lengthOf } from './file.ts'

const good = { a: entry(), b: entry({ dtype: 'I64', shape: [1, 2], data_offsets: [4, 20] }) }
const header = (text: string, data = 4) => file(text, data)
const huge = Number.MAX_SAFE_INTEGER

const attacks: [string, Uint8Array, RegExp][] = [
  // The length of the header.
  ['no bytes', new Uint8Array(0), /at least 8 bytes, got 0: is the file cut off/],
  ['less than a length', Uint8Array.from([1, 0, 0]), /at least 8 bytes, got 3/],
  ['a header of no length', file('', 0), /starts with '\{'/],
  ['a header longer than the file', file('{}', 0, 3), /expected 3 bytes of header, got 2: is the file cut off/],
  ['a header longer than allowed', file('{}', 0, 100_000_001), /at most 100000000 bytes, got 100000001/],
  ['a header of 2^53 bytes and more', Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 255, 123, 125]), /at most 100000000/],
  ['a header of 2^32 bytes', file('{}', 0, 2 ** 32), /at most 100000000 bytes, got 4294967296/],
  ['a length in the middle of the header', file(JSON.stringify(good), 20, 20), /in JSON/],

  // The text.
  ['another format', Uint8Array.from([...lengthOf(4), 0x50, 0x4b, 3, 4]), /starts with '\{'/],
  ['a list', header('[]'), /starts with '\{'/],
  ['blanks before the header', header(' {}', 0), /starts with '\{'/],
  ['a mark of byte order', Uint8Array.from([...lengthOf(5), 0xef, 0xbb, 0xbf, 123, 125]), /starts with '\{'/],
  ['bytes that are no UTF-8', Uint8Array.from([...lengthOf(5), 123, 0x22, 0xff, 0x22, 125]), /in UTF-8/],
  ['no JSON', header('{"a"}'), /in JSON/],
  ['JSON and more', header('{}{}'), /in JSON/],
  ['a header padded with zeros', header('{}\0\0', 0), /in JSON/],
  ['a comma too many', header(`{"a":${JSON.stringify(entry())},}`), /in JSON/],
  ['an open string', header('{"a'), /in JSON/],
  ['an open string that ends in a backslash', header('{"a\\'), /in JSON/],
  ['a bad escape in a key', header('{"\\x":1}'), /in JSON/],
  ['a number that is none', header('{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}'), /in JSON/],
  ['lists in lists in lists', header(`{"a":{"shape":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`), /at most 3 levels/],
  ['open brackets alone', header('{'.repeat(100_000)), /at most 3 levels/],

  // Keys that come twice.
  ['a name twice', header(`{"a":${JSON.stringify(entry())},"a":${JSON.stringify(entry())}}`), /each key once, got "a" again/],
  ['a name twice, spelt otherwise', header('{"a":1,"\\u0061":1}'), /each key once, got "a" again/],
  ['a field twice', header('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}'), /once, got "dtype" again/],
  ['metadata twice', header('{"__metadata__":{},"__metadata__":{}}', 0), /got "__metadata__" again/],
  ['a key of metadata twice', header('{"__metadata__":{"k":"1","k" \n:"2"}}', 0), /got "k" again/],
  ['__proto__ twice', header('{"__proto__":1,"__proto__":2}', 0), /got "__proto__" again/],

  // Metadata.
  ['metadata that are a list', header('{"__metadata__":["a"]}', 0), /__metadata__ to be an object of strings, got \["a"\]/],
  ['metadata that are null', header('{"__metadata__":null}', 0), /object of strings, got null/],
  ['metadata of numbers', header('{"__metadata__":{"a":1,"b":"2","c":{}}}', 0), /2 faults.*string for "a".*string for "c"/s],
  ['a tensor called __metadata__', file({ __metadata__: entry() }, 4), /string for "shape" of __metadata__/],

  // Entries.
  ['an entry that is a number', header('{"a":1}'), /expected a dtype .* for tensor "a", got undefined/],
  ['an entry that is null', header('{"a":null}'), /3 faults/],
  ['an entry that is a list', header('{"a":[]}'), /3 faults/],
  ['an empty entry', header('{"a":{}}'), /3 faults.*dtype.*shape.*data_offsets/s],
  ['an entry behind the prototype', header('{"a":{"__proto__":{"dtype":"F32"},"shape":[1],"data_offsets":[0,4]}}'), /2 faults/],
  ['a field too many', file({ a: entry({ strides: [1] }) }, 4), /expected dtype, shape and data_offsets for tensor "a", got \["strides"\]/],
  ['a type that is not known', file({ a: entry({ dtype: 'F8_E4M3' }) }, 4), /for tensor "a", got "F8_E4M3"/],
  ['a type in small letters', file({ a: entry({ dtype: 'f32' }) }, 4), /got "f32"/],
  ['a type off the prototype', file({ a: entry({ dtype: 'constructor' }) }, 4), /got "constructor"/],
  ['a type that is no string', file({ a: entry({ dtype: ['F32'] }) }, 4), /got \["F32"\]/],
  ['half a surrogate pair', header('{"\\ud800":1}'), /half a surrogate pair in tensor "\\ud800"/],

  // Shapes.
  ['a size below 0', file({ a: entry({ shape: [-1] }) }, 4), /shape of whole numbers for tensor "a", got \[-1\]/],
  ['sizes below 0 whose product is right', file({ a: entry({ shape: [-1, -1] }) }, 4), /got \[-1,-1\]/],
  ['a size of -0', header('{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}', 0), /shape of whole numbers/],
  ['half a size', file({ a: entry({ shape: [0.5, 2] }) }, 4), /got \[0\.5,2\]/],
  ['a size in a string', file({ a: entry({ shape: ['1'] }) }, 4), /got \["1"\]/],
  ['a size of null', file({ a: entry({ shape: [null] }) }, 4), /got \[null\]/],
  ['a size beyond infinity', header('{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}'), /shape of whole numbers/],
  ['a size beyond 2^53', header('{"a":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}'), /shape of whole/],
  ['sizes whose product wraps round 2^64', file({ a: entry({ shape: [2 ** 32, 2 ** 32, 1] }) }, 4), /size that can be counted/],
  ['a size whose bytes overflow', file({ a: entry({ shape: [huge] }) }, 4), /size that can be counted/],
  ['an overflow made 0', file({ a: entry({ shape: [huge, huge, 0], data_offsets: [0, 0] }) }, 0), /size that can be counted/],
  ['an overflow to infinity made 0', file({ a: entry({ shape: [...new Array<number>(30).fill(huge), 0] }) }, 4), /can be counted/],
  ['a shape that is no list', file({ a: entry({ shape: 1 }) }, 4), /shape of whole numbers for tensor "a", got 1/],
  ['a shape of a length', file({ a: entry({ shape: { length: 1, 0: 1 } }) }, 4), /shape of whole numbers/],
  ['more elements than bytes', file({ a: entry({ shape: [2] }) }, 4), /expected 8 bytes of "F32" of shape \[2\] for tensor "a", got 4/],
  ['fewer elements than bytes', file({ a: entry({ shape: [] }) }, 4).subarray(0, -1), /expected 4 bytes of data, got 3/],
  ['a file of 2^53 bytes', file({ a: entry({ dtype: 'U8', shape: [huge], data_offsets: [0, huge] }) }, 4), /bytes of data, got 4: .* cut off/],

  // Offsets.
  ['offsets that run backwards', file({ a: entry({ data_offsets: [4, 0] }) }, 4), /\[begin, end\] for tensor "a", got \[4,0\]/],
  ['one offset', file({ a: entry({ data_offsets: [0] }) }, 4), /\[begin, end\]/],
  ['three offsets', file({ a: entry({ data_offsets: [0, 4, 4] }) }, 4), /\[begin, end\]/],
  ['an offset below 0', file({ a: entry({ data_offsets: [-4, 0] }) }, 4), /\[begin, end\]/],
  ['half an offset', file({ a: entry({ data_offsets: [0.5, 4.5] }) }, 5), /\[begin, end\]/],
  ['an offset beyond 2^53', header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9007199254740993]}}'), /\[begin, end\]/],
  ['data beyond the file', file({ a: entry() }, 3), /expected 4 bytes of data, got 3: is the file cut off/],
  ['bytes after the data', file({ a: entry() }, 5), /expected 4 bytes of data, got 5: something else follows/],
  ['bytes of nobody', file({}, 1), /expected 0 bytes of data, got 1/],
  ['a hole before the first', file({ a: entry({ data_offsets: [4, 8] }) }, 8), /without holes, got 4 bytes unused before tensor "a"/],
  ['a hole between', file({ a: entry(), b: entry({ data_offsets: [5, 9] }) }, 9), /got 1 bytes unused before tensor "b"/],
  ['an overlap', file({ a: entry(), b: entry({ data_offsets: [3, 7] }) }, 7), /without overlaps, got 1 bytes used again by tensor "b"/],
  ['the same data twice', file({ a: entry(), b: entry() }, 4), /got 4 bytes used again by tensor "b"/],
  ['one within another', file({
    a: entry({ shape: [3], data_offsets: [0, 12] }), b: entry({ data_offsets: [4, 8] }),
  }, 12), /got 8 bytes used again by tensor "b"/],
  ['an empty tensor out of the way', file({ a: entry(), b: entry({ shape: [0], data_offsets: [2, 2] }) }, 4), /used again by tensor "b"/],

  // Data.
  ['a bool of 2', file({ a: entry({ dtype: 'BOOL', shape: [2], data_offsets: [0, 2] }) }, [1, 2]), /0 or 1, got 2 at element 1 of tensor "a"/],
]

describe('decodeSafetensors refuses', () => {
  test('a file that is well is not among them', () => {
    expect([...decodeSafetensors(file(good, 20)).tensors.keys()]).toEqual(['a', 'b'])
  })

  test.each(attacks)('%s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(SafetensorsError)
    expect(() => decodeSafetensors(bytes)).toThrow(message)
  })

  test('what is no Uint8Array', () => {
    for (const value of [undefined, null, 'text', new ArrayBuffer(8), [1, 2]]) {
      expect(() => decodeSafetensors(value as unknown as Uint8Array)).toThrow(SafetensorsError)
    }
  })

  test('every file that is cut off, wherever', () => {
    const whole = file(good, 20)
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeSafetensors(whole.subarray(0, length))).toThrow(SafetensorsError)
    }
  })

  test('faults by the thousand with a message that can be read', () => {
    const entries = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`t${i}`, 0]))
    try {
      decodeSafetensors(file(entries))
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(SafetensorsError)
      const { message, faults, where } = error as SafetensorsError
      expect(message.length).toBeLessThan(3000)
      expect(message).toMatch(/and 9\d more$/)
      expect(faults.length).toBeLessThan(110)
      expect(where).toBe('decodeSafetensors')
    }
  })
})

/** Decodes; anything but tensors and the one error fails. */
const survives = (bytes: Uint8Array) => {
  try {
    for (const { data, shape } of decodeSafetensors(bytes).tensors.values()) {
      expect(shape.reduce((product, n) => product * n, 1)).toBe(data.length)
      expect(data.byteLength).toBeLessThanOrEqual(4 * bytes.length)
    }
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error
  }
}

describe('whatever the bytes, tensors or SafetensorsError', () => {
  const seed = file({ ...good, __metadata__: { format: 'pt' }, c: { dtype: 'BOOL', shape: [2], data_offsets: [20, 22] } }, 22)

  test('property: bytes changed, taken out, put in', () => {
    const change = fc.record({ at: fc.nat(seed.length), gone: fc.nat(3), bytes: fc.uint8Array({ maxLength: 3 }) })
    fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = [...seed]
      for (const { at, gone, bytes: put } of changes) bytes.splice(at, gone, ...put)
      survives(Uint8Array.from(bytes))
    }), { numRuns: 2000 })
  })

  test('property: characters of the header changed for others of its own', () => {
    const own = Array.from('{}[]",:0123456789-.eE\\u\n ntfFIBSO')
    const change = fc.tuple(fc.integer({ min: 8, max: seed.length - 23 }), fc.constantFrom(...own))
    fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = seed.slice()
      for (const [at, character] of changes) bytes[at] = character.charCodeAt(0)
      survives(bytes)
    }), { numRuns: 2000 })
  })

  test('property: headers of the right form and any contents', () => {
    const number = fc.oneof(fc.nat(8), fc.integer(), fc.maxSafeInteger(), fc.double(), fc.constant(null), fc.string())
    const anything = fc.record({
      dtype: fc.oneof(fc.constantFrom('F32', 'F64', 'I64', 'BOOL', 'U8', 'BF16'), fc.jsonValue({ maxDepth: 1 })),
      shape: fc.oneof(fc.array(fc.nat(3)), fc.array(number)),
      data_offsets: fc.oneof(fc.tuple(fc.nat(16), fc.nat(16)), fc.array(number)),
    }, { requiredKeys: [] })
    const headers = fc.dictionary(fc.string(), fc.oneof(anything, fc.jsonValue()))
    const check = (contents: object, length: number) => survives(file(contents, length))
    fc.assert(fc.property(headers, fc.nat(24), check), { numRuns: 2000 })
  })

  test('property: any bytes behind any length', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), survives))
    const bodies = fc.tuple(fc.nat(80), fc.uint8Array({ maxLength: 64 }))
    fc.assert(fc.property(bodies, ([length, body]) => survives(Uint8Array.from([...lengthOf(length), 123, ...body]))))
  })
})
