// Gradient-boosted regression trees over lags and known covariates. Single trees are grown in tree.ts, rows made in
// lagged.ts.
import { countFaults, failIfAny } from '../check.ts'
import type { Forecaster } from '../forecaster.ts'
import { laggedForecaster, type Design, type LaggedOptions } from './lagged.ts'
import { binColumns, growTree, treeValue, type Tree, type TreeOptions } from './tree.ts'

/** The form of a boosted forecaster. */
export interface BoostedTreesOptions extends LaggedOptions, Partial<TreeOptions> {
  /** The most trees. Default 200; how many are kept is chosen on the last tenth of the training part. */
  readonly trees?: number
  /** What each tree counts for. Default 0.05. */
  readonly learningRate?: number
}

/**
 * Gradient boosting of the squared error (Friedman 2001, "Greedy function approximation", algorithm 2): each tree is
 * grown on what those before it left over, and counts for a fraction. Histograms of 256 bins, leaf by leaf, as
 * LightGBM does (Ke et al. 2017). Trees cannot go beyond what they have seen, so the anchor is the mean unless it is
 * said. Forecasts go on from their own results.
 *
 * @throws RangeError when an option does not fit
 * @example
 * ```ts
 * import { boostedTrees } from '@ostinato/forecasting'
 * const values = Float64Array.from({ length: 300 }, (_, t) => [1, 5, 2, 8][t % 4])
 * const fitted = await boostedTrees({ lags: 4 }).fit([{ values }], { horizon: 2 })
 * console.assert(Math.abs(fitted.predict([{ values }], 2)[0].mean[1] - 5) < 0.1)
 * ```
 */
export function boostedTrees(options: BoostedTreesOptions): Forecaster {
  const { trees = 200, learningRate = 0.05, leaves = 31, leastRows = 20, penalty = 1 } = options
  failIfAny('boosted trees', [
    ...countFaults('trees', trees),
    ...countFaults('leaves', leaves, 2),
    ...countFaults('leastRows', leastRows),
    ...(learningRate > 0 && learningRate <= 1 ? [] : [`expected a learningRate above 0 and at most 1, got ${learningRate}`]),
    ...(penalty >= 0 && penalty < Infinity ? [] : [`expected a finite penalty of 0 or more, got ${penalty}`]),
  ])
  return laggedForecaster('boosted trees', { anchor: 'mean', ...options }, (design) => {
    const { rows, columns, x, y } = design
    const cut = Math.max(1, Math.floor(0.9 * rows))
    const data = binColumns(x.subarray(0, cut * columns), cut, columns)
    const start = y.subarray(0, cut).reduce((sum, value) => sum + value, 0) / cut
    const residuals = y.slice(0, cut).map((value) => value - start)
    const left = y.slice(cut).map((value) => value - start)
    const fitted = new Float64Array(cut)
    const grown: Tree[] = []
    let [kept, least] = [0, sumOfSquares(left)]
    for (let i = 1; i <= trees; i++) {
      const tree = growTree(data, residuals, { fitted, leaves, leastRows, penalty })
      grown.push(tree)
      for (let row = 0; row < cut; row++) residuals[row] -= learningRate * fitted[row]
      const error = leftOver(design, { cut, left, tree, learningRate })
      if (error < least) [kept, least] = [i, error]
      // So long without gain that there will be none.
      if (i - kept >= 30 && rows > cut) break
    }
    const ensemble = rows > cut ? grown.slice(0, kept) : grown
    return (row) => ensemble.reduce((sum, tree) => sum + learningRate * treeValue(tree, row), start)
  })
}

const sumOfSquares = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0)

/** Takes the tree's part from what is left of the rows held out, and tells its squares. */
function leftOver(
  { columns, x }: Design,
  { cut, left, tree, learningRate }: { cut: number; left: Float64Array; tree: Tree; learningRate: number },
): number {
  for (let i = 0; i < left.length; i++) {
    left[i] -= learningRate * treeValue(tree, x.subarray((cut + i) * columns, (cut + i + 1) * columns))
  }
  return sumOfSquares(left)
}
