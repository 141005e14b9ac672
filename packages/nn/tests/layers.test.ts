// How the feed-forward layers behave: values that can be worked out, training and use, errors.
import { expectClose } from '@ostinato/test-utils'
import { valueAndGrad } from '@ostinato/autograd'
import { mean, ones, Rng, sum, tanh, tensor, withTraining, zeros, type Tensor } from '@ostinato/tensor'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { BatchNorm1d, BatchNorm2d, Dropout, Embedding, LayerNorm, Linear, Sequential, type Layer } from '@ostinato/nn'

const double = { dtype: 'float64' } as const
const ids = (values: number[] | number[][]) => tensor(values, { dtype: 'int32' })
const options = () => ({ rng: new Rng(0), ...double })

describe('Linear', () => {
  test('is x Wᵀ + b on the last axis, whatever is before it', () => {
    const layer = new Linear(2, 3, options())
    layer.weight.assign(tensor([[1, 0], [0, 1], [2, -1]], double))
    layer.bias?.assign(tensor([0, 10, 0], double))
    expect(layer.forward(tensor([3, 4], double)).toArray()).toEqual([3, 14, 2])
    expect(layer.forward(tensor([[[3, 4]], [[0, 1]]], double)).toArray()).toEqual([[[3, 14, 2]], [[0, 11, -1]]])
    expect(layer.forward(zeros([0, 5, 2], double)).shape).toEqual([0, 5, 3])
    expect(new Linear(2, 3, { ...options(), bias: false }).state().size).toBe(1)
  })

  test('errors', () => {
    const layer = new Linear(64, 2, { rng: new Rng(0) })
    expect(() => layer.forward(zeros([32, 50]))).toThrow(
      "Linear.forward: expected [..., features=64], got [32, 50]: axis -1 'features' is 50")
    expect(() => layer.forward(zeros([32, 50], double))).toThrow(
      /2 faults[^]*expected float32, got float64: convert it with cast\(x, 'float32'\)[^]*axis -1/)
    expect(() => layer.forward(zeros([]))).toThrow(/got \[\]: 0 axes instead of at least 1/)
    expect(() => layer.forward(null as unknown as Tensor)).toThrow(/Linear.forward: expected a tensor, got null/)
    expect(() => new Linear(0, 2.5, { rng: new Rng(0) })).toThrow(/2 faults[^]*inputSize to be an integer of 1 or more, got 0[^]*got 2.5/)
  })
})

describe('Embedding', () => {
  test('gives rows; the row of the padding id starts at zero and gets no gradient, whatever its values', () => {
    const table = new Embedding(5, 2, { ...options(), paddingId: 3 })
    expect(Array.from(table.weight.data.subarray(6, 8))).toEqual([0, 0])
    table.weight.update((data) => data.fill(7, 6, 8))
    const { value, grads } = valueAndGrad(table, () => sum(table.forward(ids([[3, 1], [1, 3]]))))
    const [a, b] = table.weight.data.subarray(2, 4)
    expect(value.item()).toBeCloseTo(2 * (a + b) + 28, 12)
    expect(grads.get(table.weight)?.toArray()).toEqual([[0, 0], [2, 2], [0, 0], [0, 0], [0, 0]])
  })

  test('frozen: no gradient until it is unfrozen', () => {
    const table = new Embedding(5, 2, { ...options(), frozen: true })
    const gradients = () => valueAndGrad(table, () => sum(table.forward(ids([1])))).grads
    expect(gradients().size).toBe(0)
    table.unfreeze()
    expect(gradients().size).toBe(1)
  })

  test('fromTable copies', () => {
    const given = tensor([[1, 2], [3, 4]], double)
    const table = Embedding.fromTable(given, { paddingId: 0, frozen: true })
    expect(table.forward(ids([1, 0])).toArray()).toEqual([[3, 4], [0, 0]])
    expect(given.data[0]).toBe(1)
    expect(table.weight.trainable).toBe(false)
    expect(() => Embedding.fromTable(zeros([3]))).toThrow(/Embedding.fromTable: expected \[count, size\], got \[3\]/)
  })

  test('errors', () => {
    const table = new Embedding(5, 2, options())
    expect(() => table.forward(ids([[0, 1], [5, 0]]))).toThrow(
      'Embedding.forward: expected ids from 0 to 4, got 5 (element 2): the table has 5 rows')
    expect(() => table.forward(ids([-1]))).toThrow(/got -1 \(element 0\)/)
    expect(() => table.forward(zeros([2]) as unknown as Tensor<'int32'>)).toThrow(/expected int32, got float32/)
    expect(() => new Embedding(5, 2, { ...options(), paddingId: 5 })).toThrow(/expected paddingId from 0 to 4, got 5/)
  })
})

