// Recurrent forecasters of all styles: they learn what can be learned, use what is known ahead, say honest intervals,
// come back as they were saved, and never look beyond what they are given.
import { Rng } from '@ostinato/tensor'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  gaussianHead,
  mae,
  networkForecaster,
  quantileHead,
  studentTHead,
  type FittedNetwork,
  type Forecast,
  type History,
  type NetworkOptions,
} from '../src/index.ts'

const styles = ['direct', 'bidirectional', 'encoder-decoder', 'autoregressive'] as const
const noise = new Rng(7).normal([2000]).data
const cut = 420

/** A season of 6, a flag that is known ahead and costs 4, and noise. */
const full: History & { readonly known: readonly Float64Array[] } = (() => {
  const rng = new Rng(3)
  const flag = Float64Array.from({ length: 600 }, () => Number(rng.next() < 0.15))
  const values = flag.map((on, t) => 20 + 3 * Math.sin((2 * Math.PI * t) / 6) - 4 * on + 0.3 * noise[t])
  return { values, known: [flag] }
})()
const until = (end: number): History => ({ values: full.values.slice(0, end), known: full.known })
const past = (end: number): History => ({ values: full.values.slice(0, end), known: [full.known[0].slice(0, end)] })

const size = { inputLength: 12, hiddenSize: 16, batchSize: 32 }
const base: NetworkOptions = { head: gaussianHead(), ...size, epochs: 14, learningRate: 0.01 }

describe.each(styles)('%s', (style) => {
  const origins = Array.from({ length: 28 }, (_, i) => cut + 6 * i)

  test('learns a season and a flag that is known ahead', async () => {
    const fitted = await networkForecaster({ ...base, style, paths: 60 }).fit([past(cut)], { horizon: 6 })
    const forecasts = fitted.predict(origins.map(until), 6)
    const errors = forecasts.map(({ mean }, i) => mae(full.values.slice(origins[i], origins[i] + 6), mean))
    // The noise alone costs 0.24; without the flag it would be 0.24 + 1 or so.
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.75)
    const inside = forecasts.flatMap(({ quantiles: { values } = { levels: [], values: [] } }, i) => {
      const actual = Array.from(full.values.slice(origins[i], origins[i] + 6))
      return actual.map((y, h) => Number(y >= values[1][h] && y <= values[5][h]))
    })
    const covered = inside.reduce((sum: number, one) => sum + one, 0) / inside.length
    expect(covered).toBeGreaterThan(0.55)
    expect(covered).toBeLessThan(0.98)
  })

  test('is saved and comes back; is the same for the same seed', async () => {
    const forecaster = networkForecaster({ ...base, style, epochs: 1, cell: 'lstm', head: studentTHead() })
    const options = { horizon: 4, levels: [0.25, 0.5] }
    const [first, again] = [await forecaster.fit([past(150)], options), await forecaster.fit([past(150)], options)]
    const expected = first.predict([until(200)], 4)
    expect(again.predict([until(200)], 4)).toEqual(expected)
    expect(forecaster.restore(first.state(), options).predict([until(200)], 4)).toEqual(expected)
    const broken = first.state()
    broken.delete('scaling.values')
    expect(() => forecaster.restore(broken, options)).toThrow(/expected 'scaling.values' in the state, got none/)
  })

  test('what lies beyond the history changes nothing; what lies in it does', async () => {
    const fitted = await networkForecaster({ ...base, style, epochs: 1 }).fit([past(150)], { horizon: 4 })
    const [{ mean }] = fitted.predict([until(200)], 4)
    const known = [full.known[0].map((value, t) => (t < 204 ? value : 1e6))]
    expect(fitted.predict([{ values: full.values.slice(0, 200), known }], 4)[0].mean).toEqual(mean)
    const values = full.values.slice(0, 200)
    values[199] += 5
    expect(fitted.predict([{ values, known: full.known }], 4)[0].mean).not.toEqual(mean)
  })
})

test('a batch of histories says what each says alone', async () => {
  const fitted = await networkForecaster({ ...base, epochs: 1 }).fit([past(150)], { horizon: 3 })
  const together = fitted.predict([until(160), until(190)], 3)
  const apart = [160, 190].map((end) => fitted.predict([until(end)], 3)[0])
  together.forEach(({ mean }, i) => mean.forEach((value, h) => expect(value).toBeCloseTo(apart[i].mean[h], 4)))
})

test('log returns: what has learned nothing forecasts the last value, and volatility widens the intervals', async () => {
  const prices = new Float64Array(700)
  let log = Math.log(100)
  for (let t = 0; t < 700; t++) prices[t] = Math.exp((log += 0.01 * (t > 600 ? 4 : 1) * noise[t]))
  const idle = { scaling: 'log-returns', epochs: 2, learningRate: 1e-6 } as const
  const forecaster = networkForecaster({ ...base, head: studentTHead(), ...idle })
  const fitted = await forecaster.fit([{ values: prices.slice(0, 500) }], { horizon: 5 })
  const [calm, wild] = fitted.predict([{ values: prices.slice(0, 590) }, { values: prices.slice(0, 690) }], 5)
  expect(Math.abs(calm.mean[4] / prices[589] - 1)).toBeLessThan(0.002)
  const width = ({ quantiles: { values } = { levels: [], values: [] }, mean }: Forecast) =>
    (values[6][4] - values[0][4]) / mean[4]
  expect(width(wild)).toBeGreaterThan(2 * width(calm))
  await expect(forecaster.fit([{ values: prices.map((price) => price - 100) }], { horizon: 5 })).rejects.toThrow(
    /values above 0 for the scaling 'log-returns'/)
})

test('events can be watched, and a signal ends the fitting', async () => {
  const kinds: string[] = []
  async function* watch<T extends { readonly type: string }>(events: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const event of events) {
      kinds.push(event.type)
      yield event
    }
  }
  const forecaster = networkForecaster({ ...base, head: quantileHead(), epochs: 1 })
  await forecaster.fit([past(120)], { horizon: 3, watch })
  expect(kinds).toEqual(expect.arrayContaining(['start', 'step', 'epoch', 'stop']))
  await expect(forecaster.fit([past(120)], { horizon: 3, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
})

test('errors and types', async () => {
  expect(() => networkForecaster({ ...base, inputLength: 1, epochs: 0, validation: 1 })).toThrow(/3 faults/)
  const forecaster = networkForecaster({ ...base, epochs: 1 })
  await expect(forecaster.fit([past(15)], { horizon: 4 })).rejects.toThrow(/at least 17 values, got 15/)
  const fitted = await forecaster.fit([past(80)], { horizon: 4 })
  expect(() => fitted.predict([until(80)], 5)).toThrow(/horizon of at most 4, which it was fitted for, got 5/)
  expect(() => fitted.predict([{ values: full.values }], 2)).toThrow(/expected 1 known and 0 observed covariates as in training, got 0 and 0/)
  expectTypeOf(forecaster.fit).returns.resolves.toEqualTypeOf<FittedNetwork>()
})
