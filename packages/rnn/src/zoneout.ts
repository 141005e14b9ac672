// Zoneout: units that keep what they held. A cell's wrapper, for training.
import { add, isTraining, multiply, where, type Rng, type Tensor } from '@ostinato/tensor'
import { CellWrapper } from './cell-wrapper.ts'
import { changeState, type Cell, type CellStep, type FusedOptions, type SequenceResult, type State } from './cell.ts'

/** How likely a unit is to keep its value. */
export interface ZoneoutOptions<S> {
  /** The probability for each state by its name; those without stay as they are. A number is that of every state. */
  readonly probability: number | { readonly [K in keyof S]?: number }
  /** Draws which units keep their value, at every step anew. */
  readonly rng: Rng
}

/**
 * Zoneout: while training, each unit of the state keeps its former value with a probability `p`, drawn for every step;
 * otherwise the expected value of that stands in its place:
 *
 *     s_t = d * s_{t-1} + (1 - d) * step(x_t, s_{t-1}),   d = bernoulli(p) in training, p out of it
 *
 * (Krueger et al. 2017, "Zoneout: regularizing RNNs by randomly preserving hidden activations", §3.) A cell whose
 * output is one of its states puts out what that state became. There is no fused form where a probability is above 0.
 *
 * @throws RangeError when a probability is not from 0 to 1, or a name is not one of the cell's states
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { LstmCell, Rnn, ZoneoutCell } from '@ostinato/rnn'
 * const lstm = new LstmCell(3, 5, { rng: new Rng(1) })
 * const layer = new Rnn(new ZoneoutCell(lstm, { probability: { hidden: 0.05, cell: 0.5 }, rng: new Rng(2) }))
 * console.assert(layer.forward(zeros([2, 7, 3])).state.cell.shape.join() === '2,5')
 * ```
 */
export class ZoneoutCell<S extends State> extends CellWrapper<S> {
  /** The probability of each state. */
  readonly probabilities: Readonly<Record<string, number>>
  readonly rng: Rng

  constructor(cell: Cell<S>, { probability, rng }: ZoneoutOptions<S>) {
    super(cell)
    const names = Object.keys(cell.initialState(0))
    const given: Readonly<Record<string, number | undefined>> =
      typeof probability === 'number' ? Object.fromEntries(names.map((name) => [name, probability])) : probability
    const faults = Object.entries(given).flatMap(([name, value = 0]) => [
      ...(names.includes(name) ? [] : [`expected states among ${names.join(', ')}, got ${name}`]),
      ...(value >= 0 && value <= 1 ? [] : [`expected a probability from 0 to 1 for ${name}, got ${value}`]),
    ])
    if (faults.length > 0) throw new RangeError(`ZoneoutCell: ${faults.join('; ')}`)
    this.probabilities = Object.fromEntries(names.map((name) => [name, given[name] ?? 0]))
    this.rng = rng
  }

  override begin(): CellStep<S> {
    const step = this.cell.begin()
    return (x, state, read) => {
      const next = step(x, state, read)
      const kept = changeState(next.state, (value, name) => this.keep(state[name], value, this.probabilities[name]))
      const shown = Object.keys(kept).find((name) => next.state[name] === next.output)
      return { output: shown === undefined ? next.output : kept[shown], state: kept }
    }
  }

  override sequence(x: Tensor, options: FusedOptions<S>): SequenceResult<S> | undefined {
    const idle = Object.values(this.probabilities).every((probability) => probability === 0)
    return idle ? this.cell.sequence(x, options) : undefined
  }

  private keep(former: Tensor, next: Tensor, probability: number): Tensor {
    if (probability === 0) return next
    return isTraining()
      ? where(this.rng.bernoulli(next.shape, probability), former, next)
      : add(multiply(former, probability), multiply(next, 1 - probability))
  }
}
