// What is said of a run first, for the terminal and the report: whether a network did better than the best baseline.
import { bestBaseline, bestNetwork, type JudgedModel } from './judge.ts'

/** Said wherever a forecast is shown. */
export const warning = 'This is a demonstration of forecasting methods, not investment advice.'

/** One honest sentence about all models, the losses included. */
export function verdict(
  models: readonly JudgedModel[],
  { walk, horizon }: { readonly walk: boolean; readonly horizon: number },
): string {
  const [network, baseline] = [bestNetwork(models), bestBaseline(models)]
  if (network === undefined)
    return baseline === undefined
      ? 'Nothing was judged.'
      : `No network was run; the best baseline, ${baseline.name}, has a MASE of ${mase(baseline)}.`
  if (baseline === undefined)
    return `The best network, ${network.name}, has a MASE of ${mase(network)}; no baseline was run, so that says little.`
  const share = Math.abs(1 - network.scores.mase.mean / baseline.scores.mase.mean)
  const percent = `${(100 * share).toFixed(1)} %`
  const figures = `MASE ${mase(network)} against ${mase(baseline)}, ${horizon} steps ahead`
  if (network.scores.mase.mean >= baseline.scores.mase.mean) {
    const prices = walk ? ', and nobody should expect it to' : ''
    return `The best network (${network.name}) does not beat the best baseline, ${baseline.name}${prices}: ${figures}.`
  }
  if (network.test === undefined || network.test.pValue > 0.05)
    return `The best network (${network.name}) is ${percent} better than the best baseline, ${baseline.name}, which may be chance: ${figures}.`
  return `The best network (${network.name}) beats the best baseline, ${baseline.name}, by ${percent}: ${figures} (Diebold-Mariano p ${formatP(network.test.pValue)}).`
}

const mase = ({ scores }: JudgedModel) => scores.mase.mean.toFixed(3)

const formatP = (p: number) => (p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`)
