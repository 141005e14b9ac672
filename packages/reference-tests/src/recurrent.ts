// Cases of recurrent networks, in the fused form and stepped. PyTorch's states are one tensor `[layers * directions,
// batch, hidden]`.
import type { Parameter } from '@ostinato/nn'
import { Bidirectional, elman, gru, LstmCell, lstm, Rnn, type ElmanCell, type GruCell } from '@ostinato/rnn'
import { reshape, Rng, slice, stack, transpose, type FloatDType, type Tensor } from '@ostinato/tensor'
import type { Fixture } from '@ostinato/test-utils'
import { checkCase, floats, ids, inputNamed, setParameters, type Output, type RunCase } from './case.ts'
import { Config } from './config.ts'

type AnyCell = ElmanCell | GruCell | LstmCell

/** A state of one direction, whichever cell it is of. */
type AnyState = { readonly hidden: Tensor; readonly cell?: Tensor }
type Pair = { readonly forward: AnyState; readonly backward: AnyState }

/** The network of a case: its layers from below, each a list of one or two directions. */
function build(fixture: Fixture, { dtype, fused }: { readonly dtype: FloatDType; readonly fused: boolean }) {
  const config = new Config(fixture)
  const [inputSize, hiddenSize] = [config.number('input_size'), config.number('hidden_size')]
  const bidirectional = config.flag('bidirectional', false)
  const projectionSize = config.number('proj_size', 0)
  const common = {
    rng: new Rng(0),
    dtype,
    fused,
    layers: config.number('num_layers', 1),
    bias: config.flag('bias', true),
  }
  const options = bidirectional ? { ...common, bidirectional: true as const } : common
  const batchFirst = config.flag('batch_first', false)
  const network = (() => {
    switch (fixture.kind) {
      case 'RNN': {
        const nonlinearity = config.word('nonlinearity', 'tanh')
        if (nonlinearity !== 'tanh' && nonlinearity !== 'relu')
          throw new Error(`${fixture.name}: unknown nonlinearity ${nonlinearity}`)
        return elman(inputSize, hiddenSize, { ...options, nonlinearity })
      }
      case 'GRU':
        return gru(inputSize, hiddenSize, options)
      case 'LSTM':
        return lstm(inputSize, hiddenSize, { ...options, ...(projectionSize > 0 && { projectionSize }) })
      default:
        throw new Error(`${fixture.name}: unknown kind ${fixture.kind}`)
    }
  })()
  config.done()
  return { network, bidirectional, batchFirst }
}

/** PyTorch's names of a layer's parameters, `_l0`, `_l0_reverse`, …, beside ours. */
function parametersOf(layers: readonly unknown[]): (readonly [string, Parameter | null])[] {
  return layers.flatMap((layer, i) => {
    const directions = layer instanceof Bidirectional ? [layer.forwardLayer, layer.backwardLayer] : [layer]
    return directions.flatMap((direction, d) => {
      if (!(direction instanceof Rnn)) throw new Error('expected an Rnn in each direction')
      const cell = direction.cell as AnyCell
      const suffix = `_l${i}${d === 1 ? '_reverse' : ''}`
      return [
        [`weight_ih${suffix}`, cell.weightIh],
        [`weight_hh${suffix}`, cell.weightHh],
        [`bias_ih${suffix}`, cell.biasIh],
        [`bias_hh${suffix}`, cell.biasHh],
        [`weight_hr${suffix}`, cell instanceof LstmCell ? cell.weightHr : null],
      ] as const
    })
  })
}

/** PyTorch's initial states taken apart, one for each layer and direction. */
function splitState(
  hidden: Tensor | undefined,
  cell: Tensor | undefined,
  bidirectional: boolean,
): (AnyState | Pair)[] | undefined {
  if (hidden === undefined) return undefined
  const each = Array.from(
    { length: hidden.shape[0] },
    (_, i): AnyState => ({
      hidden: slice(hidden, [i]),
      ...(cell && { cell: slice(cell, [i]) }),
    }),
  )
  if (!bidirectional) return each
  return Array.from({ length: each.length / 2 }, (_, i) => ({ forward: each[2 * i], backward: each[2 * i + 1] }))
}

const directionsOf = (state: AnyState | Pair): AnyState[] =>
  'forward' in state ? [state.forward, state.backward] : [state]

/** Between PyTorch's layouts and ours: time first, or one sequence without a batch. */
interface Layout {
  /** To `[batch, time, features]`. */
  readonly enter: (x: Tensor) => Tensor
  readonly leave: (y: Tensor) => Tensor
  /** To `[layers * directions, batch, hidden]`. */
  readonly enterState: (state: Tensor) => Tensor
  readonly leaveState: (state: Tensor) => Tensor
}

const same = (x: Tensor) => x
const swapped = (x: Tensor) => transpose(x, [1, 0, 2])

function layoutOf(x: Tensor, batchFirst: boolean): Layout {
  if (x.rank === 2) {
    const [enter, leave] = [(of: Tensor) => reshape(of, [1, ...of.shape]), (of: Tensor) => slice(of, [0])]
    const enterState = (state: Tensor) => reshape(state, [state.shape[0], 1, state.shape[1]])
    return { enter, leave, enterState, leaveState: (state) => reshape(state, [state.shape[0], state.shape[2]]) }
  }
  const turn = batchFirst ? same : swapped
  return { enter: turn, leave: turn, enterState: same, leaveState: same }
}

const runForm =
  (fused: boolean): RunCase =>
  (fixture, dtype) => {
    const { network, bidirectional, batchFirst } = build(fixture, { dtype, fused })
    const parameters = setParameters(fixture, parametersOf(network.layers))
    const { inputs, kind } = fixture
    const given = (name: string) => (name in inputs ? floats(inputs, name, dtype) : undefined)
    const first = inputNamed(fixture, ['x', 'x0', 'input'])
    const [x, h0, c0] = [floats(inputs, first, dtype), given('h0'), kind === 'LSTM' ? given('c0') : undefined]
    const layout = layoutOf(x, batchFirst)
    const lengths = 'lengths' in inputs ? ids(inputs, 'lengths') : undefined
    const tensors = new Map<string, Tensor>([
      ...parameters,
      [first, x],
      ...(h0 ? [['h0', h0] as const] : []),
      ...(c0 ? [['c0', c0] as const] : []),
    ])
    checkCase(fixture, dtype, {
      tensors,
      forward: () => {
        const [hidden, cell] = [h0, c0].map((state) => state && layout.enterState(state))
        const initialState = splitState(hidden, cell, bidirectional)
        // The states have the form that the network of this case asks for.
        const options = {
          ...(lengths && { lengths: reshape(lengths, [lengths.size]) }),
          ...(initialState && { initialState }),
        } as object
        const { output, state } = network.forward(layout.enter(x), options)
        const states = (state as readonly (AnyState | Pair)[]).flatMap(directionsOf)
        const together = (parts: readonly Tensor[]) => layout.leaveState(stack(parts, { axis: 0 }))
        const outputs: Output[] = [
          { name: 'y', cotangent: 'gy', value: layout.leave(output) },
          { name: 'hn', cotangent: 'ghn', value: together(states.map((each) => each.hidden)) },
        ]
        const cells = states.flatMap((each) => (each.cell === undefined ? [] : [each.cell]))
        return cells.length === 0 ? outputs : [...outputs, { name: 'cn', cotangent: 'gcn', value: together(cells) }]
      },
    })
  }

/** Both forms must agree with the case. */
export const runRecurrent: RunCase = (fixture, dtype) => {
  runForm(true)(fixture, dtype)
  runForm(false)(fixture, dtype)
}
