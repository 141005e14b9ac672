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

/** By name: the sum of mean times count over batches, and the sum of counts. */
export type AveragesState = Readonly<Record<string, { readonly total: number; readonly count: number }>>

/**
 * Means over batches, weighted by their counts: Σ count · value / Σ count. A metric that only some batches have is
 * averaged over those.
 *
 * @example
 * ```ts
 * import { tensor } from '@ostinato/tensor'
 * import { Averages } from '@ostinato/train'
 * const averages = new Averages()
 * averages.add({ loss: tensor(1), count: 3, metrics: { accuracy: 1 } })
 * averages.add({ loss: tensor(5), count: 1, metrics: { accuracy: 0 } })
 * console.assert(averages.scores().loss === 2 && averages.scores().accuracy === 0.75)
 * console.assert(Averages.from(averages.state()).scores().loss === 2)
 * ```
 */
export class Averages {
  readonly #sums = new Map<string, { readonly total: number; readonly count: number }>()

  /** Averages that go on where `state()` was taken. */
  static from(state: AveragesState): Averages {
    const averages = new Averages()
    for (const [name, sum] of Object.entries(state)) averages.#sums.set(name, sum)
    return averages
  }

  /** @throws RangeError when the count is negative or not finite, or a metric is no number or called `loss` */
  add({ loss, count, metrics = {} }: Outcome): void {
    checkOutcome(count, metrics)
    for (const [name, value] of [['loss', loss.item()], ...Object.entries(metrics)] as const) {
      const sum = this.#sums.get(name) ?? { total: 0, count: 0 }
      this.#sums.set(name, { total: sum.total + value * count, count: sum.count + count })
    }
  }

  /** The means so far; a loss of NaN when nothing was added. */
  scores(): Scores {
    const means = Array.from(this.#sums, ([name, { total, count }]) => [name, total / count] as const)
    return { loss: NaN, ...Object.fromEntries(means) }
  }

  /** Plain data for `Averages.from`. */
  state(): AveragesState {
    return Object.fromEntries(this.#sums)
  }
}

function checkOutcome(count: unknown, metrics: Readonly<Record<string, unknown>>): void {
  const faults: string[] = []
  if (typeof count !== 'number' || !(count >= 0 && count < Infinity)) {
    faults.push(`count: expected a finite number of 0 or more, got ${String(count)}`)
  }
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value !== 'number') faults.push(`metrics.${name}: expected a number, got ${typeof value}: use item()`)
    if (name === 'loss') faults.push('metrics.loss: expected another name: the loss is averaged under this one')
  }
  if (faults.length > 0) throw new RangeError(`step: ${faults.join('; ')}`)
}
