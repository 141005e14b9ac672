// What the tests share: the cells under test, inputs with lengths, a loss that feels every output and state.
import {
  ElmanCell,
  GruCell,
  JordanCell,
  LayerNormLstmCell,
  LstmCell,
  RecurrentDropoutCell,
  ZoneoutCell,
  type Cell,
  type SequenceResult,
  type State,
} from '@ostinato/rnn'
import { add, multiply, range, reshape, Rng, sin, sum, type FloatDType, type Tensor } from '@ostinato/tensor'

/** How a cell under test is made. */
export type MakeCell = (
  inputSize: number,
  hiddenSize: number,
  options: { readonly rng: Rng; readonly dtype: FloatDType; readonly bias?: boolean },
) => Cell<State>

/** A cell of which only the general interface is of interest. */
const general = (cell: unknown) => cell as Cell<State>

/** Peepholes start as zeros, which would hide a wrong one. */
function withPeepholes(cell: LstmCell, rng: Rng): LstmCell {
  cell.peepholes?.assign(rng.normal(cell.peepholes.shape))
  return cell
}

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
  {
    name: 'ElmanCell, relu, identity',
    make: (i, h, o) => general(new ElmanCell(i, h, { ...o, nonlinearity: 'relu', recurrent: 'identity' })),
    fused: true,
  },
  {
    name: 'JordanCell',
    make: (i, h, o) => general(new JordanCell(i, h, { ...o, outputSize: 3 })),
    fused: false,
  },
  {
    name: 'JordanCell with a decay',
    make: (i, h, o) => general(new JordanCell(i, h, { ...o, outputSize: 2, activation: 'identity', decay: 0.7 })),
    fused: false,
  },
  {
    name: 'GruCell, reset before',
    make: (i, h, o) => general(new GruCell(i, h, { ...o, reset: 'before' })),
    fused: false,
  },
  {
    name: 'LstmCell with peepholes',
    make: (i, h, o) => general(withPeepholes(new LstmCell(i, h, { ...o, peepholes: true }), o.rng)),
    fused: false,
  },
  {
    name: 'LstmCell with coupled gates, peepholes, clipping and projection',
    make: (i, h, o) => {
      const more = { coupled: true, peepholes: true, cellClip: 0.9, projectionSize: 2 }
      return general(withPeepholes(new LstmCell(i, h, { ...o, ...more }), o.rng))
    },
    fused: false,
  },
  { name: 'LayerNormLstmCell', make: (i, h, o) => general(new LayerNormLstmCell(i, h, o)), fused: false },
  {
    name: 'RecurrentDropoutCell in evaluation',
    make: (i, h, o) => {
      const options = { input: 0.3, recurrent: 0.4, rng: new Rng(1) }
      return general(new RecurrentDropoutCell(new GruCell(i, h, o), options))
    },
    fused: true,
  },
  {
    name: 'ZoneoutCell in evaluation',
    make: (i, h, o) => {
      const options = { probability: { hidden: 0.1, cell: 0.5 }, rng: new Rng(1) }
      return general(new ZoneoutCell(new LstmCell(i, h, o), options))
    },
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
