// Whether one forecaster did better than another on the same cases. The test itself is in metrics/diebold-mariano.ts.
import { failIfAny } from '../check.ts'
import { dieboldMariano, type DieboldMariano } from '../metrics/diebold-mariano.ts'
import { mae } from '../metrics/point.ts'
import type { BacktestResult } from './judge.ts'

/**
 * Whether one forecaster did better than another on the same cases by more than chance: `dieboldMariano` of their mean
 * absolute errors, case by case; cases that overlap count as the steps they share.
 *
 * @throws RangeError when their cases are not the same
 */
export function compareForecasts(a: BacktestResult, b: BacktestResult): DieboldMariano {
  const same = a.cases.length === b.cases.length && a.cases.every(({ origin }, i) => origin === b.cases[i].origin)
  failIfAny('compareForecasts', same ? [] : [`expected results on the same cases, got others of '${a.name}' and '${b.name}'`])
  const losses = ({ cases }: BacktestResult) => cases.map(({ actual, forecast: { mean } }) => mae(actual, mean))
  const strides = a.cases.slice(1).map(({ origin }, i) => origin - a.cases[i].origin)
  const overlap = Math.ceil(a.cases[0].actual.length / Math.max(1, Math.min(...strides)))
  return dieboldMariano(losses(a), losses(b), Math.min(Math.max(1, overlap), a.cases.length - 1))
}
