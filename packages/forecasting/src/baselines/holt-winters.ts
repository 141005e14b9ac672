// Exponential smoothing with trend and season. Its few parameters are fitted; the first states are read off the first
// two seasons. Other baselines are in files of their own.
import { countFaults, failIfAny } from '../check.ts'
import { checkHistories, checkTraining, type Forecaster, type History } from '../forecaster.ts'
import { nelderMead } from './nelder-mead.ts'

/** The form of the smoothing. */
export interface HoltWintersOptions {
  /** The length of a season in steps. Default 1: no season. */
  readonly period?: number
  /** Whether a season adds to the level or multiplies it; multiplied values must be above 0. Default `additive`. */
  readonly seasonal?: 'additive' | 'multiplicative'
  /** Default `damped`. */
  readonly trend?: 'none' | 'linear' | 'damped'
}

/** What smoothing learns: the weight of the newest value in level, trend and season, and how fast a trend fades. */
export interface HoltWintersParameters {
  readonly level: number
  readonly trend: number
  readonly season: number
  /** 1: it does not. */
  readonly damping: number
}

interface Form {
  readonly period: number
  readonly multiplies: boolean
  readonly hasTrend: boolean
}

interface Smoothed {
  readonly level: number
  readonly trend: number
  /** The newest value of each season: step `t` has number `t % period`. */
  readonly seasons: Float64Array
  /** The mean squared error of the forecasts one step ahead. */
  readonly error: number
}

/**
 * Exponential smoothing after Holt (1957) and Winters (1960), in the form with additive or multiplicative seasons and
 * the damped trend of Gardner and McKenzie (1985); equations of Hyndman and Athanasopoulos (2021), "Forecasting:
 * principles and practice", §8.3, additive:
 *
 *     l[t] = α (y[t] - s[t-m]) + (1 - α) (l[t-1] + φ b[t-1])
 *     b[t] = β (l[t] - l[t-1]) + (1 - β) φ b[t-1]
 *     s[t] = γ (y[t] - l[t-1] - φ b[t-1]) + (1 - γ) s[t-m]
 *     f[T+h] = l[T] + (φ + … + φ^h) b[T] + s[T+h-m…]
 *
 * `α`, `β`, `γ` in (0, 1) and `φ` in (0.8, 1) minimise the squared errors one step ahead over the training part, by
 * Nelder and Mead's simplex from several starts.
 *
 * @throws RangeError when an option does not fit, or a season multiplies and a value is not above 0
 * @example
 * ```ts
 * import { holtWinters } from '@ostinato/forecasting'
 * const values = Float64Array.from({ length: 40 }, (_, t) => 100 + t + [5, -3, 0, -2][t % 4])
 * const fitted = await holtWinters({ period: 4, trend: 'linear' }).fit([{ values }], { horizon: 4 })
 * const [{ mean }] = fitted.predict([{ values }], 4)
 * console.assert(Math.abs(mean[0] - 145) < 0.5 && Math.abs(mean[3] - 141) < 0.5)
 * ```
 */
export function holtWinters(options: HoltWintersOptions = {}): Forecaster {
  const { period = 1, seasonal = 'additive', trend = 'damped' } = options
  failIfAny('holtWinters', countFaults('period', period))
  const form: Form = { period, multiplies: period > 1 && seasonal === 'multiplicative', hasTrend: trend !== 'none' }
  const name = period > 1 || trend !== 'none' ? 'Holt-Winters' : 'exponential smoothing'
  const least = Math.max(2 * period, 2)
  return {
    name,
    fit(training, fitOptions) {
      checkTraining(name, training, { ...fitOptions, least })
      checkPositive(name, form, training)
      const parameters = fitParameters(form, trend, training)
      return {
        predict(histories, horizon) {
          checkHistories(name, histories, { horizon, least })
          checkPositive(name, form, histories)
          return histories.map(({ values }) => {
            const smoothed = smooth(form, parameters, values)
            return { mean: extend({ form, parameters, smoothed, length: values.length }, horizon) }
          })
        },
      }
    },
  }
}

function checkPositive(where: string, { multiplies }: Form, histories: readonly History[]): void {
  if (!multiplies || histories.every(({ values }) => values.every((value) => value > 0))) return
  failIfAny(where, ["expected values above 0 where seasons multiply, got others: take seasonal 'additive'"])
}

/** The parameters of least squared error, each series in units of its own spread. */
function fitParameters(
  form: Form,
  trend: NonNullable<HoltWintersOptions['trend']>,
  training: readonly History[],
): HoltWintersParameters {
  const unit = (x: number) => 1 / (1 + Math.exp(-x))
  const read = (x: Float64Array): HoltWintersParameters => ({
    level: unit(x[0]),
    trend: form.hasTrend ? unit(x[2]) : 0,
    season: form.period > 1 ? unit(x[1]) : 0,
    damping: trend === 'damped' ? 0.8 + 0.199 * unit(x[3]) : 1,
  })
  const spreads = training.map(({ values }) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length || 1
  })
  const cost = (x: Float64Array) =>
    training.reduce((sum, { values }, i) => sum + smooth(form, read(x), values).error / spreads[i], 0)
  // Weights of 0.1 and 0.5 for the level; slow seasons and trends.
  const starts = [-2.2, 0].flatMap((level) => [-4, -1].map((season) => Float64Array.of(level, season, -4, 2)))
  const ends = starts.map((start) => nelderMead(cost, start, { step: 1 }))
  return read(ends.reduce((best, one) => (one.value < best.value ? one : best)).at)
}

/** Runs through `values` with the first states of their first two seasons. */
function smooth(form: Form, parameters: HoltWintersParameters, values: Float64Array): Smoothed {
  const { period, multiplies, hasTrend } = form
  const { level: alpha, trend: beta, season: gamma, damping } = parameters
  const meanOf = (from: number) => values.subarray(from, from + period).reduce((sum, value) => sum + value, 0) / period
  const [first, second] = [meanOf(0), meanOf(period)]
  let trend = hasTrend ? (second - first) / period : 0
  // The mean of a season stands in its middle; the state before the first value is half a season earlier.
  let level = first - (trend * (period + 1)) / 2
  const seasons = Float64Array.from({ length: period }, (_, i) => {
    if (period === 1) return 0
    const base = first + trend * (i - (period - 1) / 2)
    return multiplies ? values[i] / base : values[i] - base
  })
  let error = 0
  for (let t = 0; t < values.length; t++) {
    const season = seasons[t % period]
    const base = level + damping * trend
    const residual = values[t] - (multiplies ? base * season : base + season)
    error += residual * residual
    const newLevel = alpha * (multiplies ? values[t] / season : values[t] - season) + (1 - alpha) * base
    trend = beta * (newLevel - level) + (1 - beta) * damping * trend
    if (period > 1) {
      seasons[t % period] = gamma * (multiplies ? values[t] / base : values[t] - base) + (1 - gamma) * season
    }
    level = newLevel
  }
  return { level, trend, seasons, error: error / values.length }
}

interface Fitted {
  readonly form: Form
  readonly parameters: HoltWintersParameters
  readonly smoothed: Smoothed
  /** How many values were smoothed. */
  readonly length: number
}

function extend({ form: { period, multiplies }, parameters, smoothed, length }: Fitted, horizon: number): Float64Array {
  const { level, trend, seasons } = smoothed
  let [grown, power] = [0, 1]
  return Float64Array.from({ length: horizon }, (_, h) => {
    power *= parameters.damping
    grown += power
    const season = seasons[(length + h) % period]
    const base = level + grown * trend
    return multiplies ? base * season : base + season
  })
}
