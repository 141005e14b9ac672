// Values, errors and types of convolution, against its definition. Gradients are tested in autograd.
import fc from 'fast-check'
import { expectClose } from '@ostinato/test-utils'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  conv1d,
  conv2d,
  convolution,
  convTranspose1d,
  convTranspose2d,
  multiply,
  Rng,
  ShapeError,
  slice,
  sum,
  tensor,
  zeros,
  type ConvolutionOptions,
  type Tensor,
  type TransposedConvolutionOptions,
} from '@ostinato/tensor'
import { at, indicesOf } from './places.ts'

type Pair = readonly [number, number]

interface Problem {
  readonly batch: number
  /** Channels in and out of one group. */
  readonly channels: Pair
  readonly groups: number
  readonly input: Pair
  readonly kernel: Pair
  readonly stride: Pair
  readonly padding: Pair
  readonly dilation: Pair
  readonly seed: number
}

const pair = (least: number, most: number): fc.Arbitrary<Pair> => {
  const one = fc.integer({ min: least, max: most })
  return fc.tuple(one, one)
}

/** Problems in which the window fits. */
const problems: fc.Arbitrary<Problem> = fc
  .record({
    batch: fc.integer({ min: 0, max: 3 }),
    channels: pair(1, 3),
    groups: fc.integer({ min: 1, max: 3 }),
    input: pair(1, 9),
    kernel: pair(1, 4),
    stride: pair(1, 3),
    padding: pair(0, 3),
    dilation: pair(1, 3),
    seed: fc.integer(),
  })
  .filter(({ input, kernel, padding, dilation }) =>
    [0, 1].every((axis) => input[axis] + 2 * padding[axis] > dilation[axis] * (kernel[axis] - 1)),
  )

const optionsOf = ({ stride, padding, dilation, groups }: Problem) => ({ stride, padding, dilation, groups })

const operandsOf = ({ batch, channels: [into, out], groups, input, kernel, seed }: Problem) => {
  const rng = new Rng(seed)
  return {
    x: rng.normal([batch, into * groups, ...input], { dtype: 'float64' }),
    weight: rng.normal([out * groups, into, ...kernel], { dtype: 'float64' }),
  }
}

/** The rows and columns at the end of the input that no window reaches: what `outputPadding` gives back. */
const lostOf = ({ input, kernel, stride, padding, dilation }: Problem): Pair => {
  const along = (axis: 0 | 1) =>
    (input[axis] + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1) % stride[axis]
  return [along(0), along(1)]
}

/** The definition: for every output, the sum over channels and the window of what lies within the input. */
const naive = (x: Tensor, weight: Tensor, { stride, padding, dilation, groups, channels: [into, out] }: Problem) => {
  const size = (axis: 0 | 1) =>
    Math.floor(
      (x.shape[axis + 2] + 2 * padding[axis] - dilation[axis] * (weight.shape[axis + 2] - 1) - 1) / stride[axis],
    ) + 1
  const shape = [x.shape[0], weight.shape[0], size(0), size(1)]
  const values = Array.from(indicesOf(shape), ([n, o, p, q]) => {
    const first = Math.floor(o / out) * into
    let total = 0
    for (const [c, i, j] of indicesOf(weight.shape.slice(1))) {
      const [row, column] = [p * stride[0] - padding[0] + i * dilation[0], q * stride[1] - padding[1] + j * dilation[1]]
      if (row < 0 || row >= x.shape[2] || column < 0 || column >= x.shape[3]) continue
      total += at(x, [n, first + c, row, column]) * at(weight, [o, c, i, j])
    }
    return total
  })
  expect(groups * out).toBe(weight.shape[0])
  return tensor(Float64Array.from(values), { shape })
}

