// Cases of recurrent networks, in the fused form and stepped. PyTorch's states are one tensor `[layers * directions,
// batch, hidden]`.
import type { Parameter } from '@ostinato/nn'
import { Bidirectional, elman, gru, LstmCell, lstm, Rnn, type ElmanCell, type GruCell } from '@ostinato/rnn'
import { reshape, Rng, slice, stack, type FloatDType, type Tensor } from '@ostinato/tensor'
import type { Fixture } from '@ostinato/test-utils'
import { checkCase, Config, floats, ids, setParameters, type Output, type RunCase } from './case.ts'

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
  if (!config.flag('batch_first', false)) throw new Error(`${fixture.name}: expected batch_first`)
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
  return { network, bidirectional }
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

const runForm =
  (fused: boolean): RunCase =>
  (fixture, dtype) => {
    const { network, bidirectional } = build(fixture, { dtype, fused })
    const parameters = setParameters(fixture, parametersOf(network.layers))
    const { inputs } = fixture
    const given = (name: string) => (name in inputs ? floats(inputs, name, dtype) : undefined)
    const [x, h0, c0] = [floats(inputs, 'x', dtype), given('h0'), given('c0')]
    const lengths = 'lengths' in inputs ? reshape(ids(inputs, 'lengths'), [x.shape[0]]) : undefined
    const tensors = new Map<string, Tensor>([
      ...parameters,
      ['x', x],
      ...(h0 ? [['h0', h0] as const] : []),
      ...(c0 ? [['c0', c0] as const] : []),
    ])
    checkCase(fixture, dtype, {
      tensors,
      forward: () => {
        const initialState = splitState(h0, c0, bidirectional)
        // The states have the form that the network of this case asks for.
        const options = { ...(lengths && { lengths }), ...(initialState && { initialState }) } as object
        const { output, state } = network.forward(x, options)
        const states = (state as readonly (AnyState | Pair)[]).flatMap(directionsOf)
        const outputs: Output[] = [
          { name: 'y', cotangent: 'gy', value: output },
          {
            name: 'hn',
            cotangent: 'ghn',
            value: stack(
              states.map(({ hidden }) => hidden),
              { axis: 0 },
            ),
          },
        ]
        const cells = states.flatMap(({ cell }) => (cell === undefined ? [] : [cell]))
        return cells.length === 0
          ? outputs
          : [...outputs, { name: 'cn', cotangent: 'gcn', value: stack(cells, { axis: 0 }) }]
      },
    })
  }

/** Both forms must agree with the case. */
export const runRecurrent: RunCase = (fixture, dtype) => {
  runForm(true)(fixture, dtype)
  runForm(false)(fixture, dtype)
}
