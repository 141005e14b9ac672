// Cells around cells in training: what is drawn, when, and from which generator. Out of training they are in the suite
// of all cells.
import { checkGradients } from '@ostinato/autograd'
import {
  Cell,
  ElmanCell,
  GruCell,
  LstmCell,
  RecurrentDropoutCell,
  Rnn,
  ZoneoutCell,
  type State,
  type StepResult,
} from '@ostinato/rnn'
import { ones, Rng, withTraining, zeros, type Tensor } from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import { describe, expect, test } from 'vitest'
import { weightedSum } from './support.ts'

const exact = { relative: 0, absolute: 0 }
const training = <T>(run: () => T): T => withTraining(true, run)

type Pair = { readonly hidden: Tensor; readonly memory: Tensor }

/** Keeps what its steps are given; its state stays ones. */
class Witness extends Cell<Pair> {
  readonly seen: { readonly x: readonly number[]; readonly hidden: readonly number[]; readonly memory: Tensor }[] = []

  constructor(readonly inputSize: number) {
    super()
  }

  get outputSize(): number {
    return this.inputSize
  }

  initialState(batch: number): Pair {
    return { hidden: ones([batch, this.inputSize]), memory: ones([batch, this.inputSize]) }
  }

  step(x: Tensor, state: Pair): StepResult<Pair> {
    this.seen.push({ x: [...x.data], hidden: [...state.hidden.data], memory: state.memory })
    return { output: x, state: this.initialState(x.shape[0]) }
  }
}

/** The share of zeros, four standard deviations around `probability` at most. */
function expectShare(values: readonly number[], probability: number): void {
  const share = values.filter((value) => value === 0).length / values.length
  expect(Math.abs(share - probability)).toBeLessThan(4 * Math.sqrt((probability * (1 - probability)) / values.length))
}

