// The gradient that reaches the states of each step: against gradients of what is added to each state, for every cell,
// fused and stepped; in layers of layers; and without effect on what is observed.
import { valueAndGrad } from '@ostinato/autograd'
import { Linear, Module } from '@ostinato/nn'
import {
  AdditiveAttention,
  AttentionDecoder,
  Cell,
  GradientFlow,
  gru,
  lstm,
  maxOverTime,
  Rnn,
  type LayerFlow,
  type State,
} from '@ostinato/rnn'
import { add, multiply, Rng, slice, sum, tanh, tensor, withTraining, zeros, type Tensor } from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import { describe, expect, test } from 'vitest'
import { cells, randomState, weightedSum } from './support.ts'

const exact = { relative: 0, absolute: 0 }

/** Adds something to every state that a step leaves: its gradient is the total gradient of that state. */
class Nudged extends Cell<State> {
  constructor(
    readonly inner: Cell<State>,
    /** By step. */
    readonly nudges: readonly State[],
  ) {
    super()
  }

  get inputSize() {
    return this.inner.inputSize
  }

  get outputSize() {
    return this.inner.outputSize
  }

  initialState(batch: number) {
    return this.inner.initialState(batch)
  }

  override begin() {
    const step = this.inner.begin()
    let t = 0
    return (x: Tensor, state: State) => {
      const next = step(x, state)
      const nudge = this.nudges[t++]
      const nudged = Object.fromEntries(
        Object.entries(next.state).map(([name, value]) => [name, add(value, nudge[name])]),
      )
      const shown = Object.keys(nudged).find((name) => next.state[name] === next.output)
      return { output: shown === undefined ? next.output : nudged[shown], state: nudged }
    }
  }

  step(x: Tensor, state: State) {
    return this.begin()(x, state)
  }
}

const norm = (values: Iterable<number>) => Math.hypot(...values)

describe.each(cells)('$name', ({ make, fused: hasFused }) => {
  const [batch, time] = [4, 5]
  const rng = new Rng(11)
  const cell = make(2, 3, { rng, dtype: 'float64' })
  const x = rng.normal([batch, time, 2], { dtype: 'float64' })
  const initialState = randomState(cell, { batch, rng })

  test.each([
    ['full rows', undefined, false],
    ['lengths', [5, 2, 0, 3], false],
    ['lengths, reversed', [5, 2, 0, 3], true],
    ['a last step that no row has', [4, 2, 0, 3], true],
  ])('fused and stepped it is the total gradient: %s', (_, lengths, reverse) => {
    const run = (layer: Rnn<State>) =>
      withTraining(false, () => weightedSum(layer.forward(x, { initialState, ...(lengths && { lengths }) })))
    const observe = (fused: boolean): readonly LayerFlow[] => {
      const layer = new Rnn(cell, { reverse, fused })
      return new GradientFlow(layer).observe(() => valueAndGrad(layer, () => run(layer))).layers
    }
    const [fused, stepped] = [observe(true), observe(false)]
    expect(stepped.map(({ name, state }) => [name, state])).toEqual(
      Object.keys(initialState).map((state) => ['', state]),
    )
    expect(fused.map(({ state }) => state)).toEqual(stepped.map(({ state }) => state))
    fused.forEach(({ norms }, i) => {
      expectClose(norms, stepped[i].norms, hasFused ? { relative: 1e-9 } : exact)
    })

    const nudges = Array.from({ length: time }, () =>
      Object.fromEntries(
        Object.entries(initialState).map(([name, { shape }]) => [name, zeros(shape, { dtype: 'float64' })]),
      ),
    )
    const targets = nudges.flatMap((nudge) => Object.values(nudge))
    const { grads } = valueAndGrad(targets, () => run(new Rnn(new Nudged(cell, nudges), { reverse })))
    for (const { state, norms } of stepped) {
      expect(norms).toHaveLength(lengths ? Math.max(...lengths) : time)
      // What is added to the cell of an LSTM after the step has not gone through the hidden state of that step.
      if (state === 'cell') continue
      const expected = norms.map((__, t) => {
        const ofRows = Array.from({ length: batch }, (___, row) => {
          const length = lengths?.[row] ?? time
          if (t >= length) return []
          const gradient = grads.get(nudges[reverse ? length - 1 - t : t][state])
          return [norm((gradient ? slice(gradient, [row]) : zeros([1])).data)]
        }).flat()
        return norm(ofRows) / Math.sqrt(ofRows.length)
      })
      expectClose(norms, expected, { relative: 1e-9, absolute: 1e-12 })
    }
  })
})

