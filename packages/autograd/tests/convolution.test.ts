// Convolution and pooling against PyTorch's values, and their gradients of first and second order by central
// differences.
import { describeFixtures, expectClose, tensorOf, type Fixture } from '@ostinato/test-utils'
import { describe, expect, it } from 'vitest'
import {
  add,
  averagePool1d,
  averagePool2d,
  conv1d,
  conv2d,
  convolutionWeightGradient,
  convTranspose1d,
  convTranspose2d,
  maxPool1d,
  maxPool2d,
  multiply,
  reshape,
  Rng,
  sum,
  tensor,
  withRecorder,
  type Tensor,
  type TransposedConvolutionOptions,
} from '@ostinato/tensor'
import { convolutions } from '../src/derivatives/convolution.ts'
import { checkGradients, grad, valueAndGrad } from '@ostinato/autograd'

const rng = new Rng(1)
const random = (...shape: number[]) => rng.normal(shape, { dtype: 'float64' })

/** PyTorch's names for what slides, in ours. */
const optionsOf = ({
  config,
}: Fixture): TransposedConvolutionOptions & { size: number; ceilMode: boolean; countPadding: boolean } => ({
  stride: (config.stride ?? (config.out_channels === undefined ? config.kernel_size : 1)) as number,
  padding: (config.padding ?? 0) as number,
  dilation: (config.dilation ?? 1) as number,
  groups: (config.groups ?? 1) as number,
  outputPadding: (config.output_padding ?? 0) as number,
  size: config.kernel_size as number,
  ceilMode: (config.ceil_mode ?? false) as boolean,
  countPadding: (config.count_include_pad ?? true) as boolean,
})

const layers: Record<string, (fixture: Fixture, x: Tensor, weight: Tensor) => Tensor> = {
  Conv1d: (fixture, x, weight) => {
    const { stride, padding, dilation, groups } = optionsOf(fixture) as TransposedConvolutionOptions<number>
    return conv1d(x, weight, {
      stride: stride ?? 1,
      padding: padding ?? 0,
      dilation: dilation ?? 1,
      groups: groups ?? 1,
    })
  },
  Conv2d: (fixture, x, weight) => conv2d(x, weight, optionsOf(fixture)),
  ConvTranspose2d: (fixture, x, weight) => convTranspose2d(x, weight, optionsOf(fixture)),
  MaxPool2d: (fixture, x) => maxPool2d(x, optionsOf(fixture)),
  AvgPool2d: (fixture, x) => averagePool2d(x, optionsOf(fixture)),
}

describeFixtures(
  'PyTorch',
  ({ kind }) => kind in layers,
  (fixture) => {
    for (const [dtype, tolerance] of [
      ['float64', { relative: 1e-9, absolute: 1e-12 }],
      ['float32', { relative: 1e-4, absolute: 1e-5 }],
    ] as const) {
      const read = ({ data, shape }: { data: readonly number[]; shape: readonly number[] }): Tensor =>
        tensor(data, { shape, dtype })
      const x = read(tensorOf(fixture.inputs, 'x0'))
      const params = Object.entries(fixture.params).map(([name, value]) => [name, read(value)] as const)
      const named = new Map<string, Tensor>([['x0', x], ...params])
      const weight = named.get('weight') ?? x
      const bias = named.get('bias')
      const { value, auxiliary, grads } = valueAndGrad(named.values(), () => {
        const y = layers[fixture.kind](fixture, x, weight)
        const biased = bias ? add(y, reshape(bias, [bias.size, ...new Array<number>(y.rank - 2).fill(1)])) : y
        return { value: sum(multiply(biased, read(tensorOf(fixture.inputs, 'gy')))), auxiliary: biased }
      })
      expect(value.dtype).toBe(dtype)
      expectClose(auxiliary, tensorOf(fixture.expected, 'y'), tolerance)
      for (const [name, expected] of Object.entries(fixture.grads)) {
        const gradient = grads.get(named.get(name) ?? x)
        if (!gradient) throw new Error(`no gradient of ${name}`)
        expectClose(gradient, expected, tolerance)
      }
    }
  },
)

/**
 * Checks `f` and its third power: then what flows back through `f` depends on the inputs, and so does what is checked.
 */
