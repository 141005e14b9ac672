// What one batch gives, and how batches are averaged into an epoch.
import type { Tensor } from '@ostinato/tensor'

/** The result of running the model on one batch. */
export interface Outcome {
  /** The loss to minimise: one element, a mean over the batch. */
  readonly loss: Tensor
  /** How many examples (or predictions) the means are over: the batch's weight in averages. */
  readonly count: number
  /** Further means over the batch, by name. */
  readonly metrics?: Readonly<Record<string, number>>
  /** How many tokens (time steps) were processed, for the rate shown. */
  readonly tokens?: number
}

/** Averages over batches: the loss and every metric. */
export interface Scores {
  readonly loss: number
  readonly [metric: string]: number
}

/** Averages that can be saved in the middle of an epoch. */
export interface AveragesState {
  readonly count: number
  readonly totals: Readonly<Record<string, number>>
}

/** Means over batches, weighted by their counts. */
export class Averages {
  #count = 0
  readonly #totals = new Map<string, number>()

  static from(state: AveragesState): Averages {
    const averages = new Averages()
    averages.#count = state.count
    for (const [name, total] of Object.entries(state.totals)) averages.#totals.set(name, total)
    return averages
  }

  add({ loss, count, metrics = {} }: Outcome): void {
    this.#count += count
    for (const [name, value] of Object.entries({ loss: loss.item(), ...metrics })) {
      this.#totals.set(name, (this.#totals.get(name) ?? 0) + value * count)
    }
  }

  /** The means so far; a loss of NaN when nothing was added. */
  scores(): Scores {
    const means = Object.fromEntries([...this.#totals].map(([name, total]) => [name, total / this.#count]))
    return { loss: NaN, ...means }
  }

  state(): AveragesState {
    return { count: this.#count, totals: Object.fromEntries(this.#totals) }
  }
}