/** A cell whose output is none of its states, and is computed from them. */
class ReadCell extends Cell<{ readonly memory: Tensor }> {
  readonly inputSize = 1
  readonly outputSize = 1

  initialState(batch: number) {
    return { memory: zeros([batch, 1], { dtype: 'float64' }) }
  }

  step(x: Tensor, { memory: before }: { readonly memory: Tensor }) {
    const memory = add(multiply(before, 0.5), x)
    return { output: multiply(memory, memory), state: { memory } }
  }
}

test('a cell of your own: what its output does with a state counts too', () => {
  // m = 1, 2.5, with y = m²: dy_2/dm_2 = 5, dy/dm_1 = 2 + 0.5 * 5.
  const layer = new Rnn(new ReadCell())
  const x = tensor([[[1], [2]]], { dtype: 'float64' })
  const { value, layers } = new GradientFlow(layer).observe(() => valueAndGrad(x, () => sum(layer.forward(x).output)))
  expect(layers).toEqual([{ name: '', state: 'memory', norms: [4.5, 5] }])
  expect(value.value.item()).toBe(1 + 2.5 ** 2)
})

class Tagger extends Module {
  readonly encoder
  readonly head
  constructor({ rng, fused }: { readonly rng: Rng; readonly fused: boolean }) {
    super()
    this.encoder = lstm(3, 4, { layers: 2, bidirectional: true, fused, rng, dtype: 'float64' })
    this.head = new Linear(8, 1, { rng, dtype: 'float64' })
  }
  forward(x: Tensor, lengths: readonly number[]): Tensor {
    return sum(tanh(this.head.forward(maxOverTime(this.encoder.forward(x, { lengths }).output, { lengths }))))
  }
}

describe('layers of layers', () => {
  const x = new Rng(3).normal([3, 6, 3], { dtype: 'float64' })
  const lengths = [6, 2, 4]
  const observe = (fused: boolean) => {
    const model = new Tagger({ rng: new Rng(5), fused })
    return new GradientFlow(model).observe(() => valueAndGrad(model, () => model.forward(x, lengths)))
  }

  test('each is named by its place, fused and stepped alike', () => {
    const [fused, stepped] = [observe(true).layers, observe(false).layers]
    expect(fused.map(({ name, state }) => `${name} ${state}`)).toEqual(
      [0, 1].flatMap((layer) =>
        ['forwardLayer', 'backwardLayer'].flatMap((direction) =>
          ['hidden', 'cell'].map((state) => `encoder.layers.${layer}.${direction} ${state}`),
        ),
      ),
    )
    fused.forEach(({ norms }, i) => {
      expectClose(norms, stepped[i].norms, { relative: 1e-9 })
    })
  })

  test.each(['float32', 'float64'] as const)('observing changes no bit of value and gradients, in %s', (dtype) => {
    const run = (observed: boolean) => {
      const rng = new Rng(7)
      const model = gru(3, 5, { layers: 2, bidirectional: true, rng, dtype })
      const batch = rng.normal([4, 9, 3], { dtype })
      const compute = () => valueAndGrad(model, () => sum(tanh(model.forward(batch, { lengths: [9, 0, 4, 7] }).output)))
      const { value, grads } = observed ? new GradientFlow(model).observe(compute).value : compute()
      return [value, ...grads.values()].map(({ data }) => data)
    }
    expect(run(true)).toEqual(run(false))
  })

  test('a layer that no gradient reaches is left out; of the others all steps are told', () => {
    const model = new Tagger({ rng: new Rng(5), fused: true })
    model.encoder.layers[0].freeze()
    const flow = new GradientFlow(model)
    const { layers } = flow.observe(() => valueAndGrad(model, () => model.forward(x, lengths)))
    expect(new Set(layers.map(({ name }) => name.split('.')[2]))).toEqual(new Set(['1']))
    expect(flow.observe(() => model.forward(x, lengths)).layers).toEqual([])
  })
})

