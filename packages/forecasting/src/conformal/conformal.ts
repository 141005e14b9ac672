// Intervals that keep their word: what a model was off by on cases it did not learn from tells how wide its intervals
// have to be, and what it is off by later corrects them. It does not forecast.
import { countFaults, failIfAny } from '../check.ts'
import type { Forecast } from '../forecaster.ts'
import { centralInterval } from '../metrics/quantile.ts'

/** How intervals are calibrated. */
export interface ConformalOptions {
  /** The coverage that is wanted, such as 0.8. */
  readonly level: number
  /** Steps ahead: each is calibrated for itself. */
  readonly horizon: number
  /**
   * How strongly each outcome corrects the level, `γ` of adaptive conformal inference. 0 is split conformal prediction:
   * nothing is corrected. Default 0.
   */
  readonly adaptation?: number
  /** How many of the newest scores count for a step. Default 500. */
  readonly memory?: number
}

/** Bounds around a forecast, each `[horizon]`. */
export interface Interval {
  readonly lower: Float64Array
  readonly upper: Float64Array
}

/**
 * Conformal intervals around forecasts, for each step ahead by itself.
 *
 * The score of an outcome `y` is how far it lies outside the model's own interval `[l, u]` (inside: below 0), in
 * units of its width: `max(l - y, y - u) / (u - l)` (Romano, Patterson and Candès 2019, "Conformalized quantile
 * regression"; scaled as in Sesia and Candès 2020); of a model without quantiles the absolute error, `|y - f|`. The
 * interval is moved out by the
 * `⌈(n + 1)(1 - α)⌉`-th smallest of `n` scores (Vovk et al. 2005; Lei et al. 2018, "Distribution-free predictive
 * inference for regression", §2.2): of exchangeable cases a share of at least `1 - α` is covered.
 *
 * Time series are not exchangeable, least of all in a crisis. With `adaptation` γ, each outcome moves the level,
 * `α ← α + γ (α* - 1{y outside})` (Gibbs and Candès 2021, "Adaptive conformal inference under distribution shift", eq.
 * 2), so that in the long run the right share is covered whatever happens; and its score joins the others. Outside
 * means: outside the interval as it would be when the outcome becomes known, which for several steps ahead is later
 * than it was given. Where more is asked for than scores can tell, the interval reaches to the worst score remembered,
 * and where `α` falls to 0 twice as far: the whole line, which theory asks for, would help nobody.
 *
 * @example
 * ```ts
 * import { ConformalIntervals } from '@ostinato/forecasting'
 * const intervals = new ConformalIntervals({ level: 0.8, horizon: 1, adaptation: 0.02 })
 * const forecast = { mean: Float64Array.of(10) }
 * for (let error = -10; error <= 10; error++) intervals.observe(forecast, Float64Array.of(10 + error))
 * const { lower, upper } = intervals.around(forecast)
 * console.assert(upper[0] - lower[0] >= 16 && upper[0] - lower[0] <= 20)
 * ```
 */
export class ConformalIntervals {
  readonly #options: Required<ConformalOptions>
  /** By step: the newest scores, oldest first, and the same in rising order. */
  readonly #scores: { readonly queue: number[]; readonly sorted: number[] }[]
  /** By step: the share of misses that is aimed at now. */
  readonly #alphas: Float64Array

  /** @throws RangeError when an option does not fit */
  constructor({ level, horizon, adaptation = 0, memory = 500 }: ConformalOptions) {
    failIfAny('ConformalIntervals', [
      ...countFaults('horizon', horizon),
      ...countFaults('memory', memory),
      ...(level > 0 && level < 1 ? [] : [`expected a level between 0 and 1, got ${level}`]),
      ...(adaptation >= 0 && adaptation < 1 ? [] : [`expected an adaptation from 0 to below 1, got ${adaptation}`]),
    ])
    this.#options = { level, horizon, adaptation, memory }
    this.#scores = Array.from({ length: horizon }, () => ({ queue: [], sorted: [] }))
    this.#alphas = new Float64Array(horizon).fill(1 - level)
  }

  /** Forgets all scores, since another model comes; what was learned of the level stays. */
  forget(): void {
    for (const { queue, sorted } of this.#scores) queue.length = sorted.length = 0
  }

  /**
   * Takes the outcome of a forecast into account, for the steps `from` up to `to` (default: all), once they are known.
   * Cases to calibrate with are given first, then outcomes as time goes on.
   *
   * @param actual what happened, `[horizon]`; steps outside the range are not read
   * @param options `adapt: false` for cases to calibrate with: the score counts, the level stays
   */
  observe(
    forecast: Forecast,
    actual: Float64Array,
    options: { readonly from?: number; readonly to?: number; readonly adapt?: boolean } = {},
  ): void {
    const { from = 0, to = this.#options.horizon, adapt = true } = options
    const { adaptation, level, memory } = this.#options
    const base = this.#base(forecast)
    for (let h = from; h < to; h++) {
      const score = scoreOf(base, actual[h], h)
      if (adapt && adaptation > 0 && this.#scores[h].queue.length > 0) {
        const missed = score > this.#reach(h) ? 1 : 0
        this.#alphas[h] += adaptation * (1 - level - missed)
      }
      const { queue, sorted } = this.#scores[h]
      queue.push(score)
      sorted.splice(placeOf(sorted, score), 0, score)
      if (queue.length > memory) sorted.splice(placeOf(sorted, queue.shift() ?? NaN), 1)
    }
  }

  /** @throws RangeError when nothing has been observed, or the forecast has not the right horizon or quantiles */
  around(forecast: Forecast): Interval {
    if (this.#scores.some(({ queue }) => queue.length === 0)) {
      failIfAny('ConformalIntervals.around', ['expected outcomes to calibrate with, got none: call observe() first'])
    }
    const base = this.#base(forecast)
    const moved = base.lower.map((low, h) => this.#reach(h) * unitOf(base, h))
    // An interval that shrinks beyond nothing is its middle.
    const middle = base.lower.map((low, h) => (low + base.upper[h]) / 2)
    return {
      lower: base.lower.map((low, h) => Math.min(low - moved[h], middle[h])),
      upper: base.upper.map((high, h) => Math.max(high + moved[h], middle[h])),
    }
  }

  /** The model's own interval; of a model without quantiles, its point. */
  #base({ mean, quantiles }: Forecast): Interval {
    const { horizon, level } = this.#options
    if (mean.length !== horizon) {
      failIfAny('ConformalIntervals', [`expected forecasts of ${horizon} steps, got ${mean.length}`])
    }
    return quantiles === undefined ? { lower: mean, upper: mean } : centralInterval(quantiles, level)
  }

  /** The score that is not to be exceeded at step `h`. */
  #reach(h: number): number {
    const { sorted } = this.#scores[h]
    const rank = Math.ceil((sorted.length + 1) * (1 - this.#alphas[h]))
    const worst = sorted[sorted.length - 1]
    if (rank <= sorted.length) return sorted[Math.max(0, rank - 1)]
    return this.#alphas[h] <= 0 ? worst + Math.abs(worst) : worst
  }
}

/** The first place in rising `sorted` whose value is not below `value`. */
function placeOf(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

const unitOf = ({ lower, upper }: Interval, h: number) => upper[h] - lower[h] || 1

const scoreOf = (base: Interval, y: number, h: number) =>
  Math.max(base.lower[h] - y, y - base.upper[h]) / unitOf(base, h)
