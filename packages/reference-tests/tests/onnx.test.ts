// ONNX's operator cases of recurrent networks: RNN, GRU (with the reset before the recurrent product) and LSTM (once
// with peepholes). No case has more than two steps, lengths that differ, a clip or coupled gates.
import { ElmanCell, GruCell, LstmCell, Rnn, type Cell, type State } from '@ostinato/rnn'
import { concat, reshape, Rng, split, squeeze, tensor, transpose, type Tensor } from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import { describe, expect, test } from 'vitest'
import { onnxCases, onnxMissing, readOnnxCase, type OnnxTensor } from '../src/onnx.ts'

const missing = onnxMissing()
const required = Boolean(process.env['OSTINATO_FIXTURES_REQUIRED'] ?? process.env['OSTINATO_FIXTURES'])

/** For each of our gates its place among ONNX's: r, z, n of z, r, h; i, f, g, o of i, o, f, c; peepholes i, f, o. */
const orders = { rnn: [0], gru: [1, 0, 2], lstm: [0, 2, 3, 1], peepholes: [0, 2, 1] }

const toTensor = ({ data, shape }: OnnxTensor): Tensor => tensor(Float32Array.from(data), { shape })

/** The blocks of the first axis in another order. */
const reorder = (x: Tensor, order: readonly number[]): Tensor => {
  const blocks = split(x, order.length)
  return concat(order.map((i) => blocks[i]))
}

function makeCell(kind: keyof typeof orders, [inputSize, hiddenSize]: readonly number[], peepholes: boolean) {
  const options = { rng: new Rng(0) }
  if (kind === 'rnn') return new ElmanCell(inputSize, hiddenSize, options)
  if (kind === 'gru') return new GruCell(inputSize, hiddenSize, { ...options, reset: 'before' })
  return new LstmCell(inputSize, hiddenSize, { ...options, peepholes })
}

function check(name: string): void {
  const { inputs, outputs } = readOnnxCase(name)
  const kind = name.includes('gru') ? 'gru' : name.includes('lstm') ? 'lstm' : 'rnn'
  const given = (key: string) => {
    const found = inputs.get(key)
    return found && toTensor(found)
  }
  const needed = (key: string) => given(key) ?? expect.fail(`${name} has no ${key}`)
  const batchFirst = name.endsWith('batchwise')
  const [x, w, r] = [needed('X'), squeeze(needed('W'), 0), squeeze(needed('R'), 0)]
  const [p, h0, c0] = [given('P'), given('initial_h'), given('initial_c')]
  const cell = makeCell(kind, [w.shape[1], r.shape[1]], p !== undefined)
  cell.weightIh.assign(reorder(w, orders[kind]))
  cell.weightHh.assign(reorder(r, orders[kind]))
  const biases = given('B') ?? tensor(new Float32Array(2 * w.shape[0]))
  split(reshape(biases, [biases.size]), 2).forEach((bias, i) => {
    const parameter = i === 0 ? cell.biasIh : cell.biasHh
    parameter?.assign(reorder(bias, orders[kind]))
  })
  if (p && cell instanceof LstmCell) cell.peepholes?.assign(reorder(squeeze(p, 0), orders.peepholes))
  const state = h0 && { hidden: squeeze(h0, 0), ...(c0 && { cell: squeeze(c0, 0) }) }
  const lengths = inputs.get('sequence_lens')
  for (const fused of [true, false]) {
    const layer = new Rnn(cell as unknown as Cell<State>, { fused })
    const result = layer.forward(batchFirst ? x : transpose(x, [1, 0, 2]), {
      ...(state && { initialState: state }),
      ...(lengths && { lengths: Int32Array.from(lengths.data) }),
    })
    for (const [key, expected] of outputs) {
      const { hidden } = result.state
      const ours = key === 'Y_h' ? hidden : result.output
      expectClose(reshape(ours, expected.shape), toTensor(expected), { relative: 1e-4, absolute: 1e-6 })
    }
  }
}

describe.skipIf(missing !== undefined && !required)('ONNX recurrent cases', () => {
  if (missing !== undefined) {
    if (!required) console.warn(`SKIPPED: the ONNX cases: ${missing}`)
    test('the folder of cases is there', () => {
      expect(missing).toBeUndefined()
    })
    return
  }
  const names = ['test_simple_rnn', 'test_rnn', 'test_gru', 'test_lstm'].flatMap(onnxCases)
  test('there are cases', () => {
    expect(names).toContain('test_lstm_with_peepholes')
  })
  test.each(names)('%s', check)
})
