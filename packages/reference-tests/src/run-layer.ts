// Cases of feed-forward layers: made, given their parameters and statistics, run and compared.
import { Rng, Tensor } from '@ostinato/tensor'
import type { Fixture } from '@ostinato/test-utils'
import { checkCase, compare, floats, setParameters, type RunCase } from './case.ts'
import { Config } from './config.ts'
import { makers } from './layers.ts'

/** The inputs of a layer in order: x0, x1, …, or by the names of PyTorch's arguments. */
function inputNames({ inputs }: Fixture): string[] {
  const numbered = Object.keys(inputs).filter((key) => /^x\d+$/.test(key))
  if (numbered.length > 0) return numbered.sort()
  return ['x', 'input', 'query', 'key', 'value'].filter((key) => key in inputs)
}

export const runLayer: RunCase = (fixture, dtype) => {
  const { name, kind, inputs, params, expected } = fixture
  if (!Object.hasOwn(makers, kind)) throw new Error(`${name}: nothing is known of ${kind}`)
  const config = new Config(fixture)
  const { parameters, statistics = [], ids = false, call, after } = makers[kind](config, { rng: new Rng(0), dtype })
  config.done()
  const among = statistics.filter(([key]) => key in params)
  const tensors = new Map<string, Tensor>(setParameters(fixture, [...parameters, ...among]))
  for (const [key, statistic] of statistics) if (key in inputs) statistic.assign(floats(inputs, key, 'float64'))
  const given = ids ? [] : inputNames(fixture)
  const values = given.map((key) => floats(inputs, key, dtype))
  given.forEach((key, i) => tensors.set(key, values[i]))
  for (const [key] of among) tensors.delete(key)
  checkCase(fixture, dtype, {
    tensors,
    forward: () => {
      const result = call(values, fixture, dtype)
      return result instanceof Tensor ? [{ name: 'y', cotangent: 'gy', value: result }] : result
    },
  })
  for (const [key, statistic] of statistics) if (key in expected) compare(statistic, expected, { key, dtype })
  after?.(fixture)
}
