// How the values of a window come to a size that suits a network, and how what it says comes back. What is learned for
// that comes from the training part; what a window needs of its own comes from its input.
import type { History } from '../forecaster.ts'

/**
 * `standard`: mean and deviation of the training part. `window`: mean and deviation of each window's input, so that
 * levels never seen are no obstacle. `log-returns`: changes of the logarithm in units of the window's own volatility,
 * from the last value on: a network that says 0 says that nothing changes. Needs values above 0.
 */
export type ScalingName = 'standard' | 'window' | 'log-returns'

/** The scaling of one window. */
export interface WindowScale {
  /** The input as the network sees it, `[inputLength]`. */
  readonly input: Float64Array
  /** How strongly the window moves, next to the training part: a feature, about 0. */
  readonly volatility: number
  /** For models that say each step by itself. */
  readonly direct: Scale
  /** For models that go on from their own last step. */
  readonly steps: Scale
}

/** Both ways between the units of a series and the network's. `[horizon]` -> `[horizon]`. */
export interface Scale {
  transform(values: Float64Array): Float64Array
  invert(values: Float64Array): Float64Array
}

/** Centre and spread of the training part: of values, or of log returns. */
export interface Moments {
  readonly centre: number
  readonly spread: number
}

/** What a scaling learns of the training part. */
export function fitScaling(name: ScalingName, training: readonly History[]): Moments {
  const lists = training.map(({ values }) => (name === 'log-returns' ? returnsOf(values) : values))
  return momentsOf(lists, name === 'log-returns')
}

/** The scaling of a window that begins with `input`. */
export function scaleWindow(name: ScalingName, { centre, spread }: Moments, input: Float64Array): WindowScale {
  if (name === 'log-returns') return scaleReturns(spread, input)
  const own = name === 'window' ? momentsOf([input], false) : { centre, spread }
  const scale: Scale = {
    transform: (values) => values.map((value) => (value - own.centre) / own.spread),
    invert: (values) => values.map((value) => value * own.spread + own.centre),
  }
  return { input: scale.transform(input), volatility: Math.log(own.spread / spread), direct: scale, steps: scale }
}

function scaleReturns(spread: number, input: Float64Array): WindowScale {
  const returns = returnsOf(input)
  const own = Math.max(momentsOf([returns], true).spread, 0.1 * spread)
  const last = Math.log(input[input.length - 1])
  const changes = (values: Float64Array) => values.map((value) => (Math.log(value) - last) / own)
  const scaled = new Float64Array(input.length)
  returns.forEach((value, i) => (scaled[i + 1] = value / own))
  return {
    input: scaled,
    volatility: Math.log(own / spread),
    direct: {
      // A random walk spreads with the root of time.
      transform: (values) => changes(values).map((change, h) => change / Math.sqrt(h + 1)),
      invert: (values) => values.map((value, h) => Math.exp(last + own * value * Math.sqrt(h + 1))),
    },
    steps: {
      transform: (values) => changes(values).map((change, h, all) => (h === 0 ? change : change - all[h - 1])),
      invert: (values) => {
        let sum = 0
        return values.map((value) => Math.exp(last + own * (sum += value)))
      },
    },
  }
}

const returnsOf = (values: Float64Array) =>
  Float64Array.from({ length: values.length - 1 }, (_, t) => Math.log(values[t + 1] / values[t]))

/** Mean and deviation over all lists; a spread of 0 is taken for 1. Returns have hardly a mean: theirs stays 0. */
function momentsOf(lists: readonly Float64Array[], aroundZero: boolean): Moments {
  const count = lists.reduce((sum, list) => sum + list.length, 0)
  const total = (f: (value: number) => number) =>
    lists.reduce((sum, list) => list.reduce((inner, value) => inner + f(value), sum), 0) / count
  const centre = aroundZero ? 0 : total((value) => value)
  return { centre, spread: Math.sqrt(total((value) => (value - centre) ** 2)) || 1 }
}
