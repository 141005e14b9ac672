// One step in inference, which is a sequence of one step with weights that stay packed: it equals the step by single
// operations, and sees every change of a parameter.
import { valueAndGrad } from '@ostinato/autograd'
import { Rng, sum, tensor, zeros, type Tensor } from '@ostinato/tensor'
import { describe, expect, it } from 'vitest'
import { GruCell, LstmCell, type Cell, type State } from '../src/index.ts'

const recorded = <S extends State>(cell: Cell<S>, x: Tensor, state: S): number[] => {
  let data: number[] = []
  // Whoever records is given single operations.
  valueAndGrad(cell, () => {
    const { output } = cell.step(x, state)
    data = Array.from(output.data)
    return sum(output)
  })
  return data
}

describe('a step in inference', () => {
  const rng = new Rng(3)
  const x = tensor(Float32Array.from({ length: 10 }, (_, i) => Math.sin(i)), { shape: [2, 5] })

  const outputs = <S extends State>(cell: Cell<S>): number[] => {
    let state = cell.initialState(2)
    for (let t = 0; t < 3; t++) {
      const result = cell.step(x, state)
      recorded(cell, x, state).forEach((value, i) => { expect(result.output.data[i]).toBeCloseTo(value, 5) })
      state = result.state
    }
    return Array.from(cell.step(x, state).output.data)
  }

  it.each([
    ['LSTM', new LstmCell(5, 6, { rng })],
    ['GRU', new GruCell(5, 6, { rng })],
    ['GRU without bias', new GruCell(5, 6, { rng, bias: false })],
  ])('equals the recorded one, before and after the parameters change: %s', (_, cell) => {
    const run = () => (cell instanceof LstmCell ? outputs(cell) : outputs(cell))
    const before = run()
    cell.weightHh.update((data) => { data.forEach((_value, i) => { data[i] = Math.cos(i) }) })
    expect(run()).not.toEqual(before)
  })

  it('complains of wrong shapes as ever', () => {
    const cell = new LstmCell(5, 6, { rng })
    expect(() => cell.step(zeros([2, 4]), cell.initialState(2))).toThrow('4')
    expect(() => cell.step(x, cell.initialState(3))).toThrow()
  })
})
