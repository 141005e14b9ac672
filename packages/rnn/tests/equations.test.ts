// The cells against their equations, written out unit by unit for one row in plain numbers.
import { ElmanCell, GruCell, JordanCell, LayerNormLstmCell, LstmCell } from '@ostinato/rnn'
import { identity, Rng, tensor, type Tensor } from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import { describe, expect, test } from 'vitest'

type Rows = readonly (readonly number[])[]

const dtype = 'float64'
const exact = { relative: 1e-12, absolute: 1e-14 }
const logistic = (value: number) => 1 / (1 + Math.exp(-value))
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0)
const rows = (x: Tensor) => x.toArray() as Rows
const numbers = (x: Tensor | null | undefined, size: number) => (x ? [...x.data] : new Array<number>(size).fill(0))
const row = (values: readonly number[]) => tensor([values], { dtype })

/** Every parameter at random, so that none hides in its zeros. */
function shuffled<C extends { parameters(): Iterable<{ assign(x: Tensor): void; shape: readonly number[] }> }>(
  cell: C,
  rng: Rng,
): C {
  for (const parameter of cell.parameters()) parameter.assign(rng.normal(parameter.shape, { dtype }))
  return cell
}

describe('LstmCell', () => {
  const variants = [
    {},
    { peepholes: true },
    { coupled: true },
    { cellClip: 0.1 },
    { projectionSize: 3 },
    { coupled: true, peepholes: true, cellClip: 0.1, projectionSize: 3 },
  ]

  test.each(variants)('with %o', (options) => {
    const { coupled = false, peepholes = false, cellClip = Infinity, projectionSize } = options
    const rng = new Rng(1)
    const hidden = 2
    const cell = shuffled(new LstmCell(3, hidden, { rng, dtype, ...options }), rng)
    const order = coupled ? 'igo' : 'ifgo'
    const seen = coupled ? 'io' : 'ifo'
    const [x, c] = [
      [0.5, -1, 2],
      [0.7, -0.4],
    ]
    const h = projectionSize === undefined ? [0.3, -0.6] : [0.3, -0.6, 0.9]
    const [wx, wh] = [rows(cell.weightIh), rows(cell.weightHh)]
    const bias = numbers(cell.biasIh, 8).map((value, i) => value + numbers(cell.biasHh, 8)[i])
    const peeps = numbers(cell.peepholes, 6)
    const sum = (gate: string, unit: number, memory: number) => {
      const at = order.indexOf(gate) * hidden + unit
      const view = peepholes ? peeps[seen.indexOf(gate) * hidden + unit] * memory : 0
      return dot(wx[at], x) + dot(wh[at], h) + bias[at] + (gate === 'g' ? 0 : view)
    }
    const memory: number[] = []
    const exposed = c.map((before, unit) => {
      const i = logistic(sum('i', unit, before))
      const f = coupled ? 1 - i : logistic(sum('f', unit, before))
      const after = f * before + i * Math.tanh(sum('g', unit, before))
      memory[unit] = Math.max(-cellClip, Math.min(cellClip, after))
      return logistic(sum('o', unit, memory[unit])) * Math.tanh(memory[unit])
    })
    const expected = cell.weightHr === null ? exposed : rows(cell.weightHr).map((weights) => dot(weights, exposed))
    const { output, state } = cell.step(row(x), { hidden: row(h), cell: row(c) })
    expectClose(output, row(expected), exact)
    expectClose(state.cell, row(memory), exact)
    if (cellClip < Infinity) expect(memory.some((value) => Math.abs(value) === cellClip)).toBe(true)
  })

  test('starts with the forget gate open, coupled or not, and peepholes shut', () => {
    const rng = new Rng(2)
    const options = { rng, peepholes: true, forgetBias: 2 }
    expect(new LstmCell(1, 1, options).biasIh?.data).toEqual(Float32Array.of(0, 2, 0, 0))
    const { biasIh, peepholes, weightHh } = new LstmCell(1, 1, { ...options, coupled: true })
    expect(biasIh?.data).toEqual(Float32Array.of(-2, 0, 0))
    expect(peepholes?.data).toEqual(Float32Array.of(0, 0))
    expect(weightHh.shape).toEqual([3, 1])
  })

  test('refuses a clip that lets nothing through', () => {
    expect(() => new LstmCell(1, 1, { rng: new Rng(0), cellClip: 0 })).toThrow(
      'LstmCell: expected cellClip above 0, got 0',
    )
  })
})

