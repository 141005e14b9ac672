// What the tests share: the cells under test, inputs with lengths, a loss that feels every output and state.
import { ElmanCell, GruCell, LstmCell, type Cell, type SequenceResult, type State } from '@ostinato/rnn'
import { add, multiply, range, reshape, sin, sum, type FloatDType, type Rng, type Tensor } from '@ostinato/tensor'

/** How a cell under test is made. */
export type MakeCell = (
  inputSize: number,
  hiddenSize: number,
  options: { readonly rng: Rng; readonly dtype: FloatDType; readonly bias?: boolean },
) => Cell<State>

/** A cell of which only the general interface is of interest. */
const general = (cell: unknown) => cell as Cell<State>

/** Every cell of the package, with the options that change what it computes. */
export const cells: readonly { readonly name: string; readonly make: MakeCell; readonly fused: boolean }[] = [
  { name: 'ElmanCell, tanh', make: (i, h, o) => general(new ElmanCell(i, h, o)), fused: true },
  {
    name: 'ElmanCell, relu',
    make: (i, h, o) => general(new ElmanCell(i, h, { ...o, nonlinearity: 'relu' })),
    fused: true,
  },
  { name: 'GruCell', make: (i, h, o) => general(new GruCell(i, h, o)), fused: true },
  { name: 'LstmCell', make: (i, h, o) => general(new LstmCell(i, h, o)), fused: true },
  {
    name: 'LstmCell with projection',
    make: (i, h, o) => general(new LstmCell(i, h, { ...o, projectionSize: Math.max(1, h - 1) })),
    fused: false,
  },
]

/** A weighted sum of every output and state, so that each value has a gradient of its own. */
export function weightedSum({ output, state }: SequenceResult<State>): Tensor {
  return [output, ...Object.values(state)].map(weigh).reduce((a, b) => add(a, b))
}

function weigh(x: Tensor): Tensor {
  return sum(multiply(x, sin(reshape(range(1, x.size + 1, { dtype: x.dtype }), x.shape))))
}

/** A random state for a cell. */
export function randomState(cell: Cell<State>, { batch, rng }: { readonly batch: number; readonly rng: Rng }): State {
  return Object.fromEntries(
    Object.entries(cell.initialState(batch)).map(([name, { shape, dtype }]) => [name, rng.normal(shape, { dtype })]),
  )
}