describe('Dropout', () => {
  test('draws once for the axes that share', () => {
    const dropout = new Dropout(0.5, { rng: new Rng(3), sharedAxes: [1] })
    const y = withTraining(true, () => dropout.forward(ones([6, 4, 5])))
    for (let row = 0; row < 6; row++) {
      for (let f = 0; f < 5; f++) {
        const values = new Set(Array.from({ length: 4 }, (_, t) => y.data[(row * 4 + t) * 5 + f]))
        expect(values.size).toBe(1)
      }
    }
    expect(new Set(y.data)).toEqual(new Set([0, 2]))
    expect(() => withTraining(true, () => dropout.forward(ones([3])))).toThrow(/axis/)
  })

  test('passes x on in use; drops the stated share in training and keeps the mean', () => {
    const dropout = new Dropout(0.3, { rng: new Rng(1) })
    const x = ones([100, 100])
    expect(dropout.forward(x)).toBe(x)
    const y = withTraining(true, () => dropout.forward(x))
    const kept = y.data.filter((v) => v !== 0)
    expect(kept.every((v) => v === Math.fround(1 / 0.7))).toBe(true)
    // Five standard errors of 10,000 draws.
    expect(Math.abs(kept.length / 10000 - 0.7)).toBeLessThan(5 * Math.sqrt(0.21 / 10000))
  })

  test('is active while gradients are recorded, and its gradient has the same zeros', () => {
    const dropout = new Dropout(0.5, { rng: new Rng(1) })
    const x = ones([50], double)
    const { grads, auxiliary } = valueAndGrad(x, () => {
      const y = dropout.forward(x)
      return { value: sum(y), auxiliary: y }
    })
    expect(grads.get(x)?.data).toEqual(auxiliary.data)
    expect(auxiliary.data).toContain(0)
    expect(withTraining(false, () => valueAndGrad(x, () => sum(dropout.forward(x)))).value.item()).toBe(50)
  })

  test('repeats with the state of its generator', () => {
    const rng = new Rng(4)
    const dropout = new Dropout(0.5, { rng })
    const state = rng.state()
    const once = withTraining(true, () => dropout.forward(ones([40])))
    rng.restore(state)
    expect(withTraining(true, () => dropout.forward(ones([40]))).data).toEqual(once.data)
  })

  test('0 and 1 are allowed, nothing outside', () => {
    const x = ones([4])
    expect(withTraining(true, () => new Dropout(0, { rng: new Rng(0) }).forward(x))).toBe(x)
    expect(withTraining(true, () => new Dropout(1, { rng: new Rng(0) }).forward(x)).toArray()).toEqual([0, 0, 0, 0])
    expect(() => new Dropout(1.1, { rng: new Rng(0) })).toThrow('Dropout: expected a probability from 0 to 1, got 1.1')
    expect(() => new Dropout(NaN, { rng: new Rng(0) })).toThrow(/got NaN/)
  })
})

describe('LayerNorm', () => {
  test('normalises over the last axes, one or several', () => {
    const x = new Rng(3).normal([4, 3, 5], { ...double, mean: 7, deviation: 3 })
    const rows = new LayerNorm(5, { ...double, epsilon: 0 }).forward(x)
    expectClose(mean(rows, { axis: -1 }), zeros([4, 3]), { absolute: 1e-12 })
    const planes = new LayerNorm([3, 5], { ...double, epsilon: 0 }).forward(x)
    const first = Array.from(planes.data.subarray(0, 15))
    expect(first.reduce((total, v) => total + v, 0)).toBeCloseTo(0, 10)
    expect(first.reduce((total, v) => total + v * v, 0) / 15).toBeCloseTo(1, 10)
  })

  test('weight and bias apply last; either can be left out', () => {
    const norm = new LayerNorm(2, double)
    norm.weight?.assign(tensor([2, 3], double))
    norm.bias?.assign(tensor([10, 20], double))
    expectClose(norm.forward(tensor([1, 3], double)).data, [8, 23], { relative: 1e-5 })
    expect([...new LayerNorm(2, { bias: false }).state().keys()]).toEqual(['weight'])
    expect([...new LayerNorm(2, { weight: false }).state().keys()]).toEqual([])
    expect([...new LayerNorm(2, { weight: false, bias: true }).state().keys()]).toEqual(['bias'])
  })

  test('errors', () => {
    expect(() => new LayerNorm(6).forward(zeros([3, 5]))).toThrow("LayerNorm.forward: expected [..., features=6], got [3, 5]: axis -1 'features' is 5")
    expect(() => new LayerNorm([2, 3]).forward(zeros([4, 3, 3]))).toThrow(/axis -2 'features0' is 3/)
    expect(() => new LayerNorm([])).toThrow(/expected at least one axis/)
    expect(() => new LayerNorm(3, { epsilon: -1 })).toThrow(/expected epsilon from 0 to Infinity, got -1/)
  })
})