describe('several runs of a layer', () => {
  const model = gru(2, 3, { rng: new Rng(1), dtype: 'float64' })
  const x = new Rng(2).normal([2, 6, 2], { dtype: 'float64' })
  const flow = new GradientFlow(model)
  const whole = flow.observe(() => valueAndGrad(model, () => sum(tanh(model.forward(x).output)))).layers[0].norms

  test('one that goes on from the state of another goes on behind it', () => {
    const { layers } = flow.observe(() =>
      valueAndGrad(model, () => {
        const first = model.forward(slice(x, [undefined, [0, 2]]))
        const second = model.forward(slice(x, [undefined, [2, 6]]), { initialState: first.state })
        return add(sum(tanh(first.output)), sum(tanh(second.output)))
      }),
    )
    expectClose(layers[0].norms, whole, { relative: 1e-12 })
  })

  test('others are more rows', () => {
    const { layers } = flow.observe(() =>
      valueAndGrad(model, () => {
        const parts = [0, 1].map((row) => model.forward(slice(x, [[row, row + 1]])).output)
        return add(sum(tanh(parts[0])), sum(tanh(parts[1])))
      }),
    )
    expectClose(layers[0].norms, whole, { relative: 1e-12 })
  })

  test('a decoder that steps its layer has a norm for each of its steps', () => {
    const rng = new Rng(4)
    const decoder = new AttentionDecoder({
      vocabularySize: 6,
      embeddingSize: 2,
      attention: new AdditiveAttention(3, 2, { rng }),
      recurrent: (inputSize) => gru(inputSize, 3, { rng }),
      rng,
    })
    const tokens = tensor(
      [
        [1, 4, 2, 5],
        [1, 3, 2, 2],
      ],
      { dtype: 'int32' },
    )
    const { layers } = new GradientFlow(decoder).observe(() =>
      valueAndGrad(decoder, () => sum(tanh(decoder.forward(tokens, { memory: rng.normal([2, 3, 2]) })))),
    )
    expect(layers).toHaveLength(1)
    expect(layers[0]).toMatchObject({ name: 'recurrent', state: 'hidden' })
    expect(layers[0].norms).toHaveLength(4)
    for (const value of layers[0].norms) expect(value).toBeGreaterThan(0)
  })
})

test('no rows, no steps; an observer that failed is gone; a model without a layer, a promise', async () => {
  const model = gru(2, 3, { rng: new Rng(1) })
  const flow = new GradientFlow(model)
  const norms = (shape: number[]) =>
    flow
      .observe(() => valueAndGrad(model, () => sum(model.forward(zeros(shape)).output)))
      .layers.map((layer) => layer.norms)
  for (const shape of [
    [0, 4, 2],
    [2, 0, 2],
  ])
    expect(norms(shape).flat()).toEqual([])
  expect(() =>
    flow.observe(() => {
      throw new Error('oh')
    }),
  ).toThrow('oh')
  expect(model.cell.sequence(zeros([1, 2, 2]), { state: model.initialState(1), reverse: false })).toBeDefined()
  expect(() => new GradientFlow(new Linear(1, 1, { rng: new Rng(0) }))).toThrow(
    /expected a model with a recurrent layer/,
  )
  expect(() => flow.observe(() => Promise.resolve(1))).toThrow(/synchronous/)
  await Promise.resolve()
})
