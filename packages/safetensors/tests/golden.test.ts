// Bytes built by hand: what is written is exactly this, and this is read.
import { decodeSafetensors, encodeSafetensors } from '@ostinato/safetensors'
import { tensor, type AnyTensor } from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'
import { swapBytes } from '../src/dtypes.ts'
import { bytesOf, file } from './file.ts'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('bytes', () => {
  test('of one float32 tensor', () => {
    const header = '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  '
    const expected = file(header, [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0])
    expect(header.length % 8).toBe(0)
    expect(encodeSafetensors(new Map([['w', tensor([1, -2.5])]]))).toEqual(expected)
    const { tensors, metadata } = decodeSafetensors(expected)
    expect([...tensors]).toEqual([['w', tensor([1, -2.5])]])
    expect(Object.keys(metadata)).toEqual([])
  })

  test('of every type, larger elements first, then by name; metadata before all', () => {
    const tensors = new Map<string, AnyTensor>([
      ['m', tensor([true, false, true])],
      ['b', tensor([3], { dtype: 'float64' })],
      ['i', tensor([[-2]], { dtype: 'int32' })],
      ['a', tensor([[]], { dtype: 'float64' })],
      ['s', tensor(0.5)],
    ])
    const bytes = encodeSafetensors(tensors, { z: '1', format: 'pt' })
    const header = '{"__metadata__":{"format":"pt","z":"1"},'
      + '"a":{"dtype":"F64","shape":[1,0],"data_offsets":[0,0]},'
      + '"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},'
      + '"s":{"dtype":"F32","shape":[],"data_offsets":[8,12]},'
      + '"i":{"dtype":"I32","shape":[1,1],"data_offsets":[12,16]},'
      + '"m":{"dtype":"BOOL","shape":[3],"data_offsets":[16,19]}}'
    const data = [0, 0, 0, 0, 0, 0, 8, 0x40, 0, 0, 0, 0x3f, 0xfe, 0xff, 0xff, 0xff, 1, 0, 1]
    expect(bytes).toEqual(file(header.padEnd(Math.ceil(header.length / 8) * 8), data))
  })

  test('of nothing', () => {
    expect(encodeSafetensors(new Map())).toEqual(file('{}      '))
    expect(decodeSafetensors(file('{}')).tensors.size).toBe(0)
  })

  test('do not depend on the order of tensors and metadata', () => {
    const [a, b] = [['a', tensor([1])], ['b', tensor([2])]] as const
    const bytes = encodeSafetensors(new Map([a, b]), { x: '1', y: '2' })
    expect(encodeSafetensors(new Map([b, a]), { y: '2', x: '1' })).toEqual(bytes)
  })

  test('sort names by code points, digits as text', () => {
    const names = ['\u{1f600}', '10', '\uffee', '9', 'Z', 'a', '', '__proto__']
    const written = text(encodeSafetensors(new Map(names.map(name => [name, tensor([1])]))))
    const places = ['', '10', '9', 'Z', '__proto__', 'a', '\uffee', '\u{1f600}'].map(name => written.indexOf(`"${name}":`))
    expect(places).toEqual([...places].sort((x, y) => x - y))
    expect(Math.min(...places)).toBeGreaterThan(0)
  })

  test('change between big and little end', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    swapBytes(bytes, 4)
    expect([...bytes]).toEqual([4, 3, 2, 1, 8, 7, 6, 5])
    swapBytes(bytes, 8)
    expect([...bytes]).toEqual([5, 6, 7, 8, 1, 2, 3, 4])
  })

  test('of a header as other writers may lay it out', () => {
    const header = ' \n "b" : {"shape":[1], "data_offsets":[4,8],"dtype":"F32"}\t, "a":{"data_offsets":[0,4],"dtype":"I32","shape":[]} '
    const { tensors } = decodeSafetensors(file(`{${header}}\n  `, [7, 0, 0, 0, 0, 0, 0x80, 0x3f]))
    expect([...tensors].map(([name, { data, shape, dtype }]) => [name, [...data], shape, dtype]))
      .toEqual([['a', [7], [], 'int32'], ['b', [1], [1], 'float32']])
  })
})

describe('types that are converted', () => {
  const read = (dtype: string, data: number[], count: number) => {
    const header = { x: { dtype, shape: [count], data_offsets: [0, data.length] } }
    const found = decodeSafetensors(file(header, data)).tensors.get('x')
    return { dtype: found?.dtype, values: [...found?.data ?? []] }
  }
  const halves = (...bits: number[]) => bits.flatMap(value => [value & 255, value >> 8])

  test('F16: normal, subnormal, largest, infinite, NaN', () => {
    const bits = [0x3c00, 0xc100, 0x0001, 0x83ff, 0x7bff, 0x0400, 0x7c00, 0xfc00, 0x7e00, 0x8000]
    expect(read('F16', halves(...bits), bits.length)).toEqual({
      dtype: 'float32',
      values: [1, -2.5, 2 ** -24, -1023 * 2 ** -24, 65504, 2 ** -14, Infinity, -Infinity, NaN, -0],
    })
  })

  test('BF16: the upper half of a float32', () => {
    const bits = [0x3f80, 0xc020, 0x7f80, 0xff80, 0x7fc0, 0x0001]
    expect(read('BF16', halves(...bits), bits.length)).toEqual({
      dtype: 'float32',
      values: [1, -2.5, Infinity, -Infinity, NaN, Math.fround(2 ** -133)],
    })
  })

  test.each<[string, number[], number[]]>([
    ['I8', [0x80, 0x7f], [-128, 127]],
    ['U8', [0, 255], [0, 255]],
    ['I16', halves(0x8000, 0x7fff), [-32768, 32767]],
    ['U16', halves(0, 0xffff), [0, 65535]],
    ['U32', bytesOf(4, view => view.setUint32(0, 2 ** 31 - 1, true)), [2 ** 31 - 1]],
    ['U64', bytesOf(8, view => view.setBigUint64(0, 2n ** 31n - 1n, true)), [2 ** 31 - 1]],
    ['I64', [-(2n ** 31n), -1n, 0n, 2n ** 31n - 1n].flatMap(n => bytesOf(8, view => view.setBigInt64(0, n, true))),
      [-(2 ** 31), -1, 0, 2 ** 31 - 1]],
  ])('%s becomes int32', (dtype, data, values) => {
    expect(read(dtype, data, values.length)).toEqual({ dtype: 'int32', values })
  })

  test.each<[string, number[]]>([
    ['U32', bytesOf(4, view => view.setUint32(0, 2 ** 31, true))],
    ['U64', bytesOf(8, view => view.setBigUint64(0, 2n ** 31n, true))],
    ['U64', bytesOf(8, view => view.setBigUint64(0, 2n ** 64n - 1n, true))],
    ['I64', bytesOf(8, view => view.setBigInt64(0, 2n ** 31n, true))],
    ['I64', bytesOf(8, view => view.setBigInt64(0, -(2n ** 31n) - 1n, true))],
    ['I64', bytesOf(8, view => view.setBigInt64(0, 2n ** 53n, true))],
  ])('%s beyond int32 is refused', (dtype, data) => {
    expect(() => read(dtype, data, 1)).toThrow(/expected integers that fit int32, got another at element 0 of tensor "x"/)
  })
})