describe('BatchNorm', () => {
  const x = tensor([[1, 10], [3, 30], [5, 80]], double)

  test('trains by the batch and moves the running statistics; uses those otherwise', () => {
    const norm = new BatchNorm1d(2, { ...double, epsilon: 0, momentum: 0.25 })
    const y = withTraining(true, () => norm.forward(x))
    const deviation = Math.sqrt(8 / 3)
    const close = { relative: 1e-12, absolute: 1e-12 }
    expectClose([y.data[0], y.data[2], y.data[4]], [-2 / deviation, 0, 2 / deviation], close)
    // Means 3 and 40, variances over n - 1: 4 and 1300.
    expectClose(norm.runningMean.data, [0.75, 10], { relative: 1e-12 })
    expectClose(norm.runningVariance.data, [0.75 + 1, 0.75 + 325], { relative: 1e-12 })
    const before = norm.runningMean.version
    expectClose(norm.forward(tensor([[0.75, 10]], double)).data, [0, 0], { absolute: 1e-12 })
    expect(norm.runningMean.version).toBe(before)
  })

  test('takes its statistics over time, height and width too, by channel', () => {
    const steps = new Rng(2).normal([3, 2, 4], double)
    const y = withTraining(true, () => new BatchNorm1d(2, double).forward(steps))
    expectClose(mean(y, { axis: [0, 2] }), zeros([2]), { absolute: 1e-12 })
    const image = new Rng(2).normal([3, 2, 2, 2], double)
    const z = withTraining(true, () => new BatchNorm2d(2, double).forward(image))
    expectClose(z.data, y.data, { absolute: 1e-12 })
  })

  test('reads the same from its running statistics whether gradients are recorded or not', () => {
    const norm = new BatchNorm2d(3, double)
    const images = new Rng(3).normal([2, 3, 2, 4], double)
    for (const part of [norm.weight, norm.bias, norm.runningMean, norm.runningVariance]) {
      part?.update((data) => { data.set([0.5, 2, 3]) })
    }
    const read = () => withTraining(false, () => norm.forward(images))
    const recorded: Tensor[] = []
    valueAndGrad(norm, () => {
      recorded.push(read())
      return sum(recorded[0])
    })
    expectClose(read().data, recorded[0].data, { relative: 1e-12, absolute: 1e-12 })
    expect(norm.forward(zeros([0, 3, 2, 4], double)).shape).toEqual([0, 3, 2, 4])
  })

  test('is active while gradients are recorded; running statistics get no gradient', () => {
    const norm = new BatchNorm1d(2, double)
    const { grads } = valueAndGrad(norm, () => sum(norm.forward(x)))
    expect([...grads.keys()]).toEqual([norm.weight, norm.bias])
    expect(norm.runningMean.version).toBe(1)
    expect([...norm.state().keys()]).toEqual(['weight', 'bias', 'runningMean', 'runningVariance'])
    expect(new BatchNorm1d(2, { affine: false }).state().size).toBe(2)
  })

  test('errors', () => {
    const norm = new BatchNorm1d(3)
    expect(() => norm.forward(zeros([2, 4]))).toThrow("BatchNorm1d.forward: expected [batch, channels=3], got [2, 4]: axis 1 'channels' is 4")
    expect(() => norm.forward(zeros([3]))).toThrow(/expected \[batch, channels=3, time\], got \[3\]: 1 axis instead of 3/)
    expect(() => new BatchNorm2d(3).forward(zeros([2, 3, 4]))).toThrow(/BatchNorm2d.forward: expected \[batch, channels=3, height, width\]/)
    expect(() => withTraining(true, () => norm.forward(zeros([1, 3])))).toThrow(/expected at least 2 values a channel in training, got 1/)
    expect(norm.forward(zeros([1, 3])).shape).toEqual([1, 3])
    expect(() => new BatchNorm1d(3, { momentum: 2, epsilon: NaN })).toThrow(/BatchNorm1d: 2 faults/)
  })
})

describe('Sequential', () => {
  test('runs layers and functions in order', () => {
    const rng = new Rng(0)
    const first = new Linear(2, 3, { rng })
    const last = new Linear(3, 1, { rng })
    const model = new Sequential(first, tanh, last)
    const x = tensor([[1, 2]])
    expect(model.forward(x).item()).toBe(last.forward(tanh(first.forward(x))).item())
    expect([...model.state().keys()]).toEqual(['layers.0.weight', 'layers.0.bias', 'layers.2.weight', 'layers.2.bias'])
  })

  test('takes the type of its first layer', () => {
    const model = new Sequential(new Embedding(3, 2, { rng: new Rng(0) }), tanh)
    expectTypeOf(model.forward).parameter(0).toEqualTypeOf<Tensor<'int32'>>()
    expectTypeOf<Linear>().toExtend<Layer>()
    expect(model.forward(ids([2, 1])).shape).toEqual([2, 2])
  })

  test('errors', () => {
    expect(() => new Sequential(tanh, 3 as unknown as typeof tanh)).toThrow(
      'Sequential: expected a function or a module with forward(x), got number at 1')
    const pair = (() => ({ output: zeros([1]) })) as unknown as typeof tanh
    expect(() => new Sequential(pair).forward(zeros([1]))).toThrow(/expected every layer to give a tensor, got object/)
  })
})
