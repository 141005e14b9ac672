// Layers made of layers: both directions, stacks, the factories, and their types.
import { valueAndGrad } from '@ostinato/autograd'
import {
  Bidirectional,
  ElmanCell,
  elman,
  GruCell,
  gru,
  lastStep,
  lstm,
  LstmCell,
  maxOverTime,
  meanOverTime,
  reverseSequence,
  Rnn,
  Stacked,
  type BidirectionalState,
  type GruState,
  type LstmState,
} from '@ostinato/rnn'
import { add, concat, divide, multiply, Rng, slice, sum, tensor, withTraining, type Tensor } from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'

const exact = { relative: 0, absolute: 0 }

describe('Bidirectional', () => {
  const rng = new Rng(1)
  const [forward, backward] = [
    new Rnn(new GruCell(2, 3, { rng })),
    new Rnn(new GruCell(2, 3, { rng }), { reverse: true }),
  ]
  const x = rng.normal([2, 4, 2])
  const lengths = [4, 2]

  test('the second direction equals a forward layer over the sequence turned round', () => {
    const { output } = new Bidirectional(forward, backward).forward(x, { lengths })
    const plain = new Rnn(backward.cell).forward(reverseSequence(x, { lengths }), { lengths })
    expectClose(slice(output, [undefined, undefined, [3, 6]]), reverseSequence(plain.output, { lengths }), {
      absolute: 1e-6,
    })
  })

  test.each([
    ['sum', (a: Tensor, b: Tensor) => add(a, b)],
    ['mean', (a: Tensor, b: Tensor) => divide(add(a, b), 2)],
    ['product', (a: Tensor, b: Tensor) => multiply(a, b)],
    ['concat', (a: Tensor, b: Tensor) => concat([a, b], { axis: 2 })],
  ] as const)('merges by %s', (merge, expected) => {
    const layer = new Bidirectional(forward, backward, { merge })
    const { output, state } = layer.forward(x, { lengths })
    expectClose(
      output,
      expected(forward.forward(x, { lengths }).output, backward.forward(x, { lengths }).output),
      exact,
    )
    expect(output.shape[2]).toBe(layer.outputSize)
    expect(Object.keys(state)).toEqual(['forward', 'backward'])
  })

  test('refuses one layer twice and sizes that do not merge', () => {
    expect(() => new Bidirectional(forward, forward)).toThrow(/each direction needs its own parameters/)
    const wide = new Rnn(new GruCell(2, 5, { rng }), { reverse: true })
    expect(() => new Bidirectional(forward, wide, { merge: 'sum' })).toThrow(
      /one output size to merge by sum, got 3 and 5/,
    )
    expect(new Bidirectional(forward, wide).outputSize).toBe(8)
  })
})

