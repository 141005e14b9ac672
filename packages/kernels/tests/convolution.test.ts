// Convolution and its adjoints on every backend, against the sum over batch, channels, outputs and window written out
// in float64: any geometry, the edges of blocks, equal bits, errors.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  availableBackends, convolution, convolutionInputGradient, convolutionWeightGradient, useBackend,
} from '../src/index.ts'
import type { ConvolutionProblem, FloatArray, Plane } from '../src/index.ts'
import { difference, fill, numbers, to32 } from './support.ts'

type Sizes = Required<{ [Name in keyof ConvolutionProblem]: NonNullable<ConvolutionProblem[Name]> }>

/** Calls `visit` with where each product's factors and sum lie. */
function forEachProduct(sizes: Sizes, visit: (x: number, weight: number, y: number) => void): void {
  const { batch, inputChannels, outputChannels, groups, input, kernel, output, stride, padding, dilation } = sizes
  const [into, out] = [inputChannels / groups, outputChannels / groups]
  for (let n = 0; n < batch; n += 1) {
    for (let o = 0; o < outputChannels; o += 1) {
      for (let p = 0; p < output[0]; p += 1) {
        for (let q = 0; q < output[1]; q += 1) {
          for (let c = 0; c < into; c += 1) {
            for (let i = 0; i < kernel[0]; i += 1) {
              for (let j = 0; j < kernel[1]; j += 1) {
                const row = p * stride[0] - padding[0] + i * dilation[0]
                const column = q * stride[1] - padding[1] + j * dilation[1]
                if (row < 0 || row >= input[0] || column < 0 || column >= input[1]) continue
                const channel = Math.floor(o / out) * into + c
                visit(
                  ((n * inputChannels + channel) * input[0] + row) * input[1] + column,
                  ((o * into + c) * kernel[0] + i) * kernel[1] + j,
                  ((n * outputChannels + o) * output[0] + p) * output[1] + q,
                )
              }
            }
          }
        }
      }
    }
  }
}

function operands(sizes: Sizes, seed: number): Record<'x' | 'weight' | 'y', Float64Array> {
  const { batch, inputChannels, outputChannels, groups, input, kernel, output } = sizes
  const next = numbers(seed)
  const single = (length: number): Float64Array => fill(length, () => Math.fround(next()))
  return {
    x: single(batch * inputChannels * input[0] * input[1]),
    weight: single(outputChannels * (inputChannels / groups) * kernel[0] * kernel[1]),
    y: single(batch * outputChannels * output[0] * output[1]),
  }
}

/** All three results, in arrays that hold other values before. */
function compute<A extends FloatArray>(sizes: Sizes, seed: number, as: (values: Float64Array) => A) {
  const { x, weight, y } = operands(sizes, seed)
  const found = { y: as(y), x: as(x), weight: as(weight) }
  convolution(found.y, as(x), as(weight), sizes)
  convolutionInputGradient(found.x, as(y), as(weight), sizes)
  convolutionWeightGradient(found.weight, as(x), as(y), sizes)
  return found
}

function check(sizes: Sizes, seed: number, as: (values: Float64Array) => FloatArray, tolerance: number): void {
  const { x, weight, y } = operands(sizes, seed)
  const expected = { y: y.map(() => 0), x: x.map(() => 0), weight: weight.map(() => 0) }
  forEachProduct(sizes, (atX, atWeight, atY) => {
    expected.y[atY] += x[atX] * weight[atWeight]
    expected.x[atX] += y[atY] * weight[atWeight]
    expected.weight[atWeight] += x[atX] * y[atY]
  })
  const found = compute(sizes, seed, as)
  for (const name of ['y', 'x', 'weight'] as const) {
    expect(difference(found[name], expected[name]), name).toBeLessThan(tolerance)
  }
}

const expectSameBits = (got: FloatArray, expected: FloatArray): void => {
  expect(got.length).toBe(expected.length)
  expect(got.findIndex((value, i) => !Object.is(value, expected[i]))).toBe(-1)
}

