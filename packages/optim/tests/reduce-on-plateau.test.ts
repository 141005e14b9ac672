// The rate that falls on a plateau: its modes, its pauses, its state.
import { Adam, ReduceOnPlateau, warmup } from '@ostinato/optim'
import { Parameter, tensor } from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'

type Options = ConstructorParameters<typeof ReduceOnPlateau>[0]
const observe = (options: Omit<Options, 'learningRate'>, metrics: number[]) => {
  const plateau = new ReduceOnPlateau({ learningRate: 1, factor: 0.5, patience: 0, ...options })
  return metrics.map(metric => plateau.observe(metric))
}

describe('ReduceOnPlateau', () => {
  test('waits as long as it is patient', () => {
    expect(observe({ patience: 2 }, [5, 5, 5, 5, 5, 5, 5])).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25])
    expect(observe({ patience: 1 }, [5, 6, 4, 6, 3, 6, 6])).toEqual([1, 1, 1, 1, 1, 1, 0.5])
  })

  test('measures better relatively or absolutely, down or up', () => {
    expect(observe({ threshold: 0.1 }, [10, 9.5])).toEqual([1, 0.5])
    expect(observe({ threshold: 0.1 }, [10, 8.9])).toEqual([1, 1])
    expect(observe({ threshold: 0.1, thresholdMode: 'absolute' }, [10, 9.8, 9.75])).toEqual([1, 1, 0.5])
    expect(observe({ threshold: 0.1, goal: 'maximum' }, [10, 10.5])).toEqual([1, 0.5])
    expect(observe({ threshold: 0.1, goal: 'maximum' }, [10, 11.5])).toEqual([1, 1])
    expect(observe({ threshold: 0.1, goal: 'maximum', thresholdMode: 'absolute' }, [10, 10.5])).toEqual([1, 1])
    expect(observe({ threshold: 0 }, [10, 10])).toEqual([1, 0.5])
  })

  test('counts nothing while it cools down', () => {
    expect(observe({ cooldown: 2 }, [1, 1, 1, 1, 1, 1, 1])).toEqual([1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25])
  })

  test('stops at the minimum and leaves tiny changes out', () => {
    expect(observe({ minimum: 0.3 }, [1, 1, 1, 1])).toEqual([1, 0.5, 0.3, 0.3])
    expect(observe({ smallestChange: 0.25 }, [1, 1, 1, 1])).toEqual([1, 0.5, 0.5, 0.5])
  })

  test('takes infinitely bad metrics, refuses NaN and infinitely good ones', () => {
    expect(observe({}, [Infinity, 3, 3])).toEqual([0.5, 0.5, 0.25])
    const plateau = new ReduceOnPlateau({ learningRate: 1 })
    expect(() => plateau.observe(NaN)).toThrow(/observe: expected a metric that is finite.*got NaN: has training diverged/)
    expect(() => plateau.observe(-Infinity)).toThrow(RangeError)
    expect(() => new ReduceOnPlateau({ learningRate: 1, goal: 'maximum' }).observe(Infinity)).toThrow(RangeError)
  })

  test('goes on from a saved state exactly', () => {
    const options: Options = { learningRate: 1, factor: 0.7, patience: 1, cooldown: 1 }
    const metrics = [3, 3, 3, 2, 2, 2, 2.1, 1, 1, 1, 1, 1]
    for (let cut = 0; cut <= metrics.length; cut++) {
      const whole = new ReduceOnPlateau(options)
      metrics.slice(0, cut).forEach(metric => whole.observe(metric))
      const resumed = new ReduceOnPlateau(options)
      resumed.loadState(JSON.parse(JSON.stringify(whole.state())) as ReturnType<ReduceOnPlateau['state']>)
      expect(metrics.slice(cut).map(metric => resumed.observe(metric)))
        .toEqual(metrics.slice(cut).map(metric => whole.observe(metric)))
    }
  })

  test('names all that is wrong with options and states', () => {
    expect(() => new ReduceOnPlateau({ learningRate: NaN, factor: 1 })).toThrow(/2 faults.*learningRate.*factor/s)
    expect(() => new ReduceOnPlateau({ learningRate: 1, goal: 'min' as 'minimum' })).toThrow(/one of 'minimum', 'maximum'/)
    const plateau = new ReduceOnPlateau({ learningRate: 1 })
    const state = plateau.state()
    expect(() => plateau.loadState({ ...state, waited: -1, best: NaN })).toThrow(/loadState: 2 faults.*best.*waited/s)
    expect(() => plateau.loadState({} as typeof state)).toThrow(/4 faults/)
    expect(plateau.state()).toEqual(state)
  })

  test('gives an optimizer its rate, also behind a warm-up', () => {
    const parameter = new Parameter(tensor([0]))
    const plateau = new ReduceOnPlateau({ learningRate: 1, factor: 0.5, patience: 0 })
    const optimizer = new Adam([parameter], { learningRate: warmup(plateau.schedule, 1) })
    expect(optimizer.learningRate).toBe(0.5)
    optimizer.step(new Map([[parameter, tensor([1])]]))
    expect(optimizer.learningRate).toBe(1)
    plateau.observe(1)
    plateau.observe(1)
    expect(optimizer.learningRate).toBe(0.5)
  })
})