describe('Stacked', () => {
  test('feeds each layer with the output of the one below, from its own initial state', () => {
    const rng = new Rng(2)
    const layers = [new Rnn(new LstmCell(2, 3, { rng })), new Rnn(new LstmCell(3, 4, { rng }))]
    const x = rng.normal([2, 5, 2])
    const first = layers[0].forward(x, { lengths: [5, 3] })
    const second = layers[1].forward(first.output, { lengths: [5, 3] })
    const { output, state } = new Stacked(layers).forward(x, { lengths: [5, 3] })
    expectClose(output, second.output, exact)
    expectClose(state[0].cell, first.state.cell, exact)
    const again = new Stacked(layers).forward(x, { initialState: state })
    expect(again.output.data).not.toEqual(output.data)
  })

  test('drops between layers in training only, never after the last', () => {
    const rng = new Rng(3)
    const stack = gru(4, 8, { layers: 2, dropout: 0.5, rng })
    const x = rng.normal([3, 6, 4])
    const plain = stack.forward(x).output
    expectClose(stack.forward(x).output, plain, exact)
    const trained = withTraining(true, () => stack.forward(x).output)
    expect(trained.data).not.toEqual(plain.data)
    expect(trained.data.some((value) => value === 0)).toBe(false)
  })

  test('adds the input of each layer above the first where it is residual', () => {
    const rng = new Rng(14)
    const layers = [2, 3, 3].map((size) => new Rnn(new GruCell(size, 3, { rng })))
    const x = rng.normal([2, 5, 2])
    const lengths = [5, 3]
    const { output } = new Stacked(layers, { residual: true }).forward(x, { lengths })
    const first = layers[0].forward(x, { lengths }).output
    const second = add(layers[1].forward(first, { lengths }).output, first)
    const third = add(layers[2].forward(second, { lengths }).output, second)
    expectClose(output, third, exact)
    expect(slice(output, [1, [3, 5]]).data.every((value) => value === 0)).toBe(true)
  })

  test('adds what dropout took from a residual layer all the same', () => {
    const rng = new Rng(15)
    const layers = [new Rnn(new GruCell(2, 3, { rng })), new Rnn(new GruCell(3, 3, { rng }))]
    const x = rng.normal([2, 5, 2])
    const stack = new Stacked(layers, { residual: true, dropout: 1, rng })
    const { output } = withTraining(true, () => stack.forward(x))
    const first = layers[0].forward(x).output
    expectClose(output, add(layers[1].forward(multiply(first, 0)).output, first), exact)
  })

  test('lists what does not fit', () => {
    const rng = new Rng(4)
    const widths = [new Rnn(new GruCell(2, 3, { rng })), new Rnn(new GruCell(3, 4, { rng }))]
    expect(() => new Stacked(widths, { residual: true })).toThrow(
      /layer 1 to put out the 3 features that it takes, which residual adds, got 4/,
    )
    const layers = [new Rnn(new GruCell(2, 3, { rng })), new Rnn(new GruCell(4, 3, { rng }))]
    expect(() => new Stacked(layers, { dropout: 0.5 })).toThrow(
      /2 faults[^]*3 features of layer 0, got inputSize 4[^]*rng/,
    )
    expect(() => new Stacked([])).toThrow(/at least one layer/)
  })
})

describe('factories', () => {
  const rng = new Rng(5)
  const x = rng.normal([2, 3, 4])

  test('give the layers that the options say', () => {
    expect(gru(4, 5, { rng }).forward(x).output.shape).toEqual([2, 3, 5])
    expect(lstm(4, 5, { rng, layers: 3, bidirectional: true }).forward(x).output.shape).toEqual([2, 3, 10])
    expect(lstm(4, 5, { rng, projectionSize: 2 }).forward(x).state.hidden.shape).toEqual([2, 2])
    expect(elman(4, 5, { rng, bidirectional: true, merge: 'sum' }).forward(x).output.shape).toEqual([2, 3, 5])
    expect([...lstm(4, 5, { rng, layers: 2 }).state().keys()]).toContain('layers.1.cell.weightHh')
  })

  test('have types that follow the options', () => {
    expectTypeOf(gru(4, 5, { rng }).forward(x).state).toEqualTypeOf<GruState>()
    expectTypeOf(lstm(4, 5, { rng, bidirectional: true }).forward(x).state).toEqualTypeOf<
      BidirectionalState<LstmState>
    >()
    expectTypeOf(lstm(4, 5, { rng, layers: 2 }).forward(x).state).toEqualTypeOf<readonly LstmState[]>()
    expectTypeOf(gru(4, 5, { rng, layers: 2, bidirectional: true }).forward(x).state).toEqualTypeOf<
      readonly BidirectionalState<GruState>[]
    >()
    // @ts-expect-error a GRU has no nonlinearity to choose
    expectTypeOf(gru(4, 5, { rng, nonlinearity: 'relu' })).not.toBeAny()
  })

  test('the forget gate starts open', () => {
    const { biasIh } = new LstmCell(2, 3, { rng })
    expect(biasIh?.data).toEqual(Float32Array.of(0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0))
  })

  test('pass on the options of cells and stacks', () => {
    const deep = lstm(4, 5, { rng, layers: 3, bidirectional: true, residual: true, peepholes: true })
    expect(deep.residual).toBe(true)
    expect(deep.forward(x).output.shape).toEqual([2, 3, 10])
    expect([...deep.state().keys()]).toContain('layers.2.backwardLayer.cell.peepholes')
    expect(lstm(4, 5, { rng, coupled: true, cellClip: 3 }).state().get('cell.weightIh')?.shape).toEqual([15, 4])
    const before = gru(4, 5, { rng: new Rng(1), reset: 'before' }).forward(x)
    expect(before.output.data).not.toEqual(gru(4, 5, { rng: new Rng(1) }).forward(x).output.data)
    expect(elman(2, 2, { rng, recurrent: 'identity' }).state().get('cell.weightHh')?.data).toEqual(
      Float32Array.of(1, 0, 0, 1),
    )
    // @ts-expect-error a GRU has no peepholes
    expectTypeOf(gru(4, 5, { rng, peepholes: true })).not.toBeAny()
  })

  test('refuse impossible options', () => {
    expect(() => gru(4, 5, { rng, residual: true })).toThrow(/gru: expected layers with residual, got none/)
    expect(() => gru(4, 5, { rng, dropout: 0.5 })).toThrow(/gru: expected layers with dropout, got none/)
    expect(() => gru(4, 5, { rng, layers: 0 })).toThrow('gru: expected layers to be an integer of 1 or more, got 0')
    expect(() => lstm(4, 5, { rng, reverse: true, bidirectional: true })).toThrow(/reverse or bidirectional/)
  })
})