describe('conv2d', () => {
  it('is what its definition says', () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { x, weight } = operandsOf(problem)
        expectClose(conv2d(x, weight, optionsOf(problem)), naive(x, weight, problem), {
          relative: 1e-12,
          absolute: 1e-12,
        })
      }),
    )
  })

  it('is what its definition says where input and output are of one size', () => {
    const same = problems.map((problem): Problem => {
      const kernel: Pair = [2 * problem.kernel[0] - 1, 2 * problem.kernel[1] - 1]
      const half = (axis: 0 | 1) => (problem.dilation[axis] * (kernel[axis] - 1)) / 2
      return { ...problem, kernel, stride: [1, 1], padding: [half(0), half(1)] }
    })
    fc.assert(
      fc.property(same, (problem) => {
        const { x, weight } = operandsOf(problem)
        const y = conv2d(x, weight, optionsOf(problem))
        expectClose(y, naive(x, weight, problem), { relative: 1e-12, absolute: 1e-12 })
        expect(y.shape.slice(2)).toEqual(problem.input)
      }),
    )
  })

  it('is right in float32 where it goes through several blocks', () => {
    const problem: Problem = {
      batch: 4,
      channels: [8, 3],
      groups: 2,
      input: [20, 17],
      kernel: [3, 5],
      stride: [1, 2],
      padding: [1, 2],
      dilation: [1, 1],
      seed: 3,
    }
    const { x, weight } = operandsOf(problem)
    const single = (t: Tensor) => tensor(Float32Array.from(t.data), { shape: t.shape, dtype: 'float32' })
    const y = conv2d(single(x), single(weight), optionsOf(problem))
    expectTypeOf(y).toEqualTypeOf<Tensor<'float32'>>()
    expectClose(y, naive(x, weight, problem), { relative: 1e-4, absolute: 1e-4 })
  })

  it('gives the same twice, whatever ran in between', () => {
    const rng = new Rng(0)
    const [x, weight] = [rng.normal([2, 3, 8, 8]), rng.normal([4, 3, 3, 3])]
    const first = conv2d(x, weight, { padding: 1 })
    const copy = Float32Array.from(first.data)
    conv2d(rng.normal([4, 8, 20, 20]), rng.normal([8, 8, 5, 5]))
    expect(first.data).toEqual(copy)
    expect(conv2d(x, weight, { padding: 1 })).toEqual(first)
  })

  it('takes one number for both axes', () => {
    const problem: Problem = {
      batch: 1,
      channels: [2, 2],
      groups: 1,
      input: [9, 8],
      kernel: [2, 3],
      stride: [2, 2],
      padding: [1, 1],
      dilation: [2, 2],
      seed: 1,
    }
    const { x, weight } = operandsOf(problem)
    expect(conv2d(x, weight, { stride: 2, padding: 1, dilation: 2 })).toEqual(conv2d(x, weight, optionsOf(problem)))
  })

  it('reports all that is wrong at once', () => {
    const faults = (run: () => unknown) => {
      try {
        run()
      } catch (error) {
        if (error instanceof ShapeError) return error.faults
      }
      throw new Error('expected a ShapeError')
    }
    const [x, weight] = [zeros([2, 3, 8, 8]), zeros([5, 2, 3, 3])]
    expect(faults(() => conv2d(x, weight, { groups: 2, stride: 0, padding: [1, -1], dilation: 1.5 }))).toEqual([
      'expected stride of 1 or more, a whole number or [height, width], got 0',
      'expected padding of 0 or more, a whole number or [height, width], got [1, -1]',
      'expected dilation of 1 or more, a whole number or [height, width], got 1.5',
      "expected channels=4 for a weight [5, 2, 3, 3] in 2 groups, got [2, 3, 8, 8]: axis 1 'channels' is 3",
      'expected a weight with a multiple of groups=2 output channels, got [5, 2, 3, 3]: axis 0 is 5',
    ])
    expect(faults(() => conv2d(zeros([3, 8, 8]), zeros([1, 3])))).toEqual([
      'expected x [batch, channels, height, width], got [3, 8, 8]',
      'expected weight [channels out, channels in / groups, height, width], got [1, 3]',
    ])
    expect(faults(() => conv2d(zeros([1, 1, 4, 2]), zeros([1, 1, 3, 3]), { padding: [0, 1], dilation: 2 }))).toEqual([
      'expected an input that the window fits into, got height 4: the window spans 5',
      'expected an input that the window fits into, got width 2 with padding 1 at both ends: the window spans 5',
    ])
    const mixed: Tensor = zeros([1, 1, 1, 1], { dtype: 'float64' })
    expect(faults(() => conv2d<'float32' | 'float64'>(zeros([1, 1, 2, 2]), mixed))).toEqual([
      'expected operands of one type, got float32 and a weight of float64: convert one with cast()',
    ])
    expect(() => conv2d(zeros([1, 0, 2, 2]), zeros([1, 0, 1, 1]), { groups: 0 })).toThrow(
      'conv2d: expected groups of 1 or more, got 0',
    )
  })

  it('gives zeros where there are no channels to sum over', () => {
    expect(conv2d(zeros([1, 0, 2, 2]), zeros([3, 0, 1, 1]))).toEqual(zeros([1, 3, 2, 2]))
  })
})