const check = (f: (...inputs: Tensor<'float64'>[]) => Tensor, inputs: Tensor<'float64'>[]) => {
  const cube = (...xs: Tensor<'float64'>[]) => {
    const y = f(...xs)
    return multiply(y, multiply(y, y))
  }
  checkGradients(f, inputs)
  checkGradients(cube, inputs, { secondOrder: true, relative: 1e-5, absolute: 1e-6 })
}

describe('gradients', () => {
  const cases: Record<string, [(...inputs: Tensor<'float64'>[]) => Tensor, Tensor<'float64'>[]]> = {
    conv2d: [(x, w) => conv2d(x, w), [random(2, 2, 4, 3), random(3, 2, 2, 2)]],
    'conv2d with everything': [
      (x, w) => conv2d(x, w, { stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2 }),
      [random(2, 4, 5, 4), random(2, 2, 2, 3)],
    ],
    'conv2d of a single place': [(x, w) => conv2d(x, w), [random(1, 3, 2, 2), random(2, 3, 1, 1)]],
    conv1d: [(x, w) => conv1d(x, w, { stride: 2, padding: 2, dilation: 2 }), [random(2, 2, 6), random(2, 2, 3)]],
    convTranspose2d: [
      (x, w) => convTranspose2d(x, w, { stride: [2, 3], padding: [1, 0], outputPadding: [1, 2], groups: 2 }),
      [random(1, 2, 3, 2), random(2, 2, 3, 2)],
    ],
    'convTranspose2d with more output than its stride covers': [
      (x, w) => convTranspose2d(x, w, { dilation: 3, outputPadding: 2 }),
      [random(1, 1, 2, 2), random(1, 1, 2, 2)],
    ],
    convTranspose1d: [(x, w) => convTranspose1d(x, w, { stride: 2, padding: 1 }), [random(2, 2, 3), random(2, 1, 4)]],
    'the weight gradient itself': [
      (x, y) =>
        convolutionWeightGradient(x, y, {
          input: [4, 3],
          kernel: [2, 2],
          output: [2, 2],
          stride: [2, 1],
          padding: [0, 0],
          dilation: [1, 1],
          groups: 1,
        }),
      [random(2, 1, 4, 3), random(2, 2, 2, 2)],
    ],
    maxPool2d: [(x) => maxPool2d(x, { size: 3, stride: 2, padding: 1 }), [random(2, 2, 5, 4)]],
    'maxPool2d, windows cut off': [
      (x) => maxPool2d(x, { size: 2, dilation: 2, stride: 2, ceilMode: true }),
      [random(1, 1, 6, 4)],
    ],
    maxPool1d: [(x) => maxPool1d(x, { size: 2 }), [random(2, 1, 5)]],
    averagePool2d: [(x) => averagePool2d(x, { size: [2, 3], stride: [1, 2], padding: 1 }), [random(1, 2, 4, 5)]],
    'averagePool2d without the padding': [
      (x) => averagePool2d(x, { size: 3, stride: 2, padding: 1, ceilMode: true, countPadding: false }),
      [random(1, 1, 4, 5)],
    ],
    averagePool1d: [(x) => averagePool1d(x, { size: 2, stride: 1 }), [random(1, 2, 4)]],
  }
  it.each(Object.entries(cases))('%s', (_, [f, inputs]) => {
    check(f, inputs)
  })

  it('leave out no derivative of these families', () => {
    const heard = new Set<string>()
    const record = ({ name }: { name: string }) => {
      heard.add(name)
    }
    withRecorder({ record, tracks: () => true }, () => {
      for (const [f, inputs] of Object.values(cases))
        grad((x: Tensor) => sum(f(x as Tensor<'float64'>, ...inputs.slice(1))))(inputs[0])
    })
    expect(Object.keys(convolutions).filter((name) => !heard.has(name))).toEqual([])
  })
})

it('of equal values under a max-pooling window the first takes the gradient', () => {
  const x = tensor([[[1, 3, 3, 3]]])
  const gradient = grad((input: Tensor) => sum(maxPool1d(input, { size: 4 })))(x)
  expect([...gradient.data]).toEqual([0, 1, 0, 0])
})
