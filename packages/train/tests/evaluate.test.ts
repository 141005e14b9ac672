// One pass without training, and the averages.
import { tensor } from '@ostinato/tensor'
import { Averages, evaluate } from '@ostinato/train'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { loader, run, weights } from './support.ts'

describe('evaluate', () => {
  test('changes nothing: no parameter, no random generator', async () => {
    const { model, step } = run()
    const before = [weights(model), model.dropout.rng.state()]
    const first = await evaluate({ data: loader(), step })
    expect(await evaluate({ data: loader(), step })).toEqual(first)
    expect([weights(model), model.dropout.rng.state()]).toEqual(before)
  })

  test('the size of batches does not matter', async () => {
    const { step } = run()
    const [small, large] = [await evaluate({ data: loader(3), step }), await evaluate({ data: loader(40), step })]
    expect(small.loss).toBeCloseTo(large.loss, 6)
  })

  test('a signal ends it with its reason, not with a part of the average', async () => {
    const stop = new AbortController()
    const step = vi.fn(run().step)
    const aborting = (batch: Parameters<typeof step>[0]) => {
      if (step.mock.calls.length === 1) stop.abort(new Error('enough'))
      return step(batch)
    }
    await expect(evaluate({ data: loader(), step: aborting, signal: stop.signal })).rejects.toThrow('enough')
    expect(step).toHaveBeenCalledTimes(2)
    await expect(evaluate({ data: loader(), step, signal: stop.signal })).rejects.toThrow('enough')
    expect(step).toHaveBeenCalledTimes(2)
  })
})

describe('Averages', () => {
  const outcome = fc.record({
    loss: fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }).map((value) => tensor(value)),
    count: fc.integer({ min: 1, max: 50 }),
    metrics: fc.record({ a: fc.double({ min: -9, max: 9, noNaN: true }), b: fc.constant(1) }, { requiredKeys: ['b'] }),
  })

  test('are the weighted means, wherever they were saved in between', () => {
    fc.assert(fc.property(fc.array(outcome, { minLength: 1 }), fc.nat(), (outcomes, cut) => {
      const whole = new Averages()
      let parts = new Averages()
      outcomes.forEach((one, i) => {
        whole.add(one)
        if (i === cut % outcomes.length) parts = Averages.from(JSON.parse(JSON.stringify(parts.state())) as never)
        parts.add(one)
      })
      expect(parts.scores()).toEqual(whole.scores())
      const withA = outcomes.filter(({ metrics }) => metrics.a !== undefined)
      const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
      const weigh = (values: readonly (readonly [number, number])[]) =>
        sum(values.map(([value, count]) => value * count)) / sum(values.map(([, count]) => count))
      expect(whole.scores().loss).toBeCloseTo(weigh(outcomes.map(({ loss, count }) => [loss.item(), count])), 8)
      if (withA.length > 0) {
        expect(whole.scores()['a']).toBeCloseTo(weigh(withA.map(({ metrics, count }) => [metrics.a ?? 0, count])), 8)
      }
    }))
  })

  test('of nothing there is no loss', () => {
    expect(new Averages().scores()).toEqual({ loss: NaN })
  })
})
