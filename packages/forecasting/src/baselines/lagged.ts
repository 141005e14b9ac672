// Regression on the past: the values before a step and what is known of it, as a row of numbers; forecasts that go step
// by step on their own results. What kind of regression is learned is the business of ridge.ts and boosted-trees.ts.
import { countFaults, failIfAny } from '../check.ts'
import { checkHistories, checkTraining, type Forecaster, type History } from '../forecaster.ts'

/** What a row sees of the past. */
export interface LaggedOptions {
  /** How many values before a step are looked at. */
  readonly lags: number
  /**
   * What lags and target are measured from: nothing; or, so that a level never seen is no obstacle, the mean of the
   * lags or the last of them (for series near a random walk). What is measured from an anchor cannot return to a level.
   */
  readonly anchor?: 'none' | 'mean' | 'last'
}

/** Rows and what came of them, in order of time. */
export interface Design {
  readonly rows: number
  readonly columns: number
  /** `[rows, columns]`, row after row: the lags, newest first, then the known covariates of the step. */
  readonly x: Float64Array
  /** `[rows]`. */
  readonly y: Float64Array
}

/** Learns a function of a row. */
export type Regression = (design: Design) => (row: Float64Array) => number

/** A step, and what is known of it. */
interface Place {
  readonly t: number
  readonly known: readonly Float64Array[]
}

/** A forecaster that predicts the next value by a regression on a row and feeds it back for the steps after it. */
export function laggedForecaster(name: string, { lags, anchor = 'none' }: LaggedOptions, regress: Regression): Forecaster {
  failIfAny(name, countFaults('lags', lags))
  const anchorOf = (values: Float64Array, t: number) => {
    if (anchor === 'none') return 0
    if (anchor === 'last') return values[t - 1]
    let sum = 0
    for (let i = t - lags; i < t; i++) sum += values[i]
    return sum / lags
  }
  /** Writes the row of step `t` of `values` and returns its anchor. */
  const write = (row: Float64Array, values: Float64Array, { t, known }: Place) => {
    const level = anchorOf(values, t)
    for (let lag = 1; lag <= lags; lag++) row[lag - 1] = values[t - lag] - level
    for (let k = 0; k < known.length; k++) row[lags + k] = known[k][t]
    return level
  }
  const design = (training: readonly History[]): Design => {
    const columns = lags + (training[0].known?.length ?? 0)
    const rows = training.reduce((sum, { values }) => sum + values.length - lags, 0)
    const [x, y] = [new Float64Array(rows * columns), new Float64Array(rows)]
    let i = 0
    for (const { values, known = [] } of training) {
      for (let t = lags; t < values.length; t++, i++) {
        y[i] = values[t] - write(x.subarray(i * columns, (i + 1) * columns), values, { t, known })
      }
    }
    return { rows, columns, x, y }
  }
  return {
    name,
    fit(training, options) {
      checkTraining(name, training, { ...options, least: lags + 10 })
      const count = training[0].known?.length ?? 0
      const predictRow = regress(design(training))
      return {
        predict(histories, horizon) {
          checkHistories(name, histories, { horizon, least: lags })
          const row = new Float64Array(lags + count)
          return histories.map(({ values, known = [] }, i) => {
            if (known.length !== count) {
              const got = `${known.length} in histories[${i}]`
              failIfAny(name, [`expected ${count} known covariates as in training, got ${got}`])
            }
            const extended = new Float64Array(values.length + horizon)
            extended.set(values)
            for (let t = values.length; t < extended.length; t++) {
              const level = write(row, extended, { t, known })
              extended[t] = level + predictRow(row)
            }
            return { mean: extended.slice(values.length) }
          })
        },
      }
    },
  }
}
