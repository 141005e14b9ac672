// Convolutions and pooling as layers: layout of weights, bias, options handed on, errors. The operations are tested
// where they are.
import { expectClose } from '@ostinato/test-utils'
import { checkGradients } from '@ostinato/autograd'
import {
  conv1d, conv2d, convTranspose1d, convTranspose2d, reshape, Rng, tensor, zeros, type Tensor,
} from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'
import {
  AveragePool1d, AveragePool2d, Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d, MaxPool1d, MaxPool2d, type Module,
} from '@ostinato/nn'

const double = { dtype: 'float64' } as const
const rng = new Rng(31)
const options = { rng, ...double }
const normal = (...shape: number[]) => rng.normal(shape, double)

type Double = Tensor<'float64'>
const checkLayer = (layer: Module & { forward(x: Tensor): Tensor }, x: Double) => {
  const parameters = [...layer.parameters()] as Tensor[] as Double[]
  checkGradients(() => layer.forward(x), [x, ...parameters])
}

describe('convolutions', () => {
  test('a moving average, worked out', () => {
    const layer = new Conv1d(1, 2, 2, options)
    layer.weight.assign(tensor([[[0.5, 0.5]], [[1, -1]]], double))
    layer.bias?.assign(tensor([0, 10], double))
    expect(layer.forward(tensor([[[1, 3, 7]]], double)).toArray()).toEqual([[[2, 5], [8, 6]]])
  })

  test('are the operation plus a bias a channel, with every option handed on', () => {
    const slide = { stride: 2, padding: 1, dilation: 2, groups: 2 }
    const back = { ...slide, outputPadding: 1 }
    const [series, image] = [normal(2, 4, 11), normal(2, 4, 9, 7)]
    const expected = (y: Tensor, bias: Tensor | null) => {
      const area = y.size / y.shape[0] / y.shape[1]
      return y.data.map((v, i) => v + (bias?.data[Math.floor(i / area) % y.shape[1]] ?? NaN))
    }
    const a = new Conv1d(4, 6, 3, { ...options, ...slide })
    expect(a.weight.shape).toEqual([6, 2, 3])
    expectClose(a.forward(series).data, expected(conv1d(series, a.weight as Double, slide), a.bias))
    const uneven = { ...slide, stride: [2, 1] } as const
    const b = new Conv2d(4, 6, [3, 2], { ...options, ...uneven })
    expect(b.weight.shape).toEqual([6, 2, 3, 2])
    expectClose(b.forward(image).data, expected(conv2d(image, b.weight as Double, uneven), b.bias))
    const c = new ConvTranspose1d(4, 6, 3, { ...options, ...back })
    expect(c.weight.shape).toEqual([4, 3, 3])
    expectClose(c.forward(series).data, expected(convTranspose1d(series, c.weight as Double, back), c.bias))
    const d = new ConvTranspose2d(4, 6, 3, { ...options, ...back })
    expect(d.weight.shape).toEqual([4, 3, 3, 3])
    expectClose(d.forward(image).data, expected(convTranspose2d(image, d.weight as Double, back), d.bias))
  })

  test('without bias; start as U(-1/sqrt(n), 1/sqrt(n)) with n = shape[1] times the kernel, as PyTorch', () => {
    expect([...new Conv1d(2, 2, 3, { rng, bias: false }).state().keys()]).toEqual(['weight'])
    const spread = ({ data }: Tensor) => Math.max(...Array.from(data, Math.abs))
    const down = new Conv2d(16, 64, 4, options)
    expect(spread(down.weight)).toBeCloseTo(1 / Math.sqrt(16 * 16), 4)
    expect(spread(down.bias ?? zeros([1]))).toBeCloseTo(1 / Math.sqrt(16 * 16), 2)
    expect(spread(new ConvTranspose2d(16, 64, 4, options).weight)).toBeCloseTo(1 / Math.sqrt(64 * 16), 4)
  })

  test('gradients', () => {
    checkLayer(new Conv1d(2, 4, 2, { ...options, groups: 2, padding: 1 }), normal(2, 2, 4))
    checkLayer(new Conv2d(2, 3, 2, { ...options, stride: 2, dilation: 2 }), normal(2, 2, 4, 5))
    checkLayer(new ConvTranspose1d(2, 4, 3, { ...options, groups: 2, stride: 2 }), normal(2, 2, 3))
    checkLayer(new ConvTranspose2d(2, 3, 2, { ...options, stride: 2, outputPadding: 1 }), normal(1, 2, 2, 3))
  })

  test('errors', () => {
    const layer = new Conv1d(8, 4, 3, { rng })
    expect(() => layer.forward(zeros([2, 20, 8]))).toThrow(
      "Conv1d.forward: expected [batch, channels=8, time], got [2, 20, 8]: axis 1 'channels' is 20")
    expect(() => layer.forward(zeros([2, 8, 20], double))).toThrow(/expected float32, got float64/)
    expect(() => new Conv2d(8, 4, 3, { rng }).forward(zeros([2, 8, 20]))).toThrow(
      /Conv2d.forward: expected \[batch, channels=8, height, width\], got \[2, 8, 20\]: 3 axes instead of 4/)
    expect(() => layer.forward(zeros([2, 8, 2]))).toThrow(/conv1d/)
    expect(() => new Conv2d(0, 4, [3, 0], { rng, stride: [1, 0], padding: -1 })).toThrow(
      /Conv2d: 4 faults[^]*inputChannels[^]*got 0[^]*kernelSize[^]*got \[3, 0\][^]*stride[^]*got \[1, 0\][^]*padding[^]*got -1/)
    expect(() => new ConvTranspose2d(4, 6, 3, { rng, groups: 4 })).toThrow(/multiples of groups=4, got 4 and 6/)
  })
})

describe('pooling', () => {
  const series = tensor([[[1, 4, 2, 8, 5]]], double)
  const image = reshape(series, [1, 1, 1, 5])

  test('windows follow each other unless a stride is given', () => {
    expect(new MaxPool1d(2).forward(series).toArray()).toEqual([[[4, 8]]])
    expect(new MaxPool1d(2, { stride: 1 }).forward(series).toArray()).toEqual([[[4, 4, 8, 8]]])
    expect(new AveragePool1d(2, { ceilMode: true }).forward(series).toArray()).toEqual([[[2.5, 5, 5]]])
    expect(new MaxPool2d([1, 2]).forward(image).toArray()).toEqual([[[[4, 8]]]])
    expect(new AveragePool2d([1, 3], { stride: [1, 2] }).forward(image).toArray()).toEqual([[[[7 / 3, 5]]]])
  })

  test('gradients', () => {
    checkLayer(new MaxPool2d(2, { stride: 1, padding: 1 }), normal(2, 2, 3, 4))
    checkLayer(new AveragePool2d(2, { padding: 1, countPadding: false }), normal(2, 2, 3, 4))
    checkLayer(new MaxPool1d(3, { dilation: 2 }), normal(2, 2, 9))
    checkLayer(new AveragePool1d(3), normal(2, 2, 7))
  })

  test('have no parameters', () => {
    expect(new MaxPool2d(2).state().size).toBe(0)
  })

  test('errors', () => {
    expect(() => new MaxPool2d([2, 0], { padding: -1 })).toThrow(/MaxPool2d: 2 faults[^]*size[^]*got \[2, 0\][^]*padding[^]*got -1/)
    expect(() => new AveragePool1d(2).forward(zeros([3, 4]))).toThrow(/averagePool1d: expected x \[batch, channels, time\], got \[3, 4\]/)
  })
})
