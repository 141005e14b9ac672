// Conformal intervals on a walk through time: outcomes reach them with the delay that they have in life. What an
// interval is stands in conformal.ts; whom it is put around is the business of judge.ts.
import { ConformalIntervals, type Interval } from '../conformal/conformal.ts'
import type { Forecast } from '../forecaster.ts'

/** Intervals of 80 and of 95 %. */
export interface Intervals {
  readonly 80: Interval
  readonly 95: Interval
}

/** A forecast with what came true, `[horizon]`. */
export interface Outcome {
  readonly forecast: Forecast
  readonly actual: Float64Array
}

interface Pending extends Outcome {
  readonly origin: number
  /** Steps that have been observed. */
  seen: number
}

export class WalkingIntervals {
  readonly #eighty: ConformalIntervals
  readonly #ninetyFive: ConformalIntervals
  #pending: Pending[] = []
  /** Whether every step has been observed once. */
  #ready = false

  constructor(options: { readonly horizon: number; readonly adaptation?: number; readonly memory?: number }) {
    this.#eighty = new ConformalIntervals({ ...options, level: 0.8 })
    this.#ninetyFive = new ConformalIntervals({ ...options, level: 0.95 })
  }

  /** A new model, with cases held out for it: their scores replace those of the one before. */
  calibrate(held: readonly Outcome[]): void {
    this.#pending = []
    this.#ready = held.length > 0
    for (const intervals of [this.#eighty, this.#ninetyFive]) {
      intervals.forget()
      for (const { forecast, actual } of held) intervals.observe(forecast, actual, { adapt: false })
    }
  }

  /**
   * The intervals of a forecast made at `origin`, from what was known then; undefined as long as that is nothing.
   * `actual` is looked at when later origins come.
   */
  around(origin: number, outcome: Outcome): Intervals | undefined {
    for (const one of this.#pending) {
      const to = Math.min(one.actual.length, origin - one.origin)
      for (const intervals of [this.#eighty, this.#ninetyFive]) {
        intervals.observe(one.forecast, one.actual, { from: one.seen, to })
      }
      one.seen = to
      this.#ready ||= to === one.actual.length
    }
    this.#pending = this.#pending.filter(({ seen, actual: { length } }) => seen < length)
    this.#pending.push({ ...outcome, origin, seen: 0 })
    const { forecast } = outcome
    return this.#ready ? { 80: this.#eighty.around(forecast), 95: this.#ninetyFive.around(forecast) } : undefined
  }
}