describe('RecurrentDropoutCell in training', () => {
  const run = (steps: number, options: { readonly input?: number; readonly recurrent?: number }) => {
    const witness = new Witness(50)
    const layer = new Rnn(new RecurrentDropoutCell(witness, { ...options, rng: new Rng(1) }))
    const x = ones([40, steps, 50])
    return { witness, forward: () => training(() => layer.forward(x)) }
  }

  test('draws one mask for the input and one for what is fed back, the same at every step', () => {
    const { witness, forward } = run(4, { input: 0.25, recurrent: 0.5 })
    forward()
    const [first, ...others] = witness.seen
    expect(others).toHaveLength(3)
    for (const { x, hidden, memory } of others) {
      expect(x).toEqual(first.x)
      expect(hidden).toEqual(first.hidden)
      expect(memory.data.every((value) => value === 1)).toBe(true)
    }
    expect(new Set(first.x)).toEqual(new Set([0, Math.fround(1 / 0.75)]))
    expect(new Set(first.hidden)).toEqual(new Set([0, 2]))
    expectShare(first.x, 0.25)
    expectShare(first.hidden, 0.5)
    // Each row has masks of its own.
    expect(first.hidden.slice(0, 50)).not.toEqual(first.hidden.slice(50, 100))
  })

  test('draws new masks for every sequence, also for one that goes on from a state', () => {
    const { witness, forward } = run(1, { input: 0.5, recurrent: 0.5 })
    forward()
    forward()
    const cell = new RecurrentDropoutCell(witness, { recurrent: 0.5, rng: new Rng(2) })
    const layer = new Rnn(cell)
    const { state } = training(() => layer.forward(ones([40, 1, 50])))
    training(() => layer.forward(ones([40, 1, 50]), { initialState: state }))
    const masks = witness.seen.map(({ hidden }) => hidden.join())
    expect(new Set(masks).size).toBe(4)
    expect(witness.seen[0].x).not.toEqual(witness.seen[1].x)
  })

  test('drops the states that are named', () => {
    const witness = new Witness(50)
    const options = { recurrent: 0.5, states: ['memory'], rng: new Rng(3) } as const
    training(() => new Rnn(new RecurrentDropoutCell(witness, options)).forward(ones([4, 1, 50])))
    expect(new Set(witness.seen[0].hidden)).toEqual(new Set([1]))
    expect(new Set(witness.seen[0].memory.data)).toEqual(new Set([0, 2]))
  })

  test('draws nothing out of training, and its generator decides all else', () => {
    const rng = new Rng(4)
    const layer = new Rnn(
      new RecurrentDropoutCell(new LstmCell(3, 4, { rng: new Rng(5) }), { input: 0.3, recurrent: 0.4, rng }),
    )
    const x = new Rng(6).normal([2, 5, 3])
    const before = rng.state()
    layer.forward(x)
    expect(rng.state()).toEqual(before)
    const first = training(() => layer.forward(x).output)
    const second = training(() => layer.forward(x).output)
    expect(second.data).not.toEqual(first.data)
    rng.restore(before)
    expectClose(
      training(() => layer.forward(x).output),
      first,
      exact,
    )
  })

  test('of the input alone runs fused and equals its steps', () => {
    const rng = new Rng(7)
    const cell = new RecurrentDropoutCell(new GruCell(3, 4, { rng, dtype: 'float64' }), {
      input: 0.5,
      rng: new Rng(8),
    })
    const x = rng.normal([3, 5, 3], { dtype: 'float64' })
    const start = cell.input.rng.state()
    const [fused, stepped] = [true, false].map((form) => {
      cell.input.rng.restore(start)
      return training(() => new Rnn(cell, { fused: form }).forward(x, { lengths: [5, 0, 2] }).output)
    })
    expect(training(() => cell.sequence(x, { state: cell.initialState(3), reverse: false }))).toBeDefined()
    expectClose(fused, stepped, { relative: 1e-9, absolute: 1e-12 })
  })

  test('leaves the units alone that a GRU keeps', () => {
    const gru = new GruCell(2, 20, { rng: new Rng(9) })
    // Update gates of 1 keep every unit.
    gru.biasIh?.update((bias) => bias.fill(100, 20, 40))
    const layer = new Rnn(new RecurrentDropoutCell(gru, { recurrent: 0.5, rng: new Rng(10) }))
    const hidden = new Rng(11).normal([3, 20])
    const { state } = training(() => layer.forward(zeros([3, 6, 2]), { initialState: { hidden } }))
    expectClose(state.hidden, hidden, { absolute: 1e-6 })
  })

  test('has right gradients where the masks are held', () => {
    const rng = new Rng(12)
    const draws = new Rng(13)
    const cell = new RecurrentDropoutCell(new GruCell(2, 3, { rng, dtype: 'float64' }), {
      input: 0.3,
      recurrent: 0.4,
      rng: draws,
    })
    const layer = new Rnn(cell)
    const x = rng.normal([2, 3, 2], { dtype: 'float64' })
    const start = draws.state()
    training(() => {
      checkGradients(
        () => {
          draws.restore(start)
          return weightedSum(layer.forward(x, { lengths: [3, 2] }))
        },
        [x, ...cell.parameters()] as Tensor<'float64'>[],
      )
    })
  })

  test('refuses a probability above 1 and a state that the cell does not have', () => {
    const gru = new GruCell(2, 3, { rng: new Rng(14) })
    const rng = new Rng(15)
    expect(() => new RecurrentDropoutCell(gru, { recurrent: 1.5, rng })).toThrow(/from 0 to 1, got 1.5/)
    expect(() => new RecurrentDropoutCell(gru as unknown as Cell<State>, { states: ['cell'], rng })).toThrow(
      'RecurrentDropoutCell: expected states among hidden, got cell',
    )
    // @ts-expect-error the state of a GRU has no cell
    expect(() => new RecurrentDropoutCell(gru, { states: ['cell'], rng })).toThrow(RangeError)
  })
})

