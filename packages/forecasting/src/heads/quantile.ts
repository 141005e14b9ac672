// A head that says quantiles and nothing of the distribution between them.
import { failIfAny, levelFaults } from '../check.ts'
import { defaultLevels } from '../forecaster.ts'
import type { Head } from './head.ts'
import { rowLoss, sigmoid, softplus, type RowLoss } from './row-loss.ts'

/**
 * Quantiles that cannot cross: the middle one is an output as it is, each further one lies a `softplus` of its output
 * beyond the one before. Learned by the pinball loss, averaged over the levels and doubled, which tends to the CRPS as
 * levels are added (Koenker and Bassett 1978; Wen et al. 2017, "A multi-horizon quantile recurrent forecaster", §3).
 * The point forecast is the middle quantile, the median where that is a level. Between levels quantiles are
 * interpolated; beyond them they stay.
 *
 * @param levels rising, between 0 and 1
 * @throws RangeError when they are not
 * @example
 * ```ts
 * import { quantileHead } from '@ostinato/forecasting'
 * const { quantile } = quantileHead([0.1, 0.5, 0.9]).marginal([-3, 1, -3])
 * console.assert(quantile(0.1) < 1 && quantile(0.5) === 1 && quantile(0.9) > 1)
 * ```
 */
export function quantileHead(levels: readonly number[] = defaultLevels): Head {
  failIfAny('quantileHead', levelFaults(levels))
  const size = levels.length
  const middle = levels.reduce((best, level, i) => (Math.abs(level - 0.5) < Math.abs(levels[best] - 0.5) ? i : best), 0)

  const quantilesOf = (outputs: ArrayLike<number>) => {
    const values = new Float64Array(size)
    values[middle] = outputs[middle]
    for (let i = middle + 1; i < size; i++) values[i] = values[i - 1] + softplus(outputs[i])
    for (let i = middle - 1; i >= 0; i--) values[i] = values[i + 1] - softplus(outputs[i])
    return values
  }

  const loss: RowLoss = (outputs, y, slopes) => {
    const values = quantilesOf(outputs)
    let [total, above, below] = [0, 0, 0]
    const slopeOf = (i: number) => {
      const error = y - values[i]
      total += Math.max(levels[i] * error, (levels[i] - 1) * error)
      return error > 0 ? -levels[i] : 1 - levels[i]
    }
    // An output moves its own quantile and all beyond it.
    for (let i = size - 1; i > middle; i--) slopes[i] = (2 / size) * (above += slopeOf(i)) * sigmoid(outputs[i])
    for (let i = 0; i < middle; i++) slopes[i] = (-2 / size) * (below += slopeOf(i)) * sigmoid(outputs[i])
    slopes[middle] = (2 / size) * (above + below + slopeOf(middle))
    return (2 / size) * total
  }

  const form = { name: 'quantileHead.loss', size, loss }
  return {
    name: 'quantiles',
    size,
    loss: (outputs, target, options) => rowLoss(form, outputs, target, options),
    marginal: (outputs) => {
      const values = quantilesOf(outputs)
      const quantile = (level: number) => interpolate(levels, values, level)
      return { mean: values[middle], quantile, sample: (rng) => quantile(rng.next()) }
    },
  }
}

function interpolate(levels: readonly number[], values: Float64Array, level: number): number {
  const next = levels.findIndex((one) => one >= level - 1e-12)
  if (next <= 0) return values[next < 0 ? values.length - 1 : 0]
  const part = Math.min(1, (level - levels[next - 1]) / (levels[next] - levels[next - 1]))
  // Rounding must not lift a quantile above the next.
  return part === 1 ? values[next] : values[next - 1] + part * (values[next] - values[next - 1])
}
