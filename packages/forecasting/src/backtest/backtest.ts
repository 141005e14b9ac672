// Judging a forecaster as if time went by: fit to the past, forecast what came after, move on. Folds are cut elsewhere
// (`walkForward` of `@ostinato/datasets/series`); the judging is in judge.ts.
import { failIfAny } from '../check.ts'
import type { FitOptions, Forecaster, History } from '../forecaster.ts'
import { foldFaults, judgeForecasts } from './judge.ts'
import type { BacktestFold, BacktestResult, FoldForecasts, JudgingOptions } from './judge.ts'

/** How forecasters are fitted and judged. */
export interface BacktestOptions extends FitOptions, JudgingOptions {}

/**
 * Walks forward: in each fold the forecaster is fitted anew to the training part, then forecasts each case from all
 * that was known at its origin (Tashman 2000, "Out-of-sample tests of forecasting accuracy"). With `calibration`
 * there are conformal intervals of 80 and 95 % around each forecast, and with `adaptation` they learn from outcomes,
 * each as soon as it would have been known and not before; what was learned of the level is kept from fold to fold.
 *
 * @throws RangeError when there is no fold or case, horizons differ, or a training part is too short to calibrate
 * @example
 * ```ts
 * import { TimeSeries, walkForward } from '@ostinato/datasets/series'
 * import { backtest, compareForecasts, persistence, seasonalNaive } from '@ostinato/forecasting'
 * const times = Array.from({ length: 200 }, (_, t) => t)
 * const series = new TimeSeries({ times, values: times.map((t) => [1, 5, 2, 8][t % 4] + Math.sin(t) / 4) })
 * const folds = walkForward(series, { horizon: 4, folds: 3, foldLength: 20 })
 * const options = { horizon: 4, calibration: { steps: 60 } }
 * const naive = await backtest(persistence(), folds, options)
 * const seasonal = await backtest(seasonalNaive(4), folds, options)
 * console.assert(seasonal.scores.mase.mean < 0.2 * naive.scores.mase.mean)
 * console.assert(compareForecasts(seasonal, naive).pValue < 0.01)
 * ```
 */
export async function backtest(
  forecaster: Forecaster,
  folds: readonly BacktestFold[],
  options: BacktestOptions,
): Promise<BacktestResult> {
  const { horizon } = options
  failIfAny('backtest', [...foldFaults(folds, options), ...holdOutFaults(folds, options)])
  const made: FoldForecasts[] = []
  for (const { train, cases } of folds) {
    const { learn, held } = holdOut(train.series, options)
    const fitted = await forecaster.fit([learn], options)
    const say = (of: readonly { readonly history: History }[]) =>
      of.length === 0 ? [] : fitted.predict(of.map(({ history }) => history), horizon)
    const calibrating = say(held).map((forecast, i) => ({ forecast, actual: held[i].actual }))
    made.push({ forecasts: say(cases), ...(held.length > 0 && { held: calibrating }) })
  }
  return judgeForecasts({ name: forecaster.name, folds: made }, folds, options)
}

/** What is held out of each training part, where something is. */
const heldOut = ({ calibration }: JudgingOptions) =>
  calibration !== undefined && 'steps' in calibration ? calibration : undefined

function holdOutFaults(folds: readonly BacktestFold[], options: BacktestOptions): string[] {
  const shortest = Math.min(...folds.map(({ train }) => train.series.values.length))
  const steps = heldOut(options)?.steps
  const needed = (steps ?? 0) + 2
  return [
    ...(steps === undefined || steps >= options.horizon
      ? []
      : [`expected at least ${options.horizon} steps to calibrate with, the horizon, got ${steps}`]),
    ...(shortest >= needed ? [] : [`expected training parts of at least ${needed} values, got ${shortest}`]),
  ]
}

const until = ({ values, known, observed }: History, end: number, ahead: number): History => ({
  values: values.subarray(0, end),
  ...(known && { known: known.map((list) => list.subarray(0, end + ahead)) }),
  ...(observed && { observed: observed.map((list) => list.subarray(0, end)) }),
})

/** The part to learn from, and the cases after it to calibrate with. */
function holdOut(series: History, options: BacktestOptions) {
  const held = heldOut(options)
  if (held === undefined) return { learn: series, held: [] }
  const { steps, stride = 1 } = held
  const { horizon } = options
  const { length } = series.values
  const cut = length - steps
  const cases = Array.from({ length: Math.floor((steps - horizon) / stride) + 1 }, (_, i) => {
    const origin = cut + i * stride
    return { history: until(series, origin, horizon), actual: series.values.subarray(origin, origin + horizon) }
  })
  return { learn: until(series, cut, 0), held: cases }
}