describe('convTranspose2d', () => {
  const transposed = fc.tuple(problems, pair(0, 2))

  it('is the adjoint of conv2d: <conv(x), y> = <x, convTranspose(y)>', () => {
    fc.assert(
      fc.property(transposed, ([problem, extra]) => {
        const { x, weight } = operandsOf(problem)
        const options = optionsOf(problem)
        const shape = conv2d(x, weight, options).shape
        const y = new Rng(problem.seed + 1).normal(shape, { dtype: 'float64' })
        const lost = lostOf(problem)
        const back = convTranspose2d(y, weight, { ...options, outputPadding: lost })
        expect(back.shape).toEqual(x.shape)
        const left = sum(multiply(conv2d(x, weight, options), y)).item()
        expect(sum(multiply(x, back)).item()).toBeCloseTo(left, 9)
        // More of it only adds rows and columns at the end, which no output of the convolution saw.
        const allowed = extra.every(
          (n, axis) => lost[axis] + n < Math.max(problem.stride[axis], problem.dilation[axis]),
        )
        if (!allowed) return
        const larger = convTranspose2d(y, weight, {
          ...options,
          outputPadding: [lost[0] + extra[0], lost[1] + extra[1]],
        })
        expectClose(slice(larger, [undefined, undefined, [0, x.shape[2]], [0, x.shape[3]]]), back, { relative: 1e-12 })
      }),
    )
  })

  it('names what is wrong', () => {
    const [x, weight] = [zeros([1, 4, 3, 3]), zeros([4, 2, 3, 3])]
    const options: TransposedConvolutionOptions = { stride: 2, outputPadding: [1, 2] }
    expect(() => convTranspose2d(x, weight, options)).toThrow(
      'convTranspose2d: expected an outputPadding below the stride or the dilation, got [1, 2] with stride [2, 2] and dilation [1, 1]',
    )
    expect(() => convTranspose2d(zeros([1, 2, 3, 3]), weight)).toThrow(
      "convTranspose2d: expected channels=4 for a weight [4, 2, 3, 3], got [1, 2, 3, 3]: axis 1 'channels' is 2",
    )
    expect(() => convTranspose2d(x, weight, { groups: 3 })).toThrow(
      'expected a multiple of groups=3 input channels, got [4, 2, 3, 3]: axis 0 is 4',
    )
    expect(() => convTranspose2d(zeros([1, 4, 1, 3]), weight, { padding: 2 })).toThrow(
      'convTranspose2d: expected an output of 1 or more along axis 2, got -1: padding 2 takes all of it away',
    )
  })
})

describe('in one dimension', () => {
  it('conv1d and convTranspose1d are those of two with a height of 1', () => {
    const flatProblems = problems.map(
      (problem): Problem => ({
        ...problem,
        input: [1, problem.input[1]],
        kernel: [1, problem.kernel[1]],
        stride: [1, problem.stride[1]],
        padding: [0, problem.padding[1]],
      }),
    )
    fc.assert(
      fc.property(flatProblems, (problem) => {
        const { x, weight } = operandsOf(problem)
        const line = (t: Tensor<'float64'>) => tensor(t.data, { shape: t.shape.toSpliced(2, 1) })
        const options: ConvolutionOptions<number> = {
          stride: problem.stride[1],
          padding: problem.padding[1],
          dilation: problem.dilation[1],
          groups: problem.groups,
        }
        const y = conv2d(x, weight, optionsOf(problem))
        expect(conv1d(line(x), line(weight), options)).toEqual(line(y))
        const { groups, stride, padding, dilation } = problem
        const [, lost] = lostOf(problem)
        const back = convTranspose2d(y, weight, { groups, stride, padding, dilation, outputPadding: [0, lost] })
        expect(convTranspose1d(line(y), line(weight), { ...options, outputPadding: lost })).toEqual(line(back))
      }),
    )
  })

  it('pads the output of convTranspose1d', () => {
    const y = convTranspose1d(tensor([[[1, 2]]]), tensor([[[1, 10]]]), { stride: 3, outputPadding: 2 })
    expect(y.toArray()).toEqual([[[1, 10, 0, 2, 20, 0, 0]]])
  })

  it('names what is wrong', () => {
    expect(() => conv1d(zeros([2, 3]), zeros([2, 3, 1]))).toThrow(
      'conv1d: expected x [batch, channels, time], got [2, 3]',
    )
    // @ts-expect-error: one number in one dimension
    expect(() => conv1d(zeros([1, 1, 3]), zeros([1, 1, 1]), { stride: [1, 2] })).toThrow('conv1d: expected stride')
  })
})

it('the primitive checks its operands against the geometry', () => {
  const one = [1, 1] as const
  const geometry = {
    input: [3, 3],
    kernel: [2, 2],
    output: [2, 2],
    stride: one,
    padding: [0, 0],
    dilation: one,
    groups: 1,
  } as const
  expect(convolution(zeros([1, 1, 3, 3]), zeros([1, 1, 2, 2]), geometry).shape).toEqual([1, 1, 2, 2])
  expect(() => convolution(zeros([1, 1, 3, 4]), zeros([1, 1, 2, 2]), geometry)).toThrow(
    'convolution: expected [1, 1, 3, 3] by the geometry, got [1, 1, 3, 4]',
  )
})