describe('pooling over time', () => {
  const sequences = fc.record({
    seed: fc.integer(),
    batch: fc.integer({ min: 1, max: 4 }),
    time: fc.integer({ min: 1, max: 5 }),
    features: fc.integer({ min: 1, max: 3 }),
  })

  test('equals the plain definition for every row and feature, zero for an empty row', () => {
    fc.assert(
      fc.property(sequences, ({ seed, batch, time, features }) => {
        const rng = new Rng(seed)
        const x = rng.normal([batch, time, features], { dtype: 'float64' })
        const lengths = Array.from({ length: batch }, () => rng.integer(0, time + 1))
        const [last, mean, largest] = [lastStep, meanOverTime, maxOverTime].map((pool) => pool(x, { lengths }))
        for (let row = 0; row < batch; row++) {
          for (let f = 0; f < features; f++) {
            const values = Array.from({ length: lengths[row] }, (_, t) => x.data[(row * time + t) * features + f])
            const at = row * features + f
            expect(last.data[at]).toBe(values.at(-1) ?? 0)
            expect(largest.data[at]).toBe(values.length === 0 ? 0 : Math.max(...values))
            expect(mean.data[at]).toBeCloseTo(
              values.length === 0 ? 0 : values.reduce((a, b) => a + b) / values.length,
              12,
            )
          }
        }
      }),
    )
  })

  test('gradients reach the valid steps alone', () => {
    const x = tensor([[[1], [5], [9]]])
    const gradient = (pool: typeof lastStep) => valueAndGrad(x, () => sum(pool(x, { lengths: [2] }))).grads.get(x)?.data
    expect(gradient(lastStep)).toEqual(Float32Array.of(0, 1, 0))
    expect(gradient(meanOverTime)).toEqual(Float32Array.of(0.5, 0.5, 0))
    expect(gradient(maxOverTime)).toEqual(Float32Array.of(0, 1, 0))
  })

  test('the first of equal values takes the gradient, NaN is not hidden', () => {
    const x = tensor([[[2], [2]]])
    expect(valueAndGrad(x, () => sum(maxOverTime(x))).grads.get(x)?.data).toEqual(Float32Array.of(1, 0))
    expect(maxOverTime(tensor([[[1], [NaN], [3]]])).item()).toBeNaN()
  })
})

test('reverseSequence is its own inverse and keeps the padding', () => {
  const x = tensor([
    [[1], [2], [3]],
    [[4], [5], [6]],
  ])
  const turned = reverseSequence(x, { lengths: [2, 0] })
  expect([...turned.data]).toEqual([2, 1, 3, 4, 5, 6])
  expectClose(reverseSequence(turned, { lengths: [2, 0] }), x, exact)
})

test('an Elman cell reads a sequence of any kind of length', () => {
  const layer = new Rnn(new ElmanCell(1, 2, { rng: new Rng(6) }))
  const x = new Rng(7).normal([2, 3, 1])
  const expected = layer.forward(x, { lengths: [3, 1] }).output
  expectClose(layer.forward(x, { lengths: Int32Array.of(3, 1) }).output, expected, exact)
  expectClose(layer.forward(x, { lengths: tensor([3, 1], { dtype: 'int32' }) }).output, expected, exact)
})