const plane = (min: number, max: number): fc.Arbitrary<Plane> => {
  const one = fc.integer({ min, max })
  return fc.tuple(one, one)
}

/** Any geometry in which the window fits; sometimes with fewer outputs than would fit. */
const problems: fc.Arbitrary<Sizes> = fc
  .record({
    batch: fc.integer({ min: 0, max: 4 }),
    channels: plane(1, 8),
    groups: fc.integer({ min: 1, max: 3 }),
    input: plane(1, 11),
    kernel: plane(1, 4),
    stride: plane(1, 3),
    padding: plane(0, 3),
    dilation: plane(1, 3),
    fewer: plane(0, 1),
  })
  .map(({ channels, fewer, ...rest }) => {
    const along = (axis: 0 | 1): number => {
      const room = rest.input[axis] + 2 * rest.padding[axis] - rest.dilation[axis] * (rest.kernel[axis] - 1) - 1
      return Math.max(0, Math.floor(room / rest.stride[axis]) + 1 - fewer[axis])
    }
    const { groups } = rest
    const output = [along(0), along(1)] as const
    return { ...rest, inputChannels: channels[0] * groups, outputChannels: channels[1] * groups, output }
  })

const square = (n: number): Plane => [n, n]
const usual = { stride: square(1), padding: square(0), dilation: square(1), groups: 1 }

const sizesOf = (
  batch: number, channels: readonly [into: number, out: number], planes: Pick<Sizes, 'input' | 'kernel' | 'output'>,
  options: Partial<Sizes> = {},
): Sizes => ({ ...usual, batch, inputChannels: channels[0], outputChannels: channels[1], ...planes, ...options })

const edges: readonly Sizes[] = [
  // Several blocks of the window's elements, and chunks of the batch.
  sizesOf(3, [61, 13], { input: square(9), kernel: square(3), output: square(9) }, { padding: square(1) }),
  sizesOf(70, [3, 24], { input: square(16), kernel: square(5), output: square(8) }, {
    stride: square(2), padding: square(2),
  }),
  sizesOf(5, [7, 65], { input: [1, 300], kernel: [1, 7], output: [1, 147] }, { stride: [1, 2] }),
  sizesOf(9, [5, 31], { input: square(1), kernel: square(1), output: square(1) }),
  sizesOf(2, [24, 24], { input: [13, 9], kernel: square(3), output: [13, 9] }, { padding: square(1), groups: 24 }),
  // One image is more than a chunk.
  sizesOf(2, [2, 3], { input: [150, 241], kernel: [3, 2], output: [50, 80] }, { stride: square(3) }),
]

it('equals the sum over the window in float64', () => {
  fc.assert(fc.property(problems, fc.integer(), (sizes, seed) => {
    check(sizes, seed, values => values.slice(), 1e-12)
  }))
})

