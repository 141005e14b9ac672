// The common networks in one call: layers of one kind of cell, deep and in both directions when asked for.
import type { Rng } from '@ostinato/tensor'
import { Bidirectional, type BidirectionalState, type Merge } from './bidirectional.ts'
import type { Cell, State } from './cell.ts'
import { ElmanCell, type ElmanOptions, type ElmanState } from './elman.ts'
import { GruCell, type GruOptions, type GruState } from './gru.ts'
import { LstmCell, type LstmOptions, type LstmState } from './lstm.ts'
import { Rnn } from './rnn.ts'
import type { SequenceLayer } from './sequence-layer.ts'
import { Stacked } from './stacked.ts'

/** The shape of a network; with `layers` its state is a list, with `bidirectional` it is `{ forward, backward }`. */
export interface NetworkOptions {
  /** The number of layers. Absent: one, not wrapped in a list. */
  readonly layers?: number
  /** Both directions in every layer. Default false. */
  readonly bidirectional?: boolean
  /** How two directions merge. Default `concat`. */
  readonly merge?: Merge
  /** The probability of dropout between layers; needs `layers`. Default 0. */
  readonly dropout?: number
  /**
   * Adds the input of each layer above the first to its output, as in `Stacked`; needs `layers`. Default false.
   */
  readonly residual?: boolean
  /** Read backwards in time. Default false; not together with `bidirectional`. */
  readonly reverse?: boolean
  /** Use fused sequences where there are some. Default true. */
  readonly fused?: boolean
}

/** The layer that `NetworkOptions` describe, for a cell with state `S`. */
export type Network<S extends State, O> = O extends { readonly layers: number }
  ? Stacked<O extends { readonly bidirectional: true } ? BidirectionalState<S> : S>
  : O extends { readonly bidirectional: true }
    ? Bidirectional<S>
    : Rnn<S>

/** `O` without options that are not among `Allowed`: a misspelt or foreign one is an error where it is written. */
export type Only<O, Allowed> = O & { readonly [K in Exclude<keyof O, keyof Allowed>]: never }

function build<S extends State>(
  name: string,
  inputSize: number,
  { rng, cell, ...options }: NetworkOptions & { readonly rng: Rng; readonly cell: (inputSize: number) => Cell<S> },
): SequenceLayer<unknown> {
  const { layers, bidirectional = false, merge, dropout = 0, residual = false, reverse = false, fused = true } = options
  if (layers !== undefined && (!Number.isInteger(layers) || layers < 1)) {
    throw new RangeError(`${name}: expected layers to be an integer of 1 or more, got ${layers}`)
  }
  if (layers === undefined && (dropout > 0 || residual)) {
    throw new RangeError(
      `${name}: expected layers with ${residual ? 'residual' : 'dropout'}, got none: it works between layers`,
    )
  }
  if (bidirectional && reverse)
    throw new RangeError(
      `${name}: expected reverse or bidirectional, got both: one direction of two is reversed anyway`,
    )
  const layer = (size: number): SequenceLayer<S> | SequenceLayer<BidirectionalState<S>> => {
    const first = new Rnn(cell(size), { reverse, fused })
    return bidirectional
      ? new Bidirectional(first, new Rnn(cell(size), { reverse: true, fused }), merge && { merge })
      : first
  }
  const built: SequenceLayer<unknown>[] = [layer(inputSize)]
  if (layers === undefined) return built[0]
  while (built.length < layers) built.push(layer(built[built.length - 1].outputSize))
  return new Stacked(built, { dropout, residual, rng })
}

/**
 * An Elman network (Elman 1990).
 *
 * @throws RangeError or ShapeError when an option does not fit
 */
export function elman<const O extends NetworkOptions & ElmanOptions>(
  inputSize: number,
  hiddenSize: number,
  options: Only<O, NetworkOptions & ElmanOptions>,
): Network<ElmanState, O> {
  // `build` makes exactly what `Network` describes; the compiler cannot follow the conditional type.
  return build('elman', inputSize, { ...options, cell: (size) => new ElmanCell(size, hiddenSize, options) }) as Network<
    ElmanState,
    O
  >
}

/**
 * A GRU network (Cho et al. 2014).
 *
 * @throws RangeError or ShapeError when an option does not fit
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { gru } from '@ostinato/rnn'
 * const network = gru(8, 16, { bidirectional: true, rng: new Rng(1) })
 * const { output, state } = network.forward(zeros([2, 5, 8]), { lengths: [5, 0] })
 * console.assert(output.shape.join() === '2,5,32' && state.backward.hidden.shape.join() === '2,16')
 * ```
 */
export function gru<const O extends NetworkOptions & GruOptions>(
  inputSize: number,
  hiddenSize: number,
  options: Only<O, NetworkOptions & GruOptions>,
): Network<GruState, O> {
  return build('gru', inputSize, { ...options, cell: (size) => new GruCell(size, hiddenSize, options) }) as Network<
    GruState,
    O
  >
}

/**
 * An LSTM network (Hochreiter & Schmidhuber 1997).
 *
 * @throws RangeError or ShapeError when an option does not fit
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { lstm } from '@ostinato/rnn'
 * const network = lstm(64, 128, { layers: 2, bidirectional: true, rng: new Rng(1) })
 * const { output, state } = network.forward(zeros([3, 4, 64]))
 * console.assert(output.shape.join() === '3,4,256' && state[1].forward.cell.shape.join() === '3,128')
 * ```
 */
export function lstm<const O extends NetworkOptions & LstmOptions>(
  inputSize: number,
  hiddenSize: number,
  options: Only<O, NetworkOptions & LstmOptions>,
): Network<LstmState, O> {
  return build('lstm', inputSize, { ...options, cell: (size) => new LstmCell(size, hiddenSize, options) }) as Network<
    LstmState,
    O
  >
}
