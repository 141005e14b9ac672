// The conformance suite: what holds for every cell.
import { checkGradients, valueAndGrad } from '@ostinato/autograd'
import { Rnn, type State } from '@ostinato/rnn'
import { concat, Rng, ShapeError, slice, withTraining, type Tensor } from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cells, randomState, weightedSum } from './support.ts'

const problems = fc.record({
  seed: fc.integer(),
  batch: fc.integer({ min: 0, max: 5 }),
  time: fc.integer({ min: 0, max: 6 }),
  input: fc.integer({ min: 1, max: 4 }),
  hidden: fc.integer({ min: 1, max: 5 }),
  reverse: fc.boolean(),
  bias: fc.boolean(),
  padded: fc.boolean(),
})

/** A test out of training: wrappers that draw in training have tests of their own for that. */
const check = (name: string, body: () => void) => {
  test(name, () => {
    withTraining(false, body)
  })
}

describe.each(cells)('$name', ({ make, fused }) => {
  const types = fused ? (['float64', 'float32'] as const) : []
  describe.each(types)('in %s', (dtype) => {
    check('fused equals stepped: values and gradients', () => {
      const tolerance = dtype === 'float64' ? { relative: 1e-9, absolute: 1e-11 } : { relative: 2e-4, absolute: 2e-5 }
      fc.assert(
        fc.property(problems, ({ seed, batch, time, input, hidden, reverse, bias, padded }) => {
          const rng = new Rng(seed)
          const cell = make(input, hidden, { rng, dtype, bias })
          const x = rng.normal([batch, time, input], { dtype })
          const initialState = randomState(cell, { batch, rng })
          const lengths = padded ? Array.from({ length: batch }, () => rng.integer(0, time + 1)) : undefined
          const targets = [x, ...Object.values(initialState), ...cell.parameters()]
          const run = (form: boolean) =>
            valueAndGrad(targets, () => {
              const result = new Rnn(cell, { reverse, fused: form }).forward(x, {
                initialState,
                ...(lengths && { lengths }),
              })
              return { value: weightedSum(result), auxiliary: result }
            })
          const [a, b] = [run(true), run(false)]
          expectClose(a.auxiliary.output, b.auxiliary.output, tolerance)
          for (const [name, value] of Object.entries(a.auxiliary.state))
            expectClose(value, b.auxiliary.state[name], tolerance)
          for (const target of targets) {
            const [left, right] = [a.grads.get(target), b.grads.get(target)]
            if (left && right) expectClose(left, right, tolerance)
            else expect((left ?? right)?.data.every((value) => value === 0) ?? true).toBe(true)
          }
        }),
        { numRuns: 40 },
      )
    })
  })

  check('has a fused form exactly where it says so', () => {
    const rng = new Rng(1)
    const cell = make(2, 3, { rng, dtype: 'float32' })
    const result = cell.sequence(rng.normal([1, 2, 2]), { state: cell.initialState(1), reverse: false })
    expect(result !== undefined).toBe(fused)
  })

  check('gradients equal central differences, with lengths and a state', () => {
    const rng = new Rng(2)
    const cell = make(2, 3, { rng, dtype: 'float64' })
    const x = rng.normal([3, 4, 2], { dtype: 'float64' })
    const state = randomState(cell, { batch: 3, rng })
    const targets = [x, ...Object.values(state), ...cell.parameters()] as Tensor<'float64'>[]
    for (const form of fused ? [true, false] : [false]) {
      const layer = new Rnn(cell, { fused: form, reverse: true })
      checkGradients(() => weightedSum(layer.forward(x, { initialState: state, lengths: [4, 0, 2] })), targets)
    }
  })

  check('the stepped form has gradients of gradients', () => {
    const rng = new Rng(3)
    const cell = make(2, 2, { rng, dtype: 'float64' })
    const x = rng.normal([2, 2, 2], { dtype: 'float64' })
    checkGradients(() => weightedSum(new Rnn(cell, { fused: false }).forward(x, { lengths: [2, 1] })), [x], {
      secondOrder: true,
    })
  })

  check('output is zero past the length, and the state is that of the last valid step', () => {
    const rng = new Rng(4)
    const cell = make(3, 4, { rng, dtype: 'float64' })
    const x = rng.normal([3, 5, 3], { dtype: 'float64' })
    const initialState = randomState(cell, { batch: 3, rng })
    const layer = new Rnn(cell)
    const { output, state } = layer.forward(x, { initialState, lengths: [3, 0, 5] })
    const alone = layer.forward(
      slice(x, [
        [0, 1],
        [0, 3],
      ]),
      { initialState: mapState(initialState, (value) => slice(value, [[0, 1]])) },
    )
    expectClose(slice(output, [0, [0, 3]]), slice(alone.output, [0]), { absolute: 1e-12 })
    expect(slice(output, [0, [3, 5]]).data.every((value) => value === 0)).toBe(true)
    expect(slice(output, [1]).data.every((value) => value === 0)).toBe(true)
    for (const [name, value] of Object.entries(state)) {
      expectClose(slice(value, [0]), slice(alone.state[name], [0]), { absolute: 1e-12 })
      expectClose(slice(value, [1]), slice(initialState[name], [1]), { relative: 0, absolute: 0 })
    }
  })

  check('a padded value changes nothing', () => {
    const rng = new Rng(5)
    const cell = make(2, 3, { rng, dtype: 'float32' })
    const x = rng.normal([2, 4, 2])
    const layer = new Rnn(cell)
    const before = layer.forward(x, { lengths: [2, 4] })
    x.data.fill(1e9, 4, 8)
    const after = layer.forward(x, { lengths: [2, 4] })
    expectClose(after.output, before.output, { relative: 0, absolute: 0 })
  })

  check('state out, state in: two halves equal the whole', () => {
    const rng = new Rng(6)
    const cell = make(2, 3, { rng, dtype: 'float64' })
    const x = rng.normal([2, 6, 2], { dtype: 'float64' })
    const layer = new Rnn(cell)
    const whole = layer.forward(x)
    const first = layer.forward(slice(x, [undefined, [0, 4]]))
    const second = layer.forward(slice(x, [undefined, [4, 6]]), { initialState: first.state })
    expectClose(concat([first.output, second.output], { axis: 1 }), whole.output, { relative: 1e-12, absolute: 1e-14 })
    for (const [name, value] of Object.entries(second.state))
      expectClose(value, whole.state[name], { relative: 1e-12, absolute: 1e-14 })
  })

  check('weights loaded into a fresh cell give the same outputs', () => {
    const rng = new Rng(7)
    const [trained, fresh] = [make(3, 4, { rng, dtype: 'float32' }), make(3, 4, { rng, dtype: 'float32' })]
    const x = rng.normal([2, 5, 3])
    fresh.loadState(trained.state())
    expectClose(new Rnn(fresh).forward(x).output, new Rnn(trained).forward(x).output, { relative: 0, absolute: 0 })
  })

  check('names what does not fit', () => {
    const rng = new Rng(8)
    const layer = new Rnn(make(3, 4, { rng, dtype: 'float32' }))
    expect(() => layer.forward(rng.normal([2, 5, 2]))).toThrow(
      "Rnn.forward: expected [batch, time, features=3], got [2, 5, 2]: axis 2 'features' is 2",
    )
    expect(() => layer.forward(rng.normal([2, 3]))).toThrow('2 axes instead of 3')
    expect(() => layer.forward(rng.normal([2, 5, 3]), { lengths: [5, 6] })).toThrow(
      /lengths from 0 to 5, got 6 in row 1/,
    )
    expect(() => layer.forward(rng.normal([2, 5, 3]), { lengths: [5] })).toThrow(ShapeError)
    expect(() => layer.forward(rng.normal([2, 5, 3]), { initialState: layer.initialState(3) })).toThrow(
      /expected state '(hidden|context)' float32\[2, \d\], got float32\[3, \d\]/,
    )
    expect(() => make(0, 1.5, { rng, dtype: 'float32' })).toThrow(/2 faults[^]*inputSize[^]*hiddenSize/)
  })
})

test('a fused sequence refuses a gradient of its gradient and says what to do', () => {
  const rng = new Rng(9)
  const layer = new Rnn(cells[2].make(2, 2, { rng, dtype: 'float64' }))
  const x = rng.normal([1, 2, 2], { dtype: 'float64' })
  const twice = () =>
    valueAndGrad(x, () => {
      const { grads } = valueAndGrad(x, () => weightedSum(layer.forward(x)))
      return weightedSum({ output: grads.get(x) ?? x, state: {} })
    })
  expect(twice).toThrow(/fused: false/)
})

const mapState = (state: State, change: (value: Tensor) => Tensor): State =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [name, change(value)]))
