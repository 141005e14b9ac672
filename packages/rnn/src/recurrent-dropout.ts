// Dropout inside a recurrent layer, one mask for a whole sequence. Dropout between layers is the business of `Stacked`.
import { Dropout } from '@ostinato/nn'
import { isTraining, multiply, onesLike, withTraining, type Rng, type Tensor } from '@ostinato/tensor'
import { CellWrapper } from './cell-wrapper.ts'
import { changeState, type Cell, type CellStep, type FusedOptions, type SequenceResult, type State } from './cell.ts'

/** What a recurrent dropout drops. */
export interface RecurrentDropoutOptions<S> {
  /** The probability of dropping a feature of the input. Default 0. */
  readonly input?: number
  /** The probability of dropping a unit of what is fed back. Default 0. */
  readonly recurrent?: number
  /**
   * The names of the states that count as fed back. Default `hidden`, or every one where none has this name. The cell
   * of an LSTM is left alone: it is a memory.
   */
  readonly states?: readonly (keyof S & string)[]
  /** Draws the masks: once a sequence, not once a step. */
  readonly rng: Rng
}

/**
 * Variational dropout: while training, one mask drops features of `x_t` and one drops units of the state that the
 * recurrent weights read; both are the same at every step of a sequence and new for every sequence and row:
 *
 *     h_t = step(x_t * m_x, h_{t-1} * m_h),   m = bernoulli(1 - p) / (1 - p)
 *
 * (Gal & Ghahramani 2016, "A theoretically grounded application of dropout in recurrent neural networks", §4.) A GRU's
 * update gate keeps units of the state that is not masked. Out of training nothing is dropped, and a fused form runs as
 * it is; it does in training too where only the input is dropped.
 *
 * The masks belong to the call that runs the sequence, and are no part of the state: a sequence that goes on from a
 * state handed in draws new ones. `rng` alone decides them, so a run that is saved with it and restored goes on
 * exactly.
 *
 * @throws RangeError when a probability is not from 0 to 1, or a name is not one of the cell's states
 * @example
 * ```ts
 * import { ones, Rng, withTraining } from '@ostinato/tensor'
 * import { LstmCell, RecurrentDropoutCell, Rnn } from '@ostinato/rnn'
 * const cell = new RecurrentDropoutCell(new LstmCell(4, 8, { rng: new Rng(1) }), {
 *   input: 0.2,
 *   recurrent: 0.3,
 *   rng: new Rng(2),
 * })
 * const layer = new Rnn(cell)
 * const x = ones([2, 5, 4])
 * const [plain, dropped] = [layer.forward(x), withTraining(true, () => layer.forward(x))]
 * console.assert(plain.output.data[0] !== dropped.output.data[0])
 * ```
 */
export class RecurrentDropoutCell<S extends State> extends CellWrapper<S> {
  readonly input: Dropout
  readonly recurrent: Dropout
  readonly states: readonly string[]

  constructor(cell: Cell<S>, { input = 0, recurrent = 0, states, rng }: RecurrentDropoutOptions<S>) {
    super(cell)
    const names = Object.keys(cell.initialState(0))
    const unknown = states?.filter((name) => !names.includes(name)) ?? []
    if (unknown.length > 0) {
      throw new RangeError(`RecurrentDropoutCell: expected states among ${names.join(', ')}, got ${unknown.join(', ')}`)
    }
    this.input = new Dropout(input, { rng })
    this.recurrent = new Dropout(recurrent, { rng })
    this.states = states ?? (names.includes('hidden') ? ['hidden'] : names)
  }

  override begin(): CellStep<S> {
    const step = this.cell.begin()
    if (!isTraining()) return step
    const dropInput = oneMask(this.input)
    const drops = new Map(this.states.map((name) => [name, oneMask(this.recurrent)]))
    const dropState = (state: S) => changeState(state, (value, name) => drops.get(name)?.(value) ?? value)
    return (x, state, read = state) => step(dropInput(x), state, dropState(read))
  }

  override sequence(x: Tensor, options: FusedOptions<S>): SequenceResult<S> | undefined {
    if (!isTraining()) return this.cell.sequence(x, options)
    if (this.recurrent.probability > 0) return undefined
    const { probability, rng } = this.input
    return this.cell.sequence(new Dropout(probability, { rng, sharedAxes: [1] }).forward(x), options)
  }
}

/** Dropout with one mask, drawn at the first call. */
function oneMask(dropout: Dropout): (x: Tensor) => Tensor {
  if (dropout.probability === 0) return (x) => x
  let mask: Tensor | undefined
  return (x) => {
    mask ??= withTraining(true, () => dropout.forward(onesLike(x)))
    return multiply(x, mask)
  }
}