describe.each(availableBackends())('convolution in float32 on %s', (name) => {
  it('equals the sum over the window', () => {
    fc.assert(fc.property(problems, fc.integer(), (sizes, seed) => {
      useBackend(name, () => { check(sizes, seed, to32, 1e-5) })
    }))
  })

  it.each(edges.map(sizes => [sizes]))('crosses the edges of its blocks: %o', (sizes) => {
    useBackend(name, () => { check(sizes, 7, to32, 1e-4) })
  })

  it('gives the same bits again, and an image the same bits whatever images stand beside it', () => {
    useBackend(name, () => {
      for (const sizes of edges) {
        const first = compute(sizes, 3, to32)
        const again = compute(sizes, 3, to32)
        for (const result of ['y', 'x', 'weight'] as const) expectSameBits(again[result], first[result])
        const { batch } = sizes
        const { x, weight, y } = operands(sizes, 3)
        const last = (values: Float64Array): Float32Array => to32(values.slice(-values.length / batch))
        const [lastY, lastX] = [last(y), last(x)]
        convolution(lastY, last(x), to32(weight), { ...sizes, batch: 1 })
        convolutionInputGradient(lastX, last(y), to32(weight), { ...sizes, batch: 1 })
        expectSameBits(lastY, first.y.subarray(-lastY.length))
        expectSameBits(lastX, first.x.subarray(-lastX.length))
      }
    })
  })

  it('keeps NaN where a window meets it, and reads nothing that another call left behind', () => {
    useBackend(name, () => {
      const planes = { input: square(6), kernel: square(3), output: square(6) }
      const sizes = sizesOf(2, [2, 7], planes, { padding: square(1) })
      const x = new Float32Array(2 * 2 * 36).fill(1)
      x[72] = NaN
      const y = new Float32Array(2 * 7 * 36)
      convolution(y, x, new Float32Array(7 * 2 * 9).fill(1), sizes)
      y.forEach((value, i) => {
        const [image, row, column] = [Math.floor(i / 252), Math.floor(i / 6) % 6, i % 6]
        expect(Number.isNaN(value)).toBe(image === 1 && row < 2 && column < 2)
      })
      check(sizes, 5, to32, 1e-5)
    })
  })

  it('gives zeros where there is nothing to add up', () => {
    useBackend(name, () => {
      const planes = { input: square(3), kernel: square(2), output: square(2) }
      const y = new Float32Array(8).fill(5)
      convolution(y, new Float32Array(0), new Float32Array(0), sizesOf(1, [0, 2], planes))
      expect([...y]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
      const weight = new Float32Array(4).fill(5)
      convolutionWeightGradient(weight, new Float32Array(0), new Float32Array(0), sizesOf(0, [1, 1], planes))
      expect([...weight]).toEqual([0, 0, 0, 0])
    })
  })
})

describe('the checks of convolution', () => {
  const f32 = (length: number): Float32Array => new Float32Array(length)
  const sizes: ConvolutionProblem = {
    batch: 1, inputChannels: 2, outputChannels: 2, input: [1, 4], kernel: [1, 2], output: [1, 3],
  }

  it('names every array that does not fit, with its axes', () => {
    expect(() => convolution(f32(6), f32(7), f32(9), sizes)).toThrow(
      /^convolution: expected x \[batch=1, inputChannels=2, height=1, width=4\] of 8 elements, got 7; expected weight \[.*\] of 8 elements, got 9/,
    )
    expect(() => convolutionInputGradient(f32(8), f32(5), f32(8), sizes))
      .toThrow(/InputGradient: expected y .* of 6 elements, got 5/)
    expect(() => convolutionWeightGradient(f32(7), f32(8), f32(6), sizes))
      .toThrow(/WeightGradient: expected out .* of 8 elements, got 7/)
    const mixed = new Float64Array(8) as unknown as Float32Array
    expect(() => convolution(f32(6), mixed, f32(8), sizes)).toThrow(/x to be a Float32Array/)
  })

  it('names every size that is none', () => {
    expect(() => convolution(f32(6), f32(8), f32(8), { ...sizes, batch: -1, stride: [1, 0] })).toThrow(
      /batch to be a whole number, 0 or more, got -1; expected the width of stride to be a whole number, 1 or more, got 0/,
    )
  })

  it('refuses windows that do not fit and groups that do not divide the channels', () => {
    expect(() => convolution(f32(8), f32(8), f32(8), { ...sizes, output: [1, 4] })).toThrow(
      /windows within a padded input of 4, got 4 outputs that reach to 5: width/,
    )
    expect(() => convolution(f32(6), f32(8), f32(8), { ...sizes, groups: 3 }))
      .toThrow(/inputChannels to be a multiple of groups=3, got 2/)
  })

  it('refuses an output that shares memory with an operand', () => {
    const pool = f32(20)
    expect(() => convolution(pool.subarray(0, 6), pool.subarray(5, 13), f32(8), sizes)).toThrow(/out to be apart from x/)
    const same = f32(8)
    expect(() => convolutionInputGradient(same, f32(6), same, sizes)).toThrow(/out to be apart from weight/)
  })
})