test('GruCell with the reset before and after', () => {
  for (const reset of ['before', 'after'] as const) {
    const rng = new Rng(3)
    const cell = shuffled(new GruCell(2, 2, { rng, dtype, reset }), rng)
    const [x, h] = [
      [1, -0.5],
      [0.8, -0.3],
    ]
    const [wx, wh] = [rows(cell.weightIh), rows(cell.weightHh)]
    const [bx, bh] = [numbers(cell.biasIh, 6), numbers(cell.biasHh, 6)]
    const gate = (at: number) => logistic(dot(wx[at], x) + bx[at] + dot(wh[at], h) + bh[at])
    const resets = [gate(0), gate(1)]
    const expected = h.map((before, unit) => {
      const at = 4 + unit
      const shown = h.map((value, i) => value * resets[i])
      const recurrent = reset === 'before' ? dot(wh[at], shown) + bh[at] : resets[unit] * (dot(wh[at], h) + bh[at])
      const candidate = Math.tanh(dot(wx[at], x) + bx[at] + recurrent)
      return (1 - gate(2 + unit)) * candidate + gate(2 + unit) * before
    })
    expectClose(cell.step(row(x), { hidden: row(h) }).output, row(expected), exact)
  }
})

describe('JordanCell', () => {
  test.each(['identity', 'sigmoid', 'tanh'] as const)('feeds back its output, %s', (activation) => {
    const rng = new Rng(4)
    const cell = shuffled(new JordanCell(2, 3, { rng, dtype, outputSize: 2, activation, decay: 0.6 }), rng)
    const [x, context] = [
      [1, -0.5],
      [0.2, 0.9],
    ]
    const { weightIh, weightYh, weightHy, biasIh, biasHy } = cell
    const [wx, wy, wh] = [rows(weightIh), rows(weightYh), rows(weightHy)]
    const hidden = wx.map((weights, j) => Math.tanh(dot(weights, x) + numbers(biasIh, 3)[j] + dot(wy[j], context)))
    const apply = { identity: (v: number) => v, sigmoid: logistic, tanh: Math.tanh }[activation]
    const expected = wh.map((weights, k) => apply(dot(weights, hidden) + numbers(biasHy, 2)[k]))
    const { output, state } = cell.step(row(x), { context: row(context) })
    expectClose(output, row(expected), exact)
    expectClose(state.context, row(expected.map((value, k) => 0.6 * context[k] + value)), exact)
  })

  test('has no bias where none is wanted, and refuses a decay of 1', () => {
    const options = { rng: new Rng(5), outputSize: 2 }
    expect([...new JordanCell(2, 3, { ...options, bias: false }).state().keys()]).toEqual([
      'weightIh',
      'weightYh',
      'weightHy',
    ])
    expect(() => new JordanCell(2, 3, { ...options, decay: 1 })).toThrow(/decay from 0 up to but without 1, got 1/)
    expect(() => new JordanCell(2, 3, { ...options, outputSize: 0 })).toThrow(/outputSize/)
  })
})

test('LayerNormLstmCell', () => {
  const rng = new Rng(6)
  const epsilon = 0.01
  const cell = shuffled(new LayerNormLstmCell(2, 2, { rng, dtype, epsilon }), rng)
  const [x, h, c] = [
    [1, -0.5],
    [0.8, -0.3],
    [0.4, 1.2],
  ]
  const normalise = (values: readonly number[], { weight, bias }: LayerNormLstmCell['normIh']) => {
    const mean = values.reduce((a, b) => a + b) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    const [gain, shift] = [numbers(weight, values.length), numbers(bias, values.length)]
    return values.map((value, i) => ((value - mean) / Math.sqrt(variance + epsilon)) * gain[i] + shift[i])
  }
  const ofInput = normalise(
    rows(cell.weightIh).map((weights) => dot(weights, x)),
    cell.normIh,
  )
  const ofHidden = normalise(
    rows(cell.weightHh).map((weights) => dot(weights, h)),
    cell.normHh,
  )
  const sums = ofInput.map((value, i) => value + ofHidden[i])
  const memory = c.map((before, j) => logistic(sums[2 + j]) * before + logistic(sums[j]) * Math.tanh(sums[4 + j]))
  const shown = normalise(memory, cell.normCell)
  const { output, state } = cell.step(row(x), { hidden: row(h), cell: row(c) })
  expectClose(state.cell, row(memory), exact)
  expectClose(output, row(shown.map((value, j) => logistic(sums[6 + j]) * Math.tanh(value))), exact)
  const fresh = new LayerNormLstmCell(1, 1, { rng, forgetBias: 2 })
  expect(fresh.normIh.bias?.data).toEqual(Float32Array.of(0, 2, 0, 0))
})

test('an ElmanCell of identity weights keeps what it holds while it hears nothing', () => {
  const rng = new Rng(7)
  const cell = new ElmanCell(2, 3, { rng, dtype, nonlinearity: 'relu', recurrent: 'identity' })
  expectClose(cell.weightHh, identity(3), { absolute: 0 })
  const hidden = row([0.25, 0, 3])
  expectClose(cell.step(row([0, 0]), { hidden }).output, hidden, { relative: 0, absolute: 0 })
})