describe('ZoneoutCell', () => {
  const rng = new Rng(16)
  const lstm = new LstmCell(3, 50, { rng })
  const x = rng.normal([40, 3])
  const state = { hidden: rng.normal([40, 50]), cell: rng.normal([40, 50]) }
  const next = lstm.step(x, state).state
  const probability = { hidden: 0.2, cell: 0.6 }

  test('keeps units of the state with their probability while training', () => {
    const zoneout = new ZoneoutCell(lstm, { probability, rng: new Rng(17) })
    const { output, state: mixed } = training(() => zoneout.step(x, state))
    expect(output).toBe(mixed.hidden)
    for (const name of ['hidden', 'cell'] as const) {
      const kept = [...mixed[name].data].map((value, i) => {
        const isKept = value === state[name].data[i]
        if (!isKept) expect(value).toBe(next[name].data[i])
        return Number(!isKept)
      })
      expectShare(kept, probability[name])
    }
  })

  test('draws for every step anew, as its generator decides', () => {
    const draws = new Rng(18)
    // A cell whose state counts the steps since the unit was last let through.
    class Counter extends Witness {
      override step(input: Tensor, { hidden, memory }: Pair): StepResult<Pair> {
        return { output: hidden, state: { hidden: zeros(input.shape), memory } }
      }
    }
    const layer = new Rnn(new ZoneoutCell(new Counter(200), { probability: { hidden: 0.5 }, rng: draws }))
    const start = draws.state()
    const run = (steps: number) => training(() => layer.forward(ones([1, steps, 200])).state.hidden.data)
    const first = run(3)
    // Held through three steps with a probability of 1/8.
    expectShare(
      [...first].map((value) => 1 - value),
      1 / 8,
    )
    draws.restore(start)
    expect(run(3)).toEqual(first)
  })

  test('takes the expected value out of training, and draws nothing', () => {
    const draws = new Rng(19)
    const before = draws.state()
    const { output, state: mixed } = new ZoneoutCell(lstm, { probability, rng: draws }).step(x, state)
    expect(draws.state()).toEqual(before)
    const expected = state.cell.data.map((value, i) => 0.6 * value + 0.4 * next.cell.data[i])
    expectClose(mixed.cell.data, expected, { absolute: 1e-6 })
    expect(output).toBe(mixed.hidden)
  })

  test('keeps everything at 1, and the fused form at 0', () => {
    const always = new ZoneoutCell(lstm, { probability: 1, rng })
    expectClose(training(() => always.step(x, state)).state.cell, state.cell, exact)
    const never = new ZoneoutCell(lstm, { probability: 0, rng })
    const sequence = rng.normal([2, 4, 3])
    expect(never.sequence(sequence, { state: never.initialState(2), reverse: false })).toBeDefined()
    expectClose(new Rnn(never).forward(sequence).output, new Rnn(lstm).forward(sequence).output, exact)
  })

  test('has right gradients where the draws are held, alone and inside a recurrent dropout', () => {
    const draws = new Rng(20)
    const elman = new ElmanCell(2, 3, { rng, dtype: 'float64' })
    const zoneout = new ZoneoutCell(elman, { probability: 0.4, rng: draws })
    const input = rng.normal([2, 4, 2], { dtype: 'float64' })
    const start = draws.state()
    for (const cell of [zoneout, new RecurrentDropoutCell(zoneout, { recurrent: 0.5, rng: draws })]) {
      training(() => {
        checkGradients(
          () => {
            draws.restore(start)
            return weightedSum(new Rnn(cell).forward(input, { lengths: [4, 2] }))
          },
          [input, ...cell.parameters()] as Tensor<'float64'>[],
        )
      })
    }
  })

  test('refuses probabilities outside 0 to 1 and states that the cell does not have', () => {
    const wrong = { hidden: 2, memory: 0.5 }
    expect(() => new ZoneoutCell(lstm, { probability: wrong, rng })).toThrow(
      /for hidden, got 2; .*hidden, cell, got memory/,
    )
  })
})
